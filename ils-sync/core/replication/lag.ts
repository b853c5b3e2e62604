// How far this replica is behind: what is known to exist of each origin, and is not held.
import { limits } from '../limits.ts'
import type { SessionMessage } from '../wire/message.ts'
import { compareVersions } from '../data/record.ts'
import type { Version } from '../data/record.ts'
import type { CoreState, Link, Turn } from '../state.ts'

/** Of one origin. */
export interface Lag {
  readonly origin: string
  /** Update sequence numbers known to have been given out, and not held. */
  readonly usns: number
  /** For how long this replica has been behind. */
  readonly ms: number
}

/** Takes in how far others are, after what the message brought has been applied. Of a spoke, how far it is itself. */
export function observeHeads(state: CoreState, turn: Turn, { peer, role }: Link, message: SessionMessage): void {
  if (message.type === 'beat') return
  const { payload } = message
  const speaksFor = (origin: string) => origin !== state.options.self && (role === 'hub' || origin === peer)
  if ('batches' in payload) {
    for (const { origin, epoch, head: usn } of payload.batches)
      if (speaksFor(origin)) observe(state, turn, origin, { epoch, usn })
  }
  if ('vector' in payload) {
    for (const [origin, version] of payload.vector) if (speaksFor(origin)) observe(state, turn, origin, version)
  }
}

/** Origins of which something is missing here. */
export function lagOf({ heads, replica }: CoreState, now: number): readonly Lag[] {
  return [...heads].flatMap(([origin, { version, since }]) => {
    const held = replica.version(origin)
    if (compareVersions(version, held) <= 0) return []
    const usns = version.usn - (held?.epoch === version.epoch ? held.usn : 0)
    return [{ origin, usns: Math.max(1, usns), ms: now - since }]
  })
}

function observe(state: CoreState, turn: Turn, origin: string, version: Version): void {
  const { heads, replica } = state
  const known = heads.get(origin)
  const head = known !== undefined && compareVersions(known.version, version) > 0 ? known.version : version
  if (compareVersions(head, replica.version(origin)) <= 0) heads.delete(origin)
  else if (known !== undefined) known.version = head
  else if (heads.size < limits.heads)
    heads.set(origin, { version: { epoch: head.epoch, usn: head.usn }, since: turn.now })
}
