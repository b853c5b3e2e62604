import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { openClusterDatabase } from '../../../services/database/index.ts'
import { clock, createErrorLog } from './fixtures/test-database.ts'
import { endWith } from '../../fixtures/child-process.ts'

const enough = 200

t.test('everything that was answered is on disk after SIGKILL, and the file is free at once', async (t) => {
  const path = join(t.testdir(), 'cluster.sqlite')
  const script = new URL('fixtures/answering-writer.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  endWith(t, child)
  let said = ''
  let openedTwice = false
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    said += chunk
    if (!openedTwice && said.includes('open\n')) {
      openedTwice = true
      t.throws(
        () => openClusterDatabase({ path, clock, log: createErrorLog() }),
        { code: 'DATABASE_IN_USE' },
        'a second process is refused',
      )
    }
    if (said.split('\n').length > enough && !child.killed) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  t.equal(child.signalCode, 'SIGKILL')

  const database = openClusterDatabase({ path, clock, log: createErrorLog() })
  t.teardown(() => database.close())
  // A last line without its end was never fully said.
  const answered = said.split('\n').slice(1, -1)
  t.ok(answered.length >= enough - 1)
  const kept = new Set(database.endUsers.list().map(({ userId }) => userId))
  t.strictSame(
    answered.filter((userId) => !kept.has(userId)),
    [],
  )
})
