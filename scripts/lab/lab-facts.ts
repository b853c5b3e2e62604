// `<data>/lab.json`: that a lab runs on this data, and where its control door is. Also how the CLI finds the lab.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { LabError } from './lab-error.ts'
import { projectRoot } from './node-child.ts'

/** Who runs a lab. `url` and `token` open its control door; they are absent for the moment in which it starts. */
export interface LabFacts {
  readonly lab: string
  readonly pid: number
  readonly startedAt: string
  readonly dataDirectory: string
  readonly url?: string
  readonly token?: string
}

const factsName = 'lab.json'

/** Where labs keep their data unless told otherwise, and where the CLI looks for running ones. */
export const labsDirectory = join(projectRoot, '.roamline')

/**
 * Takes the folder for this process, which is made if it is not there. Throws LabError: `LAB_ALREADY_RUNNING` while another process
 * that is alive has it, `LAB_USAGE` when it cannot be written.
 */
export function claim(facts: LabFacts): void {
  makeFolder(facts.dataDirectory)
  const file = join(facts.dataDirectory, factsName)
  for (;;) {
    try {
      writeFileSync(file, `${JSON.stringify(facts)}\n`, { flag: 'wx', mode: 0o600 })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(facts.dataDirectory, error as Error)
    }
    const holder = readFacts(facts.dataDirectory)
    if (holder && isAlive(holder.pid)) {
      throw new LabError(
        'LAB_ALREADY_RUNNING',
        `The lab on ${facts.dataDirectory} is already running (process ${holder.pid}); ` +
          'see `npx roamline status`, end it with `npx roamline down`, or start another with --data DIR.',
      )
    }
    rmSync(file, { force: true })
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw unusable(folder, error as Error)
  }
}

function unusable(folder: string, cause: Error): LabError {
  return new LabError('LAB_USAGE', `A lab cannot keep its data in ${folder}: ${cause.message}`, { cause })
}

/** Adds what became known since `claim`. */
export function publish(facts: LabFacts): void {
  const file = join(facts.dataDirectory, factsName)
  writeFileSync(`${file}.new`, `${JSON.stringify(facts)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** Gives the folder back. */
export function release({ dataDirectory }: LabFacts): void {
  rmSync(join(dataDirectory, factsName), { force: true })
}

/** The facts of the lab that runs on this data. Throws LabError (`LAB_NOT_RUNNING`). */
export function runningLabAt(dataDirectory: string): LabFacts & Required<Pick<LabFacts, 'url' | 'token'>> {
  const facts = readFacts(dataDirectory)
  if (!facts || !isAlive(facts.pid)) {
    throw new LabError('LAB_NOT_RUNNING', `No lab runs on ${dataDirectory}; start one with \`npm start\`.`)
  }
  const { url, token } = facts
  if (url === undefined || token === undefined) {
    throw new LabError('LAB_NOT_RUNNING', `The lab on ${dataDirectory} is just starting; try again in a moment.`)
  }
  return { ...facts, url, token }
}

/** The data folder of the one lab that runs. `name` chooses among several. Throws LabError (`LAB_NOT_RUNNING`, `LAB_USAGE`). */
export function findRunningLab(name?: string, directory: string = labsDirectory): string {
  const running = candidates(directory).filter(
    (facts) => isAlive(facts.pid) && (name === undefined || facts.lab === name),
  )
  const [first, second] = running
  if (!first) {
    const which = name === undefined ? 'No lab' : `No lab named "${name}"`
    throw new LabError(
      'LAB_NOT_RUNNING',
      `${which} is running; start one with \`npm start\`, or say where with --data DIR.`,
    )
  }
  if (second) {
    const places = running.map((facts) => facts.dataDirectory).join(', ')
    throw new LabError('LAB_USAGE', `Several labs are running, choose one with --data DIR: ${places}`)
  }
  return first.dataDirectory
}

/** Labs whose data is elsewhere leave a pointer, so that the CLI finds them too. Returns the function that takes it away. */
export function announce(facts: LabFacts, directory: string = labsDirectory): () => void {
  const file = join(directory, `${pointerPrefix}${facts.pid}.json`)
  try {
    mkdirSync(directory, { recursive: true })
    writeFileSync(file, `${JSON.stringify({ dataDirectory: facts.dataDirectory })}\n`)
  } catch {
    // The project's folder may be read-only; then --data DIR is how to find the lab.
  }
  return () => rmSync(file, { force: true })
}

const pointerPrefix = 'running-'

function candidates(directory: string): LabFacts[] {
  let names: string[] = []
  try {
    names = readdirSync(directory)
  } catch {
    return []
  }
  const folders = names.map((name) =>
    name.startsWith(pointerPrefix) ? pointedAt(join(directory, name)) : join(directory, name),
  )
  const distinct = [...new Set(folders.filter((folder) => folder !== undefined))]
  return distinct.map((folder) => readFacts(folder)).filter((facts) => facts !== undefined)
}

function pointedAt(file: string): string | undefined {
  const pid = Number(/\d+/u.exec(basename(file))?.[0])
  if (!isAlive(pid)) {
    rmSync(file, { force: true })
    return undefined
  }
  return (readJson(file) as { dataDirectory?: string } | undefined)?.dataDirectory
}

function readFacts(dataDirectory: string): LabFacts | undefined {
  const facts = readJson(join(dataDirectory, factsName)) as Partial<LabFacts> | undefined
  return typeof facts?.pid === 'number' ? (facts as LabFacts) : undefined
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** A process ID is used again after a restart of the machine: one of another program must not keep the folder for ever. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  const command = commandLineOf(pid)
  return command === undefined || command.includes('node') || command.includes('roamline')
}

function commandLineOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return undefined
  }
}
