import type { Command } from 'commander'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterClient } from '../cluster-client.ts'
import { ClusterUnreachable } from '../cluster-client.ts'
import { connectToLab } from '../lab-client.ts'
import { plain } from '../plain.ts'
import type { ClusterEvent } from '../../services/serviceability/api.ts'
import { paint, print, run, talksToLab } from './verb.ts'
import type { CommonOptions } from './verb.ts'

interface TraceOptions extends CommonOptions {
  readonly cluster?: string
}

/** How often a cluster that went away is tried again. */
const retryMs = 250

/** `roamline trace` */
export function addTrace(program: Command): void {
  const command = program
    .command('trace')
    .description('show what happens in all clusters as it happens, until Ctrl-C')
    .option('--cluster <name>', 'only what happens there')
  talksToLab(command, 'npx roamline trace').action((options: TraceOptions) =>
    run(options.json, async () => {
      const lab = connectToLab(options)
      const names = options.cluster === undefined ? await clusterNames(lab) : [options.cluster]
      const clusters = (await Promise.all(names.map((name) => lab.clusters(name)))).flat()
      const stop = new AbortController()
      process.once('SIGINT', () => stop.abort())
      process.once('SIGTERM', () => stop.abort())
      // A reader that has seen enough (`| head`) closes the pipe.
      process.stdout.once('error', () => stop.abort())
      await Promise.all(clusters.map((cluster) => follow(cluster, stop.signal, options.json)))
    }),
  )
}

async function clusterNames(lab: ReturnType<typeof connectToLab>): Promise<string[]> {
  const { processes } = await lab.status()
  return processes.filter(({ kind }) => kind === 'cluster').map(({ name }) => name)
}

/** Through all lives of one cluster. */
async function follow(cluster: ClusterClient, signal: AbortSignal, json: boolean | undefined): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const event of cluster.events(signal)) print(json ? JSON.stringify(event) : describeEvent(event))
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof ClusterUnreachable)) throw error
    }
    await sleep(retryMs, undefined, { signal }).catch(() => {})
  }
}

const colours: Readonly<Record<string, 'green' | 'red' | 'yellow' | 'cyan' | 'magenta'>> = {
  login: 'green',
  logout: 'yellow',
  loginRefused: 'red',
  callConnected: 'green',
  callEnded: 'yellow',
  ilsLocation: 'cyan',
  ilsPeer: 'cyan',
  ilsRefused: 'red',
  ilsDuplicate: 'yellow',
  ilsLearnedLimit: 'red',
  alarm: 'red',
}

/** `10:01:02.003 cluster2  login  userId=bob deviceName=SEP…` */
export function describeEvent({ type, at, cluster, ...facts }: ClusterEvent): string {
  const words = Object.entries(facts).flatMap(([key, value]) => {
    // Two clocks on one line are one too many for a person.
    if (key === 'monotonicMs') return []
    return `${key}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`
  })
  const name = paint(colours[type] ?? 'reset', type.padEnd(17))
  return `${at.slice(11, 23)} ${cluster.padEnd(9)} ${name} ${plain(words.join(' '))}`
}
