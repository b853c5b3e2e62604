// One lab in the foreground of one process: data folder claimed, processes, control door, and a clean end on the first signal.
import { isAbsolute, join, resolve } from 'node:path'
import { openControlDoor } from './control.ts'
import { announce, claim, labsDirectory, publish, release } from './lab-facts.ts'
import { startRunner } from './runner.ts'
import type { RunnerOptions, RunningLab } from './runner.ts'

/** Where a lab keeps its data unless told otherwise. */
export function dataDirectoryOf(labName: string, given: string | undefined): string {
  if (given === undefined) return join(labsDirectory, labName)
  return isAbsolute(given) ? given : resolve(given)
}

/** A lab that other processes can steer. */
export interface ForegroundLab extends RunningLab {
  /** Resolves when somebody has asked for the end, by signal or `roamline down`. */
  readonly endAsked: Promise<string>
}

export interface ForegroundOptions extends RunnerOptions {
  /** Let the CLI find this lab by itself, also when its data is elsewhere. */
  readonly announced?: boolean
}

/** Rejects with LabError, also when a lab runs on this data already; then nothing is left behind. */
export async function startForeground(options: ForegroundOptions): Promise<ForegroundLab> {
  const facts = {
    lab: options.lab.name,
    pid: process.pid,
    startedAt: new Date().toISOString(),
    dataDirectory: options.dataDirectory,
  }
  claim(facts)
  const { promise: endAsked, resolve: askForEnd } = Promise.withResolvers<string>()
  // From here on: a signal during the start must not leave processes behind.
  const forget = onSignals(askForEnd)
  try {
    const lab = await startOrGiveUp(options, endAsked)
    const door = await openControlDoor(lab, () => askForEnd('down'))
    publish({ ...facts, url: door.url, token: door.token })
    const withdraw = options.announced ? announce(facts) : () => {}
    const stop = async () => {
      withdraw()
      await door.close()
      await lab.stop()
      release(facts)
      forget()
    }
    let stopping: Promise<void> | undefined
    return { ...lab, endAsked, stop: () => (stopping ??= stop()) }
  } catch (error) {
    release(facts)
    forget()
    throw error
  }
}

/** Ctrl-C while processes are still starting ends those that have. */
async function startOrGiveUp(options: RunnerOptions, endAsked: Promise<string>): Promise<RunningLab> {
  const starting = startRunner(options)
  const first = await Promise.race([starting, endAsked])
  if (typeof first !== 'string') return first
  const lab = await starting
  await lab.stop()
  throw new StartAbandoned(first)
}

/** The start was interrupted; everything that had been started is gone again. */
export class StartAbandoned extends Error {
  constructor(why: string) {
    super(`ended by ${why}`)
    this.name = 'StartAbandoned'
  }
}

/** Calls `ask` at every signal that means the end; the launcher and the terminal may both send one. Returns how to stop listening. */
export function onSignals(ask: (signal: string) => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, ask)
  return () => {
    for (const signal of signals) process.off(signal, ask)
  }
}
