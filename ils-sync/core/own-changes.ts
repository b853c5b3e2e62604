// This node's own records: numbered inside the host's write, visible and sent only once they are on disk.
import { limits } from './limits.ts'
import type { IlsRecord, StoreChange, Version } from './record.ts'
import { deepFreeze } from './record.ts'
import { enqueue } from './outbox.ts'
import { notify } from './state.ts'
import type { CoreState, OwnState, Turn } from './state.ts'

/** Throws RangeError when kind, key or value is longer than what peers accept. */
export function changeOwn(state: CoreState, turn: Turn, change: Pick<IlsRecord, 'kind' | 'key' | 'value'>): void {
  const { kind, key, value } = change
  const fits =
    kind.length <= limits.kindCharacters &&
    key.length <= limits.keyCharacters &&
    JSON.stringify(value).length <= limits.valueCharacters
  if (!fits) throw new RangeError(`ILS record ${kind} ${key.slice(0, limits.keyCharacters)} is too big`)
  const { own } = state
  own.usn += 1
  const record = deepFreeze({ origin: state.options.self, epoch: own.epoch, usn: own.usn, kind, key, value })
  store(state, turn, { type: 'records', origin: record.origin, version: versionOf(state), records: [record] })
}

/** Everything again under a higher epoch, numbered from 1: peers hold what this store has lost, or numbers that it used twice. */
export function adoptEpoch(state: CoreState, turn: Turn, event: { seen: number; records: readonly IlsRecord[] }): void {
  const { own } = state
  if (event.seen < own.epoch) return
  const origin = state.options.self
  // Not simply the next one: if this life is lost as well, the one after it must not take the same again.
  own.epoch = event.seen + 1 + state.options.random(3).readUIntBE(0, 3)
  own.usn = 0
  const records = event.records
    .toSorted((a, b) => a.usn - b.usn)
    .map((record) => deepFreeze({ ...record, epoch: own.epoch, usn: ++own.usn }))
  store(state, turn, { type: 'replace', origin, version: versionOf(state), records })
}

/** The write that adopted an epoch failed before it was done: numbering goes on as it was. */
export function abandonEpoch(state: CoreState, before: Pick<OwnState, 'epoch' | 'usn'>): void {
  state.own.epoch = before.epoch
  state.own.usn = before.usn
}

/** The write with this token is on disk. Earlier ones that are still open have failed: commits keep the order of writes. */
export function committed(state: CoreState, turn: Turn, token: number): void {
  const { own, replica } = state
  const change = own.uncommitted.get(token)
  for (const earlier of own.uncommitted.keys()) if (earlier <= token) own.uncommitted.delete(earlier)
  if (change === undefined) return
  const { origin, version, records } = change
  const before = replica.version(origin) as Version
  const from = change.type === 'replace' ? 0 : before.usn
  const result = replica.apply({ origin, epoch: version.epoch, from, to: version.usn, head: version.usn, records })
  if (result.outcome !== 'applied' && result.outcome !== 'replaced') return
  if (result.outcome === 'replaced') own.exposed = 0
  notify(turn, {
    type: 'applied',
    origin,
    records: result.applied,
    removed: result.outcome === 'replaced' ? result.removed : [],
  })
  for (const link of state.links.values()) enqueue(link, origin, from)
}

/**
 * Whether a peer holds more of us than we ever let out: then our store is older than it should be (a restored backup, or a
 * new store under a clock that was set back), and the host is asked to open a new epoch.
 */
export function checkOwnLoss(
  state: CoreState,
  turn: Turn,
  claim: { peer: string; version: Version | undefined },
): void {
  const { own } = state
  const { peer, version } = claim
  if (version === undefined || version.epoch < own.epoch) return
  if (version.epoch === own.epoch && version.usn <= own.exposed) return
  turn.effects.push({ type: 'lostData', seen: version.epoch, peer })
}

function store(state: CoreState, turn: Turn, change: StoreChange): void {
  const token = ++state.own.lastToken
  state.own.uncommitted.set(token, change)
  turn.effects.push({ type: 'own', change, token })
}

function versionOf({ own }: CoreState): Version {
  return { epoch: own.epoch, usn: own.usn }
}
