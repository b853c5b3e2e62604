// The repair path: whatever was lost, by whatever cause, ends in `pull` with a vector and pages of what it lacks.
import { serializeBatch, serializeVector } from './message.ts'
import type { Payload } from './message.ts'
import { PeerStatus } from './notice.ts'
import { expose, relay } from './outbox.ts'
import type { ApplyResult } from './replica.ts'
import { checkOwnLoss } from './own-changes.ts'
import { compareVersions } from './record.ts'
import type { Batch, Vector } from './record.ts'
import { sendInSession, setStatus } from './session.ts'
import { notify } from './state.ts'
import type { CoreState, Link, Turn } from './state.ts'

/** Asks for everything this replica lacks; one pull at a time, a wish meanwhile is remembered. */
export function askPull(state: CoreState, turn: Turn, link: Link): void {
  if (!link.live) return
  if (link.pull) {
    link.pull.again = true
    return
  }
  sendPull(state, turn, link)
}

/** For a pull that was not answered: the pull or its page is lost. */
export function retryPull(state: CoreState, turn: Turn, link: Link): void {
  link.pull = undefined
  askPull(state, turn, link)
}

export function onPull(state: CoreState, turn: Turn, link: Link, { id, vector }: Payload<'pull'>): void {
  link.synced = true
  // Before our own records go out: afterwards a loss could no longer be told from what this page hands over.
  checkOwnLoss(state, turn, { peer: link.peer, version: vector.get(state.options.self) })
  const { batches, more } = state.replica.page(vector, link.peer)
  if (batches.some(({ origin }) => origin === state.options.self)) expose(state)
  const parts = [
    `"id":${id}`,
    `"batches":[${batches.map(serializeBatch).join(',')}]`,
    `"more":${more}`,
    `"vector":${serializeVector(state.replica.vector())}`,
  ]
  state.counters.pagesSent += 1
  sendInSession(state, turn, link, { type: 'page', payload: `{${parts.join(',')}}` })
  if (holdsMore(state, vector)) askPull(state, turn, link)
}

export function onPage(state: CoreState, turn: Turn, link: Link, page: Payload<'page'>): void {
  link.synced = true
  const { progressed } = applyAll(state, turn, link, page.batches)
  checkOwnLoss(state, turn, { peer: link.peer, version: page.vector.get(state.options.self) })
  const { pull } = link
  // A late answer to a pull that was given up: its records are as good, but the next page was asked for already.
  if (pull?.id !== page.id) return
  link.pull = undefined
  if (page.more) setStatus(turn, link, PeerStatus.synchronizing)
  // Without progress the next page would be the same one again; the next heartbeat tries anew.
  if (!page.more) complete(state, turn, link, page.vector)
  if ((page.more && progressed) || pull.again) sendPull(state, turn, link)
}

function complete(state: CoreState, turn: Turn, link: Link, vector: Vector): void {
  if (!link.pulled) notify(turn, { type: 'pulled', peer: link.peer })
  link.pulled = true
  link.mismatches = 0
  if (!holdsMore(state, vector)) setStatus(turn, link, PeerStatus.upToDate)
}

export function onPush(state: CoreState, turn: Turn, link: Link, { batches }: Payload<'push'>): void {
  state.counters.pushesReceived += 1
  link.lastPush = turn.now
  const { gap } = applyAll(state, turn, link, batches)
  if (!gap) return
  state.counters.gaps += 1
  askPull(state, turn, link)
}

/** Whether a vector shows anything that this replica lacks. */
export function holdsMore(state: CoreState, vector: Vector): boolean {
  for (const [origin, version] of vector) {
    if (origin === state.options.self) continue
    if (compareVersions(version, state.replica.version(origin)) > 0) return true
  }
  return false
}

function sendPull(state: CoreState, turn: Turn, link: Link): void {
  const id = ++state.lastPullId
  link.pull = { id, at: turn.now, again: false }
  state.counters.pullsSent += 1
  if (!link.pulled) setStatus(turn, link, PeerStatus.synchronizing)
  const vector = serializeVector(state.replica.progress())
  sendInSession(state, turn, link, { type: 'pull', payload: `{"id":${id},"vector":${vector}}` })
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
    else if (outcome !== 'duplicate') result.progressed = true
  }
  return result
}

function applyForeign(state: CoreState, turn: Turn, link: Link, batch: Batch): ApplyResult['outcome'] {
  const { origin } = batch
  const result = state.replica.apply(batch)
  if (result.outcome !== 'applied' && result.outcome !== 'replaced') return result.outcome
  const { version, applied: records } = result
  const replaced = result.outcome === 'replaced'
  turn.effects.push({ type: 'store', change: { type: replaced ? 'replace' : 'records', origin, version, records } })
  state.counters.applied += records.length
  notify(turn, { type: 'applied', origin, records, removed: replaced ? result.removed : [] })
  relay(state, link, { origin, from: replaced ? 0 : result.from })
  return result.outcome
}

/** Asks every neighbour for what is missing. */
export function pullFromAll(state: CoreState, turn: Turn): void {
  for (const link of state.links.values()) askPull(state, turn, link)
}
