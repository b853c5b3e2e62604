// Memory stays bounded by the size of the network and of its data, whatever happens and for however long.
import { limits } from '../../ils-sync/core/limits.ts'
import { Violation } from './oracle.ts'
import type { SimNode } from './sim-node.ts'

export interface Sizes {
  /** Nodes that exist, whether they are in the network or not. */
  readonly nodes: number
}

/** Throws Violation. */
export function checkBounds(node: SimNode, { nodes }: Sizes): void {
  const state = node.driver?.state
  if (state === undefined) return
  const hold = (what: string, size: number, most: number) => {
    if (size > most) throw new Violation(`${node.id} remembers ${size} ${what}, more than ${most}`)
  }
  hold('links', state.links.size, nodes)
  hold('claimed senders', state.claims.size, limits.claimedSendersPerPoll + state.links.size)
  hold('refusals', state.refusals.size, limits.refusedSessions)
  hold('handshakes of strangers', state.handshakes.strangers, limits.strangersPerPoll)
  hold('handshakes of one sender', Math.max(0, ...state.handshakes.bySender.values()), limits.handshakesPerPoll)
  for (const { pending, outbox } of state.links.values()) {
    hold('pending sessions', pending.size, limits.pendingSessions)
    hold('origins in an outbox', outbox.size, nodes)
  }
  // Whatever else the core keeps, now or after the next change of it, found without knowing its name.
  const { options: _options, codec: _codec, replica: _replica, own: _own, ...rest } = state
  for (const [name, size] of collections(rest, '')) hold(`entries in ${name}`, size, 4 * nodes + 64)
}

/** Every Map, Set and array below `value`, with its size. */
function* collections(value: unknown, name: string): Generator<readonly [string, number]> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
  if (value instanceof Map || value instanceof Set || Array.isArray(value)) {
    yield [name, value instanceof Map || value instanceof Set ? value.size : value.length]
    for (const member of value.values()) yield* collections(member, `${name}[]`)
    return
  }
  for (const [key, member] of Object.entries(value)) yield* collections(member, name === '' ? key : `${name}.${key}`)
}
