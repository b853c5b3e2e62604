// Picks the Node that can run this project and hands over to it. Plain JavaScript for Node 20 with nothing installed.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { InstallError, installMissing, projectRoot } from './install.mjs'

/** Type stripping without a flag and argon2 in node:crypto are both there from this version on. */
export const oldestNode = [24, 7]

/** What `npm run …` and the `bin` start: the TypeScript entry, the arguments before the caller's own, and which packages it needs. */
export const entries = {
  start: { script: 'roamline.ts', before: ['start'], set: 'prod' },
  demo: { script: 'roamline.ts', before: ['demo'], set: 'prod' },
  roamline: { script: 'roamline.ts', before: [], set: 'prod' },
  test: { script: 'test.ts', before: [], set: 'dev' },
  bench: { script: 'benchmark.ts', before: [], set: 'dev' },
  simulate: { script: 'simulate.ts', before: [], set: 'dev' },
  scale: { script: 'scale.ts', before: [], set: 'dev' },
}

/** True when `version` (`24.21.0`) is new enough. */
export function isNewEnough(version, oldest = oldestNode) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
}

/** The Node to run with: the running one if it is new enough, else the npm package's. Undefined when there is neither. */
export function chooseNode({ version, executable, packaged, exists = existsSync }) {
  if (isNewEnough(version)) return executable
  return exists(packaged) ? packaged : undefined
}

/** Installs what is missing, runs `name` with the caller's arguments and resolves with the exit code. Rejects with InstallError. */
export async function launch(name, arguments_) {
  const entry = entries[name]
  if (entry === undefined)
    throw new InstallError(`there is no "${name}"; there are: ${Object.keys(entries).join(', ')}`)
  await installMissing(entry.set)
  const packaged = join(projectRoot, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  const node = chooseNode({ version: process.versions.node, executable: process.execPath, packaged })
  if (node === undefined) throw new InstallError(noNode())
  return handOver(node, [join(projectRoot, 'scripts', entry.script), ...entry.before, ...arguments_])
}

function noNode() {
  const oldest = oldestNode.join('.')
  return (
    `Node ${oldest} or newer is needed, this is ${process.versions.node}, and the npm package "node" did not bring one ` +
    `(npm set to ignore-scripts, or no build for ${process.platform}-${process.arch}). Install Node ${oldest} yourself.`
  )
}

/** Runs to the end in a child: its output is ours, our signals are its, its exit code is ours. */
function handOver(node, arguments_) {
  const bin = join(projectRoot, 'node_modules', '.bin')
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` }
  env.NODE_COMPILE_CACHE ??= join(projectRoot, 'node_modules', '.cache', 'roamline')
  const child = spawn(node, arguments_, { stdio: 'inherit', env })
  const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const forward = (signal) => child.kill(signal)
  for (const signal of forwarded) process.on(signal, forward)
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new InstallError(`${node} cannot be run: ${error.message}`)))
    child.once('exit', (code, signal) => {
      for (const one of forwarded) process.off(one, forward)
      resolve(code ?? 128 + (constants.signals[signal] ?? 0))
    })
  })
}

/** The whole of a launcher: runs `name` and leaves with its exit code; a reason for people goes to stderr. */
export async function main(name, arguments_) {
  try {
    process.exitCode = await launch(name, arguments_)
  } catch (error) {
    if (!(error instanceof InstallError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}
