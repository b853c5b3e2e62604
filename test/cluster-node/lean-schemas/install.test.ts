import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const program = join(import.meta.dirname, 'fixtures', 'print-schemas.ts')

interface Printed {
  readonly isReal: boolean
  readonly routes: readonly unknown[]
  readonly config: object
}

async function print(which: 'lean' | 'typebox'): Promise<Printed> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, which], { maxBuffer: 16_000_000 })
  return JSON.parse(stdout) as Printed
}

t.test('every schema of a cluster is the same with the stand-ins as with TypeBox itself', async (t) => {
  const [lean, real] = await Promise.all([print('lean'), print('typebox')])
  t.same([lean.isReal, real.isReal], [false, true], 'they are two different builders')
  t.ok(real.routes.length > 20)
  t.strictSame(lean.routes, real.routes)
  t.strictSame(lean.config, real.config)
})
