// This node's own records: numbered inside the host's write, visible and sent only once they are on disk.
import { raiseOwnDuplicate } from '../network/duplicate.ts'
import { heartbeatsPerPoll, limits } from '../limits.ts'
import { HeldRecord, textOf, tombstone } from '../data/held-record.ts'
import type { IlsRecord, StoreChange, Version } from '../data/record.ts'
import { compareVersions, deepFreeze } from '../data/record.ts'
import { hasNews, isProven, noteShown, visible } from './exposure.ts'
import { enqueue } from './outbox.ts'
import { notify } from '../state.ts'
import type { CoreState, Link, OwnState, Turn } from '../state.ts'
import { isName, textWithin } from '../data/value-text.ts'

/** Throws RangeError when kind, key or value is longer than what peers accept, or one record too many. */
export function changeOwn(state: CoreState, turn: Turn, change: Pick<IlsRecord, 'kind' | 'key' | 'value'>): void {
  const { kind, key, value } = change
  const fits =
    isName(kind, limits.kindCharacters) && isName(key, limits.keyCharacters) && textWithin(value) !== undefined
  if (!fits) throw new RangeError(`ILS record ${kind} ${key.slice(0, limits.keyCharacters)} is too big, or no text`)
  const { own, replica } = state
  // With room for one page less than peers take, so that they never have to refuse an honest node.
  const most = limits.originRecords - limits.pageRecords
  const isFull = replica.count(state.options.self).records + own.uncommitted.size >= most
  // What is known already can always be changed and taken back.
  if (isFull && replica.find(state.options.self, kind, key) === undefined)
    throw new RangeError(`ILS takes at most ${most} records of one cluster`)
  own.usn += 1
  const record = deepFreeze({ origin: state.options.self, epoch: own.epoch, usn: own.usn, kind, key, value })
  const unmet = unmetAfter(state)
  store(state, turn, { type: 'records', origin: record.origin, version: versionOf(state), records: [record], ...unmet })
}

/**
 * Everything again under a higher epoch, numbered from 1: peers hold what this store has lost, or numbers that it used twice, or
 * more tombstones than anything else. Of what is gone nothing needs to be said then.
 */
export function adoptEpoch(state: CoreState, turn: Turn, event: { seen: number; records: readonly IlsRecord[] }): void {
  const { own } = state
  if (event.seen < own.epoch) return
  const records = event.records.filter((record) => textOf(record) !== tombstone).toSorted((a, b) => a.usn - b.usn)
  replaceOwn(state, turn, records)
}

/**
 * Inside the host's write: a new epoch, above the present one and above any that is known to be lost, that holds `records` in this order,
 * and nothing else. Returns them as numbered.
 */
export function replaceOwn(state: CoreState, turn: Turn, records: readonly IlsRecord[]): readonly IlsRecord[] {
  const { own } = state
  const above = Math.max(own.epoch, own.lost?.seen ?? 0)
  // Not simply the next one: if this life is lost as well, the one after it must not take the same again.
  own.epoch = above + 1 + state.options.random(3).readUIntBE(0, 3)
  own.usn = 0
  const numbered = records.map(
    (record) =>
      new HeldRecord(
        { origin: state.options.self, epoch: own.epoch, kind: record.kind },
        ++own.usn,
        record.key,
        textOf(record),
      ),
  )
  store(state, turn, { type: 'replace', origin: state.options.self, version: versionOf(state), records: numbered })
  return numbered
}

/** Inside the host's write: only to be told of its commit. */
export function storeNothing(state: CoreState, turn: Turn): void {
  store(state, turn, { type: 'records', origin: state.options.self, version: versionOf(state), records: [] })
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
  for (const earlier of own.uncommitted.keys()) {
    if (earlier > token) break
    own.uncommitted.delete(earlier)
  }
  if (change === undefined) return
  takeSendable(own, change)
  if (change.type === 'met') return
  const { origin, version, records } = change
  const before = replica.version(origin) as Version
  const from = change.type === 'replace' ? 0 : before.usn
  const result = replica.apply({ origin, epoch: version.epoch, from, to: version.usn, head: version.usn, records })
  if (result.outcome !== 'applied' && result.outcome !== 'replaced') return
  if (result.outcome === 'replaced') {
    own.exposed = 0
    // Not when it was tried: a disk that fails is no second cluster.
    if (own.lost !== undefined) {
      own.adoptions += 1
      own.lastAdoption = turn.now
    }
    own.lost = undefined
    // Nobody can hold anything of an epoch that nobody has heard of.
    own.met = true
    own.shown.clear()
  }
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
  // No epoch of ours was ever that high: whoever says so would leave us none to take. A spoke has no more than the hub has had.
  const most = state.links.get(peer)?.role === 'spoke' ? limits.claimedEpoch : limits.epoch / 2
  if (version === undefined || version.epoch >= most) return
  if (compareVersions(version, { epoch: own.epoch, usn: own.exposed }) <= 0) return
  own.lost = { seen: Math.max(version.epoch, own.lost?.seen ?? 0), peer }
  if (state.own.adoptions > 1) raiseOwnDuplicate(state, turn)
  takeHigherEpoch(state, turn)
}

/** The neighbour has shown all that it holds of us, which may be nothing. */
export function onShown(state: CoreState, turn: Turn, link: Link, version: Version | undefined): void {
  checkOwnLoss(state, turn, { peer: link.peer, version })
  noteShown(state, link, version)
  meetWhenProven(state, turn)
}

/** With every tick as well: nobody waits for those who have left, or belong to another hub now. */
export function meetWhenProven(state: CoreState, turn: Turn): void {
  const { own, links, options } = state
  if (own.met || own.lost !== undefined || !isProven(state)) return
  // From here on what peers know of is what was sent in this life.
  own.met = true
  own.shown.clear()
  if (own.sendable !== Number.POSITIVE_INFINITY) raise(own, turn)
  if (hasNews(state)) for (const link of links.values()) enqueue(link, options.self, own.exposed)
}

/** Asks the host for a new epoch while one is needed: the write that adopts it may fail, and digests may look equal meanwhile. */
export function takeHigherEpoch(state: CoreState, turn: Turn): void {
  const { lost } = state.own
  if (lost === undefined || isContested(state, turn)) return
  turn.effects.push({ type: 'renumber', seen: lost.seen, why: { type: 'lostData', peer: lost.peer } })
}

/**
 * A store can be found too old once, hardly ever twice by the same process: then another cluster writes under our ID. The two would
 * overtake each other's epochs for ever, so each waits twice as long as before, and from the third time on says what it is.
 */
export function isContested({ own, options }: CoreState, turn: Turn): boolean {
  const { adoptions, lastAdoption } = own
  if (adoptions === 0) return false
  const polls = 2 ** Math.min(adoptions - 1, maxWaitDoublings)
  return turn.now - lastAdoption < polls * heartbeatsPerPoll * options.heartbeatMs
}

/** 64 polls. */
const maxWaitDoublings = 6

function store(state: CoreState, turn: Turn, change: StoreChange): void {
  const token = ++state.own.lastToken
  state.own.uncommitted.set(token, change)
  turn.effects.push({ type: 'own', change, token })
}

/**
 * Whether all that is to be said of us may leave. While the disk tells the next start what peers can know of us, nothing beyond that
 * does: a start that found it at a peer would take it for a loss. If not, a write that ends this is under way.
 */
export function mayLeave(state: CoreState, turn: Turn): boolean {
  const { own } = state
  if (visible(state) <= own.sendable) return true
  // Of us nothing new leaves at all then.
  if (own.lost !== undefined || !own.met) return true
  raise(own, turn)
  return false
}

/** Inside the host's write, as the effect `raise` asked. */
export function raiseSendable(state: CoreState, turn: Turn): void {
  const { own, options } = state
  const change = { origin: options.self, version: versionOf(state), records: [] } as const
  if (own.lost !== undefined) store(state, turn, { ...change, type: 'records', unmet: own.exposed })
  else store(state, turn, { ...change, type: 'met' })
}

function raise(own: OwnState, turn: Turn): void {
  if (own.raising) return
  own.raising = true
  turn.effects.push({ type: 'raise' })
}

/** What the disk says now. */
function takeSendable(own: OwnState, change: StoreChange): void {
  if (change.type === 'records' && change.unmet === undefined) return
  own.raising = false
  own.sendable = change.type === 'records' ? (change.unmet as number) : Number.POSITIVE_INFINITY
}

/** What a write tells the next start that peers can know of us; nothing when a peer has shown it, and the disk is free of it. */
function unmetAfter({ own }: CoreState): { readonly unmet?: number } {
  // It stays here, and the next start must find the loss again.
  if (own.lost !== undefined || !own.met) return { unmet: own.exposed }
  // Else this very write leaves as soon as it is on disk.
  return own.sendable === Number.POSITIVE_INFINITY ? {} : { unmet: own.usn }
}

function versionOf({ own }: CoreState): Version {
  return { epoch: own.epoch, usn: own.usn }
}
