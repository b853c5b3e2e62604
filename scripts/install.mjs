// Installs what is missing. Plain JavaScript for Node 20 with nothing installed: imports nothing but Node itself.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** The folder of package.json. */
export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)))

/** Raised for people: the message says what to do, no stack is wanted. */
export class InstallError extends Error {}

/**
 * Makes node_modules fit package-lock.json. `wanted` is `prod` or `dev`; a dev installation also serves prod and is never
 * taken back. Two at once take turns. Rejects with InstallError.
 */
export async function installMissing(wanted, root = projectRoot) {
  if (isInstalled(wanted, root)) return
  const unlock = await lock(join(root, '.roamline', 'install.lock'))
  try {
    if (isInstalled(wanted, root)) return
    await npmCi(wanted, root)
    writeStamp(wanted, root)
  } finally {
    unlock()
  }
}

/** True when node_modules holds at least the `wanted` set of exactly this package-lock.json. */
export function isInstalled(wanted, root = projectRoot) {
  const modules = join(root, 'node_modules')
  if (!existsSync(modules)) return false
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8')
  if (serves(readJson(join(modules, stampName)), hashOf(lockText), wanted)) return true
  // npm itself may have been run by hand (a developer, an image): its own record of what it put there decides.
  const present = readJson(join(modules, '.package-lock.json'))
  if (present === undefined || !holds(present, JSON.parse(lockText), wanted)) return false
  writeStamp(wanted, root)
  return true
}

/** Whether a stamp found in node_modules is good enough. */
export function serves(stamp, lockHash, wanted) {
  return stamp?.lock === lockHash && (stamp.set === 'dev' || stamp.set === wanted)
}

/** Whether npm's hidden lockfile lists every package that the lock asks for, each at the version asked for. */
export function holds(present, asked, wanted) {
  return Object.entries(asked.packages).every(([path, entry]) => {
    if (path === '' || entry.link || entry.optional || entry.devOptional) return true
    if (entry.dev && wanted === 'prod') return true
    return present.packages?.[path]?.version === entry.version
  })
}

const stampName = '.roamline-installed.json'

function writeStamp(set, root) {
  const lockHash = hashOf(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  try {
    writeFileSync(join(root, 'node_modules', stampName), `${JSON.stringify({ lock: lockHash, set })}\n`)
  } catch {
    // Read-only in an image: the longer look is taken each time.
  }
}

function hashOf(text) {
  return createHash('sha256').update(text).digest('hex')
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

async function npmCi(wanted, root) {
  const what = wanted === 'dev' ? 'everything, also what only tests need' : 'what is missing'
  process.stderr.write(`Installing ${what} (npm ci, about a minute the first time) …\n`)
  const started = Date.now()
  const arguments_ = ['ci', '--loglevel=error', '--no-fund', '--no-audit']
  if (wanted === 'prod') arguments_.push('--omit=dev')
  const code = await run('npm', arguments_, root, wanted)
  if (code !== 0) throw new InstallError(`npm ci ended with exit code ${code}; what it says above is the reason.`)
  process.stderr.write(`Installed in ${Math.round((Date.now() - started) / 1000)} s.\n`)
}

function run(command, arguments_, root, wanted) {
  return new Promise((resolve, reject) => {
    // npm's word about itself would mix with what the program prints. NODE_ENV=production would leave out the dev set.
    const env = { ...process.env, npm_config_update_notifier: 'false' }
    if (wanted === 'dev') delete env.NODE_ENV
    const child = spawn(command, arguments_, {
      cwd: root,
      stdio: ['ignore', 2, 2],
      env,
      shell: process.platform === 'win32',
    })
    child.once('error', (error) => reject(new InstallError(`npm cannot be run: ${error.message}`)))
    child.once('exit', (code, signal) => resolve(code ?? signal))
  })
}

/** A file that exists while somebody installs; it holds their process ID, so that one left by a killed process is no obstacle. */
async function lock(file) {
  mkdirSync(dirname(file), { recursive: true })
  let told = false
  while (!take(file)) {
    const holder = Number(readText(file))
    // Whoever finds it stale removes it and then sleeps, so that of two who found it at once only one takes it.
    if (holder > 0 ? !isAlive(holder) : isOld(file)) rmSync(file, { force: true })
    else if (!told) {
      told = true
      process.stderr.write(`Waiting for process ${holder || '?'}, which is installing …\n`)
    }
    await sleep(200)
  }
  return () => rmSync(file, { force: true })
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw new InstallError(`${file} cannot be written: ${error.message}`)
  }
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** Its owner died between making it and writing into it. */
function isOld(file) {
  const made = statSync(file, { throwIfNoEntry: false })?.mtimeMs
  return made !== undefined && Date.now() - made > 10_000
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
