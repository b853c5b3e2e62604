import type { Command } from 'commander'
import { clusterOfNumber } from '../beliefs.ts'
import type { ClusterClient } from '../cluster-client.ts'
import { clusterOfDevice, connectToLab } from '../lab-client.ts'
import { plain } from '../plain.ts'
import type { Call } from '../../services/callmanager/api.ts'
import { paint, print, run, talksToLab } from './verb.ts'
import type { CommonOptions } from './verb.ts'

interface CallOptions extends CommonOptions {
  readonly cluster?: string
  readonly keep?: boolean
}

/** `roamline call <from> <to>` */
export function addCall(program: Command): void {
  const command = program
    .command('call')
    .description('dial from a phone, say where it rang and which way it went, and hang up')
    .argument('<from>', 'directory number or device name of the caller')
    .argument('<to>', 'what is dialled')
    .option('--cluster <name>', "the caller's cluster; default: where the caller's phone is")
    .option('--keep', 'do not hang up')
  talksToLab(command, 'npx roamline call 3000-001 1000-001').action((from: string, to: string, options: CallOptions) =>
    run(options.json, async () => {
      const cluster = await callerCluster(await connectToLab(options).clusters(options.cluster), from, options)
      const call = await cluster.call(from, to)
      if (call.state === 'connected' && !options.keep) await cluster.hangUp(call.id)
      print(options.json ? JSON.stringify(call) : describeCall(call))
      if (call.state !== 'connected') process.exitCode = 1
    }),
  )
}

async function callerCluster(
  clusters: ClusterClient[],
  from: string,
  { cluster }: CallOptions,
): Promise<ClusterClient> {
  const [only] = clusters
  if (cluster !== undefined && only) return only
  return /^[A-Z]{3}/iu.test(from) ? clusterOfDevice(clusters, from) : clusterOfNumber(clusters, from)
}

/** What a person wants to know of a call. */
export function describeCall(call: Call): string {
  const { to, state, cause, causeText } = call
  const reached = [to.userId || to.deviceName, to.userId && to.deviceName ? `on ${to.deviceName}` : ''].filter(Boolean)
  const outcome =
    state === 'connected'
      ? paint('green', plain(`connected to ${reached.join(' ')} at ${to.cluster}`))
      : paint('red', `failed: ${causeText ?? 'no reason given'} (cause ${cause})`)
  const start = Date.parse(call.startedAt)
  const hops = call.hops.map(({ cluster, action, at }) => {
    const after = `${Math.max(0, Date.parse(at) - start)} ms`.padStart(8)
    return plain(`${after}  ${cluster.padEnd(10)} ${action}`)
  })
  return [`${call.from.dn} → ${to.dn}: ${outcome}`, ...hops].join('\n')
}
