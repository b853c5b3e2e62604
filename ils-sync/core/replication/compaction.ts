// Tombstones must travel, so nobody may simply drop one. An origin that has more of them than of anything else starts a new epoch
// without them instead, in a quiet moment: what is not in it is gone everywhere.
import { limits } from '../limits.ts'
import { isContested } from './own-changes.ts'
import type { CoreState, Turn } from '../state.ts'

/** So many heartbeats without a change of our own. */
const quietHeartbeats = 10

/** With every tick. */
export function compactWhenQuiet(state: CoreState, turn: Turn): void {
  const { own, options, membership, replica } = state
  if (own.quiet.usn !== own.usn || own.uncommitted.size > 0) own.quiet = { usn: own.usn, since: turn.now }
  if (turn.now - own.quiet.since < quietHeartbeats * options.heartbeatMs) return
  // Before a peer has shown what it holds, a loss of this store could still have to be told.
  if (!own.met && membership.role !== 'standalone') return
  // Another one may be writing under our ID: until it is clear who gives way, no epoch is taken without need.
  if (isContested(state, turn)) return
  const { records, tombstones } = replica.count(options.self)
  if (tombstones < (options.compactAbove ?? limits.tombstones) || tombstones <= records - tombstones) return
  // Once per quiet time: should it fail, what follows is a change or another quiet time.
  own.quiet = { usn: own.usn, since: turn.now }
  turn.effects.push({ type: 'renumber', seen: own.epoch, why: { type: 'compacted', tombstones } })
}
