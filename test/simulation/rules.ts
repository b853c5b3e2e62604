// Every repair rule of ils-sync, and how to take it out. mutations.ts says what notices.
import type { Edit } from './mutate.ts'

const core = (file: string, find: string, replace = ''): Edit => ({ file: `ils-sync/core/${file}`, find, replace })
const driver = (find: string, replace = ''): Edit => ({ file: 'ils-sync/driver.ts', find, replace })
const host = (file: string, find: string, replace = ''): Edit => ({ file: `test/simulation/${file}`, find, replace })

/** What is gone when a rule is taken out. Those of the host stand for what services/ils and services/extension-mobility do. */
export const rules = {
  'a gap leads to a pull': [
    core(
      'replication/synchronization.ts',
      'state.counters.gaps += 1\n  askPull(state, turn, link)',
      'state.counters.gaps += 1',
    ),
  ],
  'a digest that differs leads to a pull': [
    core('replication/pulse.ts', 'if (quiet || link.mismatches >= toleratedMismatches) askPull(state, turn, link)'),
  ],
  'clusters are synchronized every so often': [
    core('replication/pulse.ts', '    pullFromAll(state, turn)\n  }\n}', '  }\n}'),
  ],
  'a pull that was not answered is repeated': [
    core(
      'replication/pulse.ts',
      'if (link.pull && now - link.pull.at >= 2 * heartbeatMs) retryPull(state, turn, link)',
    ),
  ],
  'a first pull that went with its session is asked for again': [
    core('replication/pulse.ts', 'else askPull(state, turn, link)\n    return', 'return'),
  ],
  'a link without a session is called every heartbeat': [
    core('replication/pulse.ts', 'if ((!link.live || silent) && now', 'if (link.live && silent && now'),
  ],
  'silence leads to a call': [
    core('replication/pulse.ts', 'if ((!link.live || silent) && now', 'if (!link.live && now'),
  ],
  'a session that the peer does not know is opened anew': [
    core('session/handshake.ts', 'if (link.initiator) sayHello(state, turn, link)', 'if (link.initiator) return'),
  ],
  'a neighbour that is heard again is asked': [
    core('replication/pulse.ts', '  if (!link.pull) askPull(state, turn, link)\n}', '}'),
  ],
  'transport up: pull': [
    core(
      'replication/pulse.ts',
      'if (link.live) retryPull(state, turn, link)\n    else sayHello',
      'if (!link.live) sayHello',
    ),
  ],
  'woken up: pull': [
    core(
      'replication/pulse.ts',
      'link.lastAlarm = turn.now\n    if (link.live) retryPull(state, turn, link)',
      'link.lastAlarm = turn.now',
    ),
  ],
  'who holds more is asked back': [
    core('replication/synchronization.ts', 'if (holdsMore(state, link, pull.vector)) askPull(state, turn, link)'),
  ],
  'the next page is asked for': [
    core(
      'replication/synchronization.ts',
      'if (page.until !== undefined) continuePull(state, turn, link, page.until)\n  else if',
      'if',
    ),
  ],
  'a conversation that lost a page starts over': [
    core('replication/synchronization.ts', 'if (gap) return startOver(state, turn, link)'),
  ],
  'a batch that does not follow on what is held is a gap, not news': [
    core('data/replica.ts', "if (held.usn < batch.from) return { outcome: 'gap' }\n    return held", 'return held'),
  ],
  'records that are held already are not applied again': [
    core('data/replica.ts', 'batch.records.filter((record) => record.usn > from)', 'batch.records.slice()'),
  ],
  'an older epoch is ignored': [
    core(
      'data/replica.ts',
      "if (batch.epoch < held.epoch) return { outcome: 'duplicate' }\n    if (batch.epoch > held.epoch)",
      'if (batch.epoch !== held.epoch)',
    ),
  ],
  'a new epoch is shown only when it is complete': [
    core('data/replica.ts', "return staged.usn < batch.head ? { outcome: 'staged' } : this", 'return this'),
  ],
  'what is new is relayed': [
    core('replication/synchronization.ts', 'relay(state, link, { origin, from: replaced ? 0 : result.from })'),
  ],
  'a hub relays what a hub wrote to spokes only': [
    core(
      'replication/outbox.ts',
      "if (link === source || (source.role === 'hub' && link.role === 'hub')) continue",
      'if (link === source) continue',
    ),
  ],
  'changes are pushed': [
    core('replication/own-changes.ts', 'for (const link of state.links.values()) enqueue(link, origin, from)'),
  ],
  'nothing is pushed before the peer has shown what it holds': [
    core('replication/outbox.ts', 'link.live !== undefined && link.synced &&', 'link.live !== undefined &&'),
  ],
  'nothing is pushed to a peer that is not heard': [core('replication/outbox.ts', ' && isHeard(state, turn, link)')],
  'an origin that lost data starts a new epoch': [
    core(
      'replication/own-changes.ts',
      "turn.effects.push({ type: 'renumber', seen: lost.seen, why: { type: 'lostData', peer: lost.peer } })",
    ),
  ],
  'nothing of the own leaves before a needed epoch is taken': [
    core('replication/outbox.ts', 'if (origin === state.options.self && !mayBeHeard(state)) continue'),
    core('replication/answer.ts', 'if (origin === options.self && !mayBeHeard(state)) return false', ''),
  ],
  'all who could have heard of us have to show it': [
    core('replication/exposure.ts', 'for (const id of neighboursOf(state)) if (!own.shown.has(id)) return false'),
  ],
  'one of them has to have been there': [
    core('replication/exposure.ts', ' || [...own.shown.values()].includes(true)', ' || own.shown.size > 0'),
  ],
  'a loss is found again by the next start': [
    core(
      'replication/own-changes.ts',
      'if (own.lost !== undefined || !own.met) return { unmet: own.exposed }',
      'if (!own.met) return { unmet: own.exposed }',
    ),
  ],
  'an epoch that could not be taken is asked for again': [
    core(
      'replication/pulse.ts',
      'tickLink(state, turn, link) takeHigherEpoch(state, turn)',
      'tickLink(state, turn, link)',
    ),
  ],
  'a loss is looked for before own records go out': [
    core('replication/own-changes.ts', 'checkOwnLoss(state, turn, { peer: link.peer, version })'),
  ],
  'what spokes know of others is told to the origin': [
    core(
      'replication/synchronization.ts',
      'checkOwnLoss(state, turn, { peer: link.peer, version: pull.seen.get(state.options.self) })',
    ),
  ],
  'what was told to the origin is told again until it has heard': [
    core(
      'replication/seen-versions.ts',
      "if (order < 0 || (order === 0 && link.role === 'hub' && !state.links.has(origin))) continue",
      'if (order <= 0) continue',
    ),
  ],
  'a store that has met nobody knows how much peers may hold': [
    core('replication/own-changes.ts', 'const unmet = unmetAfter(state)', 'const unmet = {}'),
  ],
  'an epoch that was not committed is taken back': [
    core('replication/own-changes.ts', 'state.own.epoch = before.epoch\n  state.own.usn = before.usn'),
  ],
  'own records are sent only after their commit': [
    driver(
      "afterCommit(() => this.run({ type: 'committed', token: effect.token }))",
      "this.run({ type: 'committed', token: effect.token })",
    ),
  ],
  'a store that failed is read again': [driver('if (!this.#stopped) this.reload()')],
  'after a failed write nothing of before reaches the disk': [
    driver('this.#unstored = []\n    this.#failed = true', 'this.#failed = true'),
  ],
  'a session begins with the first message in it': [
    core(
      'session/handshake.ts',
      "return refuse(turn, 'replay', from)\n  const { nonce: answering",
      "return refuse(turn, 'replay', from)\n  goLive(link, pending.session)\n  const { nonce: answering",
    ),
  ],
  'a counter that is used counts no more': [core('session/admission.ts', 'if (n <= live.received)', 'if (n < 0)')],
  'hubs that are heard of are meshed with': [
    core(
      'network/topology.ts',
      "if (origin !== state.options.self && peerInfoOf(state, origin)?.role === 'hub') hubs.add(origin)",
    ),
  ],
  'a link that has nothing to do here is dropped': [
    core(
      'network/membership.ts',
      'if (isOver(state, turn, link, hubs.has(link.peer))) drop(state, turn, link)\n    else if',
      'if',
    ),
  ],
  'who leaves says so until it is heard': [
    core('network/leaving.ts', 'else sayFarewell(state, turn, leaving, link)\n  }\n  finish', '}\n  finish'),
  ],
  'who leaves forgets what others said': [
    core('network/leaving.ts', 'forgetOthers(state, turn)\n  const leaving', 'const leaving'),
  ],
  'pending sessions are bounded': [
    core('session/session.ts', 'link.pending.size >= limits.pendingSessions', 'link.pending.size >= 1e9'),
  ],
  'alarms about strangers are bounded': [
    core(
      'session/refusal.ts',
      'if (taken.has(name) || taken.size >= most) return false',
      'if (taken.has(name)) return false',
    ),
  ],
  'a newer login elsewhere ends the older one': [
    host(
      'roaming.ts',
      "if (this.#ending.has(userId) || omitted.has('supersede') ||",
      "if (omitted.size === 0 || omitted.has('supersede') ||",
    ),
  ],
  'logins are ordered by a hybrid clock': [
    host(
      'roaming.ts',
      "omitted.has('hybridClock') ? readingAt(wall(), id) : this.#clock.tick()",
      'readingAt(wall(), id)',
    ),
  ],
  'own records of a hub are synced before they are sent': [
    host('group-commit.ts', 'if (own || synchronous) disk.sync()', 'if (synchronous) disk.sync()'),
  ],
  'who leaves answers nothing that was asked before': [core('network/leaving.ts', 'link.asked = undefined')],
  'last words are above what is lost': [
    core(
      'replication/own-changes.ts',
      'const above = Math.max(own.epoch, own.lost?.seen ?? 0)',
      'const above = own.epoch',
    ),
  ],
  'who leaves is not sure before it is confirmed': [
    core('network/leaving.ts', 'if (held?.epoch !== epoch || held.usn < usn) return'),
  ],
  'a hub with a larger ID makes itself known': [
    core('session/call.ts', "(!link.initiator && link.role === 'spoke') ||", '!link.initiator ||'),
  ],
  'a hub that made itself known is called back': [
    core(
      'network/membership.ts',
      'callBack(state, turn, link ?? createLink(state, peer, role))\n    return undefined',
      'return undefined',
    ),
  ],
  'a neighbour that has gone elsewhere is let go': [
    core(
      'network/membership.ts',
      'if (isNews && turn.now - (link.lastHeard ?? Number.NEGATIVE_INFINITY) >= state.options.heartbeatMs) return true',
    ),
  ],
  'handshakes of one sender are bounded': [
    core('session/handshake-budget.ts', 'if (count >= limits.handshakesPerPoll) return false'),
  ],
  'handshakes of strangers are bounded': [
    core('session/handshake-budget.ts', 'if (handshakes.strangers >= limits.strangersPerPoll) return false'),
  ],
  'links of recorded calls are bounded': [
    core('network/membership.ts', 'return unproven < limits.unprovenLinks', 'return true'),
  ],
  'what was sent is known to have been sent': [
    core('replication/outbox.ts', 'if (origin === state.options.self) expose(state)'),
    core(
      'replication/answer.ts',
      'if (pages.some(({ batches }) => batches.some(({ origin }) => origin === state.options.self))) expose(state)',
    ),
  ],
  'of two clusters with one ID the first one stays in service': [
    core(
      'network/membership.ts',
      "if (link !== undefined && isRival(state, turn, link, claim)) { refuse(turn, 'duplicate', peer) return undefined }",
    ),
  ],
  'a call counts as a rival only if it answers a challenge': [
    core(
      'network/duplicate.ts',
      "claim.type === 'welcome' || meetsChallenge(state, turn, link, claim)",
      'claim.type !== undefined',
    ),
  ],
  'two clusters with one ID do not overtake each other for ever': [
    core('replication/own-changes.ts', 'if (adoptions === 0) return false', 'if (adoptions >= 0) return false'),
  ],
  'of one origin a replica takes no more than fits': [core('data/replica.ts', 'return !fits', 'return false')],
  'more of a full origin is not wanted': [
    core('replication/synchronization.ts', 'if (version.epoch <= (full.get(origin) ?? -1)) continue'),
  ],
  'a pull is answered once per turn': [
    core('replication/synchronization.ts', 'import { noteAsked } from', 'import { answerAll, noteAsked } from'),
    core(
      'replication/synchronization.ts',
      'noteAsked(link, pull)\n  if',
      'noteAsked(link, pull)\n  answerAll(state, turn)\n  if',
    ),
  ],
  'a spoke that speaks for others is refused': [
    core(
      'replication/synchronization.ts',
      "return membership.role === 'hub' && role === 'spoke' &&",
      "return membership.role !== 'hub' && role === 'spoke' &&",
    ),
  ],
  'a spoke hands over its own records only': [
    core('replication/answer.ts', 'origin !== peer : origin === options.self', 'origin !== peer : origin !== peer'),
  ],
  'a spoke forgets what its hub has not known for long': [
    core('network/stray.ts', 'if (turn.now - since >= patienceMs) forget(state, turn, origin)'),
  ],
  'tombstones go with a new epoch': [
    core(
      'replication/compaction.ts',
      "turn.effects.push({ type: 'renumber', seen: own.epoch, why: { type: 'compacted', tombstones } })",
    ),
  ],
  'a pause is no silence of others': [
    core(
      'replication/pulse.ts',
      'if (link.lastHeard !== undefined) link.lastHeard = turn.now\n    link.lastAlarm = turn.now',
    ),
  ],
} as const satisfies Record<string, readonly Edit[]>

export type Rule = keyof typeof rules
