// The demo: a lab of its own, the story on it, and nothing left behind.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadLab } from '../lab/lab-file.ts'
import { superUserSyncName } from '../lab/lab.ts'
import type { Lab } from '../lab/lab.ts'
import { LabError } from '../lab/lab-error.ts'
import { projectRoot } from '../lab/node-child.ts'
import { startRunner } from '../lab/runner.ts'
import type { RunningLab } from '../lab/runner.ts'
import { waitUntilSettled } from '../lab/settled.ts'
import { clientsOf } from '../welcome.ts'
import { story } from './story.ts'

/** What one step came to. */
export interface StepReport {
  readonly step: string
  readonly held: boolean
  /** What was seen, or what was seen instead. */
  readonly seen: string
  readonly tookMs: number
}

export interface DemoOptions {
  /** The process to kill; default: the home cluster. */
  readonly kill: string
  readonly redis?: string | undefined
  /** Leave the lab's data where it is. */
  readonly keep: boolean
  /** Ends the demo between two steps; then everything is cleaned up all the same. */
  readonly signal: AbortSignal
  readonly onStep: (report: StepReport) => void
}

export interface DemoReport {
  readonly held: boolean
  readonly steps: readonly StepReport[]
  readonly tookMs: number
  /** Where the data is, with `keep`. */
  readonly data?: string
}

/** Tells the story on free ports and data of its own. Rejects with LabError when the lab cannot even be started. */
export async function runDemo(options: DemoOptions): Promise<DemoReport> {
  const started = performance.now()
  const lab = isolated(loadLab(join(projectRoot, 'labs', 'three-clusters.yaml')))
  checkVictim(lab, options.kill)
  const dataDirectory = mkdtempSync(join(tmpdir(), 'roamline-demo-'))
  const steps: StepReport[] = []
  const report = (one: StepReport) => {
    steps.push(one)
    options.onStep(one)
  }
  let running: RunningLab | undefined
  try {
    running = await startRunner({ lab, dataDirectory, redis: options.redis, freePorts: true })
    await waitUntilSettled(lab, clientsOf(running), { signal: options.signal })
    if (options.signal.aborted) return { held: false, steps, tookMs: performance.now() - started }
    const { provider } = running.status().redis
    report({
      step: 'Redis, a hub and three clusters are up',
      held: true,
      seen: `Redis: ${provider}`,
      tookMs: performance.now() - started,
    })
    await tell(running, options, report)
  } finally {
    await running?.stop()
    if (!options.keep) rmSync(dataDirectory, { recursive: true, force: true })
  }
  const held = !options.signal.aborted && steps.every((step) => step.held)
  return { held, steps, tookMs: performance.now() - started, ...(options.keep ? { data: dataDirectory } : {}) }
}

async function tell(
  running: RunningLab,
  { kill, signal }: DemoOptions,
  report: (one: StepReport) => void,
): Promise<void> {
  const clients = new Map(clientsOf(running).map((client) => [client.name, client]))
  const cluster = (name: string) => {
    const client = clients.get(name)
    if (!client) throw new LabError('LAB_PROCESS_UNKNOWN', `The demo's lab has no ${name}.`)
    return client
  }
  for (const { title, run } of story({ lab: running, cluster, victim: kill })) {
    if (signal.aborted) return
    const began = performance.now()
    const { held, seen } = await run().then(
      (what) => ({ held: true, seen: what }),
      (error: unknown) => ({ held: false, seen: (error as Error).message }),
    )
    report({ step: title, held, seen, tookMs: performance.now() - began })
    // The next steps rely on this one.
    if (!held) return
  }
}

function checkVictim(lab: Lab, victim: string): void {
  const sync = superUserSyncName(lab) ?? []
  const names = ['redis', ...(lab.hubs ?? []).map(({ name }) => name), ...lab.clusters.map(({ name }) => name)].concat(
    sync,
  )
  if (!names.includes(victim)) {
    throw new LabError('LAB_PROCESS_UNKNOWN', `There is no process "${victim}" to kill; there are: ${names.join(', ')}`)
  }
}

/** The same lab in an ILS network of its own: on a Redis that others use too, two demos must not hear each other. */
export function isolated(lab: Lab): Lab {
  const network = `${lab.ils.network}-${randomBytes(4).toString('hex')}`
  return { ...lab, ils: { ...lab.ils, network } }
}
