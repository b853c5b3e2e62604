// One process of the lab through all its lives: started, killed, paused, resumed and started again on the same ports and data.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { LabError } from './lab-error.ts'
import type { Watchdog } from './watchdog.ts'

/** `killed` by us, `crashed` by itself or by somebody else. */
export const ProcessState = {
  starting: 'starting',
  running: 'running',
  paused: 'paused',
  stopped: 'stopped',
  killed: 'killed',
  crashed: 'crashed',
} as const
export type ProcessState = (typeof ProcessState)[keyof typeof ProcessState]

/** What is started, and how it says that it is ready. */
export interface ProcessSpec {
  readonly name: string
  readonly kind: string
  readonly command: string
  readonly arguments: readonly string[]
  readonly environment: NodeJS.ProcessEnv
  /** Called before each start: what it needs on disk, whatever has become of its folder. */
  readonly prepare?: () => void
  /** Its stderr, and its stdout beyond the ready line; appended. */
  readonly logFile: string
  /** Resolves when it can be used. It is asked once per start; `signal` aborts when the process is gone or the deadline has passed. */
  readonly ready: (child: ChildProcess, signal: AbortSignal) => Promise<void>
  readonly readyTimeoutMs?: number
}

const defaultReadyTimeoutMs = 20_000
/** A process has 5 s for its clean stop, by contract; a little is added for a busy machine. */
const stopTimeoutMs = 6000

/** Events: `state` (ManagedProcess) after every change. */
export class ManagedProcess extends EventEmitter<{ state: [ManagedProcess] }> {
  readonly spec: ProcessSpec
  readonly #watchdog: Watchdog
  #child: ChildProcess | undefined
  /** Resolves with how the present child ended, after the state has changed. */
  #gone: Promise<string> = Promise.resolve('never started')
  #state: ProcessState = ProcessState.stopped
  #intent: ProcessState = ProcessState.stopped
  #exit: string | undefined
  #logStart = 0
  #starting: Promise<void> | undefined

  constructor(spec: ProcessSpec, watchdog: Watchdog) {
    super()
    this.spec = spec
    this.#watchdog = watchdog
  }

  get name(): string {
    return this.spec.name
  }

  get state(): ProcessState {
    return this.#state
  }

  /** Undefined while it is not alive. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** How its last life ended, in words; undefined if none has. */
  get lastExit(): string | undefined {
    return this.#exit
  }

  /** Resolves when it is ready. Rejects with LabError and its last words when it ends before or is not ready in time. */
  async start(): Promise<void> {
    if (this.#starting) return this.#starting
    if (this.#child) throw new LabError('LAB_PROCESS_STATE', `${this.name} is ${this.state} already`)
    this.#starting = this.#launch()
    try {
      await this.#starting
    } finally {
      this.#starting = undefined
    }
  }

  async #launch(): Promise<void> {
    this.#intent = ProcessState.running
    const child = this.#spawn()
    this.#enter(ProcessState.starting)
    const abort = new AbortController()
    const gone = this.#gone.then((how) => {
      abort.abort()
      throw new LabError('LAB_PROCESS_START', `${this.name} ended before it was ready (${how})${this.#lastWords()}`)
    })
    const timeoutMs = this.spec.readyTimeoutMs ?? defaultReadyTimeoutMs
    const timer = setTimeout(() => abort.abort(), timeoutMs)
    const late = once(abort.signal, 'abort').then(() => {
      // Its end, if that was the cause, is told by `gone`.
      if (child.exitCode !== null || child.signalCode !== null) return gone
      throw new LabError('LAB_PROCESS_START', `${this.name} is not ready after ${timeoutMs} ms${this.#lastWords()}`)
    })
    try {
      await Promise.race([this.spec.ready(child, abort.signal), gone, late])
      if (this.#child === child && this.state === ProcessState.starting) this.#enter(ProcessState.running)
    } catch (error) {
      await this.#end('SIGKILL')
      throw error
    } finally {
      clearTimeout(timer)
      for (const loser of [gone, late]) loser.catch(() => {})
    }
  }

  #spawn(): ChildProcess {
    this.spec.prepare?.()
    mkdirSync(dirname(this.spec.logFile), { recursive: true })
    const log = openSync(this.spec.logFile, 'a', 0o600)
    this.#logStart = fstatSync(log).size
    try {
      // A process group of its own: Ctrl-C in a terminal must reach the runner alone, which then stops everything in order.
      const child = spawn(this.spec.command, this.spec.arguments, {
        stdio: ['pipe', 'pipe', log],
        env: this.spec.environment,
        detached: true,
      })
      this.#child = child
      child.stdin?.on('error', () => {})
      this.#watch(child)
      return child
    } finally {
      closeSync(log)
    }
  }

  #watch(child: ChildProcess): void {
    const { pid } = child
    const { promise, resolve } = Promise.withResolvers<string>()
    this.#gone = promise
    if (pid !== undefined) this.#watchdog.add(pid)
    const ended = (how: string) => {
      if (this.#child !== child) return
      if (pid !== undefined) this.#watchdog.drop(pid)
      this.#child = undefined
      this.#exit = how
      const wanted = this.#intent === ProcessState.killed || this.#intent === ProcessState.stopped
      this.#enter(wanted ? this.#intent : ProcessState.crashed)
      resolve(how)
    }
    child.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`))
    child.once('error', (error) => {
      if (pid === undefined) ended(error.message)
    })
  }

  #lastWords(): string {
    const text = readFileSync(this.spec.logFile).subarray(this.#logStart).toString('utf8').trim()
    const lines = text.split('\n').slice(-20).join('\n')
    return lines === '' ? `; its log, ${this.spec.logFile}, is empty` : `:\n${lines}`
  }

  /** SIGKILL, at once, whatever state it is in. Resolves when it is gone. Rejects with LabError when it is not alive. */
  async kill(): Promise<void> {
    this.#alive('killed')
    this.#intent = ProcessState.killed
    await this.#end('SIGKILL')
  }

  /** SIGSTOP: it keeps its sockets and answers nothing. */
  pause(): void {
    const child = this.#alive('paused')
    if (this.state !== ProcessState.running) throw this.#wrongState('paused')
    child.kill('SIGSTOP')
    this.#enter(ProcessState.paused)
  }

  /** SIGCONT. */
  resume(): void {
    const child = this.#alive('resumed')
    if (this.state !== ProcessState.paused) throw this.#wrongState('resumed')
    child.kill('SIGCONT')
    this.#enter(ProcessState.running)
  }

  /** SIGTERM, and SIGKILL if that has no effect in time. Nothing happens when it is not alive. */
  async stop(): Promise<void> {
    this.#intent = ProcessState.stopped
    const child = this.#child
    if (!child) return
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
    try {
      child.kill('SIGCONT')
      await this.#end('SIGTERM')
    } finally {
      clearTimeout(timer)
    }
  }

  /** Stops it if it is alive, and starts it again. */
  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (!child || child.pid === undefined) return
    child.kill(signal)
    await this.#gone
  }

  #alive(participle: string): ChildProcess {
    if (!this.#child) throw this.#wrongState(participle)
    return this.#child
  }

  #wrongState(participle: string): LabError {
    return new LabError('LAB_PROCESS_STATE', `${this.name} is ${this.state} and cannot be ${participle}`)
  }

  #enter(state: ProcessState): void {
    this.#state = state
    this.emit('state', this)
  }
}
