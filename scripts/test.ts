// `npm test`: type check, lint, format, then every test but the heavy ones; arguments are given to tap (`npm test -- test/services/ils`).
// `npm run test:heavy`: those. CI runs both.
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { projectRoot } from './lab/node-child.ts'
import { createTapReport } from './tap-report.ts'

const checks: readonly (readonly [string, ...string[]])[] = [
  ['tsc', '--noEmit'],
  ['oxlint', '--deny-warnings'],
  ['oxfmt', '--check'],
]

/** Minutes of one core, or of waiting: without them `npm test` stays under ten minutes on two cores. */
const heavy = [
  'test/compose/sentinel.test.ts',
  'test/fuzz/doors.test.ts',
  'test/fuzz/ils.test.ts',
  'test/namespaces/namespaces.test.ts',
  'test/simulation/mutation.test.ts',
]

/** Runs one check with its output shown; true when it found nothing. */
async function check([command, ...arguments_]: readonly [string, ...string[]]): Promise<boolean> {
  const started = performance.now()
  const code = await exitCode(spawn(command, arguments_, { cwd: projectRoot, stdio: ['ignore', 'inherit', 'inherit'] }))
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  print(`${code === 0 ? 'ok' : 'NOT OK'}  ${[command, ...arguments_].join(' ')} (${seconds} s)`)
  return code === 0
}

/** Runs tap on these and reports; true when at least one test passed and none failed. */
async function runTests(files: readonly string[]): Promise<boolean> {
  const child = spawn('tap', ['--reporter=tap', ...files], { cwd: projectRoot, stdio: ['ignore', 'pipe', 'inherit'] })
  const report = createTapReport(print)
  const lines = createInterface({ input: child.stdout }).on('line', report.line)
  const [code] = await Promise.all([exitCode(child), new Promise((resolve) => lines.once('close', resolve))])
  const { passed, failed, skipped, skips } = report.totals()
  for (const reason of skips) print(`skipped  ${reason}`)
  if (passed + failed + skipped === 0) print('No test ran.')
  print(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  return code === 0 && failed === 0 && passed > 0
}

function exitCode(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function lightOnes(): readonly string[] {
  return globSync('test/**/*.test.ts', { cwd: projectRoot, exclude: heavy }).sort()
}

const asked = process.argv.slice(2)
const results: boolean[] = []
if (asked[0] === '--heavy') results.push(await runTests([...heavy, ...asked.slice(1)]))
else {
  for (const one of checks) results.push(await check(one))
  results.push(await runTests(asked.length > 0 ? asked : lightOnes()))
}
if (results.includes(false)) process.exitCode = 1
