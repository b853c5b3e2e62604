// The repair path: whatever was lost, by whatever cause, ends in `pull` with a vector and pages of what it lacks.
import { noteAsked } from './answer.ts'
import { serializeVector } from '../wire/batch-codec.ts'
import type { Payload } from '../wire/message.ts'
import { PeerStatus } from '../notice.ts'
import { relay } from './outbox.ts'
import type { ApplyResult } from '../data/replica.ts'
import { checkOwnLoss, onShown } from './own-changes.ts'
import { compareVersions } from '../data/record.ts'
import type { Batch, Vector } from '../data/record.ts'
import { refuse } from '../session/refusal.ts'
import { claimsFor, takeClaims } from './seen-versions.ts'
import { sendInSession, setStatus } from '../session/session.ts'
import { notify } from '../state.ts'
import type { CoreState, Link, Turn } from '../state.ts'

/** Asks for everything this replica lacks; one such conversation at a time, a wish meanwhile is remembered. */
export function askPull(state: CoreState, turn: Turn, link: Link): void {
  if (!link.live) return
  if (link.pull) link.pull.again = true
  else startPull(state, turn, link)
}

/** For a pull that was not answered: the pull or its page is lost. */
export function retryPull(state: CoreState, turn: Turn, link: Link): void {
  link.pull = undefined
  askPull(state, turn, link)
}

export function onPull(state: CoreState, turn: Turn, link: Link, pull: Payload<'pull'>): void {
  link.synced = true
  // Before our own records go out: afterwards a loss could no longer be told from what this page hands over.
  checkOwnLoss(state, turn, { peer: link.peer, version: pull.seen.get(state.options.self) })
  onShown(state, turn, link, pull.vector.get(state.options.self))
  for (const origin of takeClaims(state, link, pull)) {
    const concerned = state.links.get(origin)
    for (const one of concerned === undefined ? state.links.values() : [concerned]) askPull(state, turn, one)
  }
  noteAsked(link, pull)
  if (holdsMore(state, link, pull.vector)) askPull(state, turn, link)
}

export function onPage(state: CoreState, turn: Turn, link: Link, page: Payload<'page'>): void {
  link.synced = true
  if (speaksForOthers(state, link, page.batches)) return refuse(turn, 'origin', link.peer)
  const { progressed, gap } = applyAll(state, turn, link, page.batches)
  onShown(state, turn, link, page.vector.get(state.options.self))
  const { pull } = link
  // A late answer to a pull that was given up: its records are as good, but what follows was asked for already.
  if (pull === undefined || page.id < pull.first || page.id > pull.id) return
  pull.at = turn.now
  pull.progressed ||= progressed
  if (gap) return startOver(state, turn, link)
  if (page.more) setStatus(turn, link, PeerStatus.synchronizing)
  tellProgress(state, turn, link, page)
  if (page.id !== pull.id) return
  if (page.until !== undefined) continuePull(state, turn, link, page.until)
  else if (!page.more) complete(state, turn, link, page.vector)
}

export function onPush(state: CoreState, turn: Turn, link: Link, { batches }: Payload<'push'>): void {
  state.counters.pushesReceived += 1
  if (speaksForOthers(state, link, batches)) return refuse(turn, 'origin', link.peer)
  link.lastPush = turn.now
  const { gap } = applyAll(state, turn, link, batches)
  if (!gap) return
  state.counters.gaps += 1
  askPull(state, turn, link)
}

/** Whether a vector shows anything that this replica lacks and could learn over this link. */
export function holdsMore(state: CoreState, link: Link, vector: Vector): boolean {
  const full = state.replica.full()
  for (const [origin, version] of vector) {
    if (origin === state.options.self || (link.role === 'spoke' && origin !== link.peer)) continue
    if (version.epoch <= (full.get(origin) ?? -1)) continue
    if (compareVersions(version, state.replica.version(origin)) > 0) return true
  }
  return false
}

/** Asks every neighbour for what is missing. */
export function pullFromAll(state: CoreState, turn: Turn): void {
  for (const link of state.links.values()) askPull(state, turn, link)
}

/** While pages follow on pages, there is better to do than to write them to the disk. */
export function isLearning(state: CoreState): boolean {
  for (const { pull, learning } of state.links.values()) if (pull && learning) return true
  return false
}

function startPull(state: CoreState, turn: Turn, link: Link): void {
  const id = ++state.lastPullId
  link.pull = { first: id, id, at: turn.now, asked: new Map(), again: false, progressed: false }
  link.learning = undefined
  if (!link.pulled) setStatus(turn, link, PeerStatus.synchronizing)
  sendPull(state, turn, link, state.replica.progress())
}

/** The first page of an answer says where it leads: the next one is asked for while the rest is still on its way. */
function continuePull(state: CoreState, turn: Turn, link: Link, until: Vector): void {
  const { pull } = link
  if (pull === undefined || !leadsOn(until, pull.asked)) return
  pull.id = ++state.lastPullId
  // Whatever was wished for meanwhile, this one asks for.
  pull.again = false
  const vector = new Map(state.replica.progress())
  for (const [origin, version] of until)
    if (compareVersions(version, vector.get(origin)) > 0) vector.set(origin, version)
  sendPull(state, turn, link, vector)
}

/** A page of this conversation is lost. Without progress the same would come again; the next heartbeat tries anew. */
function startOver(state: CoreState, turn: Turn, link: Link): void {
  const progressed = link.pull?.progressed
  link.pull = undefined
  if (progressed) startPull(state, turn, link)
}

function sendPull(state: CoreState, turn: Turn, link: Link, vector: Vector): void {
  const { pull } = link
  if (pull === undefined) return
  pull.asked = vector
  state.counters.pullsSent += 1
  const full = new Map([...state.replica.full()].map(([origin, epoch]) => [origin, { epoch, usn: 0 }]))
  const seen = claimsFor(state, link)
  const parts = [
    `"id":${pull.id}`,
    `"vector":${serializeVector(vector)}`,
    ...(full.size > 0 ? [`"full":${serializeVector(full)}`] : []),
    ...(seen.size > 0 ? [`"seen":${serializeVector(seen)}`] : []),
  ]
  sendInSession(state, turn, link, { type: 'pull', payload: `{${parts.join(',')}}` })
}

function complete(state: CoreState, turn: Turn, link: Link, vector: Vector): void {
  const again = link.pull?.again
  link.pull = undefined
  link.learning = undefined
  if (!link.pulled) notify(turn, { type: 'pulled', peer: link.peer })
  link.pulled = true
  link.mismatches = 0
  if (!holdsMore(state, link, vector)) setStatus(turn, link, PeerStatus.upToDate)
  if (again) startPull(state, turn, link)
}

/** At most twice per heartbeat, and at the end of what was worth telling once. */
function tellProgress(state: CoreState, turn: Turn, link: Link, { batches, more, left }: Payload<'page'>): void {
  if (!more && link.learning === undefined) return
  const { learning = { records: 0, of: 0, toldAt: turn.now } } = link
  link.learning = learning
  for (const { records } of batches) learning.records += records.length
  learning.of = learning.records + left
  if (more && turn.now - learning.toldAt < state.options.heartbeatMs / 2) return
  learning.toldAt = turn.now
  notify(turn, { type: 'progress', peer: link.peer, records: learning.records, of: learning.of })
}

/** Hubs may relay what anybody wrote, a spoke says only what it wrote itself. */
function speaksForOthers({ membership }: CoreState, { role, peer }: Link, batches: readonly Batch[]): boolean {
  return membership.role === 'hub' && role === 'spoke' && batches.some(({ origin }) => origin !== peer)
}

function leadsOn(until: Vector, asked: Vector): boolean {
  for (const [origin, version] of until) if (compareVersions(version, asked.get(origin)) > 0) return true
  return false
}

/** `progressed` when any batch brought something new, `gap` when any could not be used for want of what came before it. */
function applyAll(
  state: CoreState,
  turn: Turn,
  link: Link,
  batches: readonly Batch[],
): { progressed: boolean; gap: boolean } {
  const result = { progressed: false, gap: false }
  for (const batch of batches) {
    if (batch.origin === state.options.self) {
      checkOwnLoss(state, turn, { peer: link.peer, version: { epoch: batch.epoch, usn: batch.to } })
      continue
    }
    const outcome = applyForeign(state, turn, link, batch)
    if (outcome === 'gap') result.gap = true
    else if (outcome !== 'duplicate' && outcome !== 'full') result.progressed = true
  }
  return result
}

function applyForeign(state: CoreState, turn: Turn, link: Link, batch: Batch): ApplyResult['outcome'] {
  const { origin } = batch
  const result = state.replica.apply(batch)
  if (result.outcome === 'full') refuse(turn, 'limit', origin)
  if (result.outcome !== 'applied' && result.outcome !== 'replaced') return result.outcome
  const { version, applied: records } = result
  const replaced = result.outcome === 'replaced'
  turn.effects.push({ type: 'store', change: { type: replaced ? 'replace' : 'records', origin, version, records } })
  state.counters.applied += records.length
  notify(turn, { type: 'applied', origin, records, removed: replaced ? result.removed : [] })
  relay(state, link, { origin, from: replaced ? 0 : result.from })
  return result.outcome
}
