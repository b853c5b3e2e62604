// Every repair rule of ils-sync, and how to take it out. docs/simulation.md shows which seed notices.
import type { Edit } from './mutate.ts'
import type { SearchOptions } from './search.ts'

const core = (file: string, find: string, replace = ''): Edit => ({ file: `ils-sync/core/${file}`, find, replace })
const driver = (find: string, replace = ''): Edit => ({ file: 'ils-sync/driver.ts', find, replace })
const host = (file: string, find: string, replace = ''): Edit => ({ file: `test/simulation/${file}`, find, replace })

/** What is gone when a rule is taken out. Those of the host stand for what services/ils and services/extension-mobility do. */
export const rules = {
  'a gap leads to a pull': [
    core('synchronization.ts', 'state.counters.gaps += 1\n  askPull(state, turn, link)', 'state.counters.gaps += 1'),
  ],
  'a digest that differs leads to a pull': [
    core('pulse.ts', 'if (quiet || link.mismatches >= toleratedMismatches) askPull(state, turn, link)'),
  ],
  'clusters are synchronized every so often': [core('pulse.ts', '    pullFromAll(state, turn)\n  }\n}', '  }\n}')],
  'a pull that was not answered is repeated': [
    core('pulse.ts', 'if (link.pull && now - link.pull.at >= 2 * heartbeatMs) retryPull(state, turn, link)'),
  ],
  'a first pull that went with its session is asked for again': [
    core('pulse.ts', 'else askPull(state, turn, link)\n    return', 'return'),
  ],
  'a link without a session is called every heartbeat': [
    core('pulse.ts', 'if ((!link.live || silent) && now', 'if (link.live && silent && now'),
  ],
  'silence leads to a call': [core('pulse.ts', 'if ((!link.live || silent) && now', 'if (!link.live && now')],
  'a session that the peer does not know is opened anew': [
    core('handshake.ts', 'if (link.initiator) sayHello(state, turn, link)', 'if (link.initiator) return'),
  ],
  'a neighbour that is heard again is asked': [
    core('pulse.ts', '  if (!link.pull) askPull(state, turn, link)\n}', '}'),
  ],
  'transport up: pull': [
    core('pulse.ts', 'if (link.live) retryPull(state, turn, link)\n    else sayHello', 'if (!link.live) sayHello'),
  ],
  'woken up: pull': [
    core(
      'pulse.ts',
      'link.lastAlarm = turn.now\n    if (link.live) retryPull(state, turn, link)',
      'link.lastAlarm = turn.now',
    ),
  ],
  'who holds more is asked back': [
    core('synchronization.ts', 'if (holdsMore(state, link, pull.vector)) askPull(state, turn, link)'),
  ],
  'the next page is asked for': [
    core(
      'synchronization.ts',
      'if (page.until !== undefined) continuePull(state, turn, link, page.until)\n  else if',
      'if',
    ),
  ],
  'a conversation that lost a page starts over': [
    core('synchronization.ts', 'if (gap) return startOver(state, turn, link)'),
  ],
  'a batch that does not follow on what is held is a gap, not news': [
    core('replica.ts', "if (held.usn < batch.from) return { outcome: 'gap' }\n    return held", 'return held'),
  ],
  'records that are held already are not applied again': [
    core('replica.ts', 'batch.records.filter((record) => record.usn > from)', 'batch.records.slice()'),
  ],
  'an older epoch is ignored': [
    core(
      'replica.ts',
      "if (batch.epoch < held.epoch) return { outcome: 'duplicate' }\n    if (batch.epoch > held.epoch)",
      'if (batch.epoch !== held.epoch)',
    ),
  ],
  'a new epoch is shown only when it is complete': [
    core('replica.ts', "return staged.usn < batch.head ? { outcome: 'staged' } : this", 'return this'),
  ],
  'what is new is relayed': [
    core('synchronization.ts', 'relay(state, link, { origin, from: replaced ? 0 : result.from })'),
  ],
  'a hub relays what a hub wrote to spokes only': [
    core(
      'outbox.ts',
      "if (link === source || (source.role === 'hub' && link.role === 'hub')) continue",
      'if (link === source) continue',
    ),
  ],
  'changes are pushed': [
    core('own-changes.ts', 'for (const link of state.links.values()) enqueue(link, origin, from)'),
  ],
  'nothing is pushed before the peer has shown what it holds': [
    core('outbox.ts', 'link.live !== undefined && link.synced &&', 'link.live !== undefined &&'),
  ],
  'nothing is pushed to a peer that is not heard': [core('outbox.ts', ' && isHeard(state, turn, link)')],
  'an origin that lost data starts a new epoch': [
    core(
      'own-changes.ts',
      "if (!isContested(state, turn)) turn.effects.push({ type: 'lostData', seen: version.epoch, peer })",
    ),
  ],
  'a loss is looked for before own records go out': [
    core(
      'synchronization.ts',
      'checkOwnLoss(state, turn, { peer: link.peer, version: pull.vector.get(state.options.self) })',
    ),
    core(
      'synchronization.ts',
      'checkOwnLoss(state, turn, { peer: link.peer, version: page.vector.get(state.options.self) })',
    ),
  ],
  'what spokes know of others is told to the origin': [
    core(
      'synchronization.ts',
      'checkOwnLoss(state, turn, { peer: link.peer, version: pull.seen.get(state.options.self) })',
    ),
  ],
  'what was told to the origin is told again until it has heard': [
    core(
      'seen-versions.ts',
      "if (order < 0 || (order === 0 && link.role === 'hub' && !state.links.has(origin))) continue",
      'if (order <= 0) continue',
    ),
  ],
  'a store that has met nobody knows how much peers may hold': [
    core('own-changes.ts', 'const unmet = unmetAfter(state)', 'const unmet = {}'),
  ],
  'an epoch that was not committed is taken back': [
    core('own-changes.ts', 'state.own.epoch = before.epoch\n  state.own.usn = before.usn'),
  ],
  'own records are sent only after their commit': [
    driver(
      "afterCommit(() => this.run({ type: 'committed', token: effect.token }))",
      "this.run({ type: 'committed', token: effect.token })",
    ),
  ],
  'a store that failed is read again': [driver('if (!this.#stopped) this.reload()')],
  'after a failed write nothing of before reaches the disk': [
    driver('this.#unstored = []\n    this.#failed = false\n    this.run', 'this.#failed = false\n    this.run'),
  ],
  'a transaction that was rolled back is read again': [
    host('sim-node.ts', '        this.#driver?.reload()\n      },', '      },'),
  ],
  'a session begins with the first message in it': [
    core(
      'handshake.ts',
      "return refuse(turn, 'replay', from)\n  const { nonce: answering",
      "return refuse(turn, 'replay', from)\n  goLive(link, pending.session)\n  const { nonce: answering",
    ),
  ],
  'a counter that is used counts no more': [core('admission.ts', 'if (n <= live.received)', 'if (n < 0)')],
  'hubs that are heard of are meshed with': [
    core(
      'topology.ts',
      "if (origin !== state.options.self && peerInfoOf(state, origin)?.role === 'hub') hubs.add(origin)",
    ),
  ],
  'a link that has nothing to do here is dropped': [
    core(
      'membership.ts',
      'if (isOver(state, turn, link, hubs.has(link.peer))) drop(state, turn, link)\n    else if',
      'if',
    ),
  ],
  'who leaves says so until it is heard': [
    core('leaving.ts', 'else sayFarewell(state, turn, leaving, link)\n  }\n  finish', '}\n  finish'),
  ],
  'who leaves forgets what others said': [
    core('leaving.ts', 'forgetOthers(state, turn)\n  const leaving', 'const leaving'),
  ],
  'pending sessions are bounded': [
    core('session.ts', 'link.pending.size >= limits.pendingSessions', 'link.pending.size >= 1e9'),
  ],
  'alarms about strangers are bounded': [
    core('refusal.ts', 'if (taken.has(name) || taken.size >= most) return false', 'if (taken.has(name)) return false'),
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
} as const satisfies Record<string, readonly Edit[]>

export type Rule = keyof typeof rules

/** How it shows that a rule is gone: a seed breaks a promise; or nothing breaks, and the same work costs more. */
export type Proof = 'breaks' | 'messages' | 'healing' | 'visible' | 'nothing'

export interface Mutation {
  readonly rule: Rule
  /** Rules that do the same work in these runs, and are out as well. */
  readonly standIns?: readonly Rule[]
  readonly shows?: Proof
  /** What is special about the runs. */
  readonly runs?: Partial<SearchOptions>
  /** Why it shows no more than that. */
  readonly because?: string
}

/** Without these, nothing repairs what this one should. */
export const mutations: readonly Mutation[] = [
  { rule: 'a digest that differs leads to a pull', runs: { synchronizeEveryMs: 0 } },
  {
    rule: 'clusters are synchronized every so often',
    standIns: ['a digest that differs leads to a pull'],
    runs: { synchronizeEveryMs: 10_000 },
  },
  {
    rule: 'a gap leads to a pull',
    shows: 'visible',
    because: 'the digest of the next heartbeat finds the same, later',
  },
  { rule: 'a pull that was not answered is repeated' },
  {
    rule: 'a first pull that went with its session is asked for again',
    runs: { script: 'status-never-up-to-date.json' },
  },
  { rule: 'a link without a session is called every heartbeat' },
  { rule: 'silence leads to a call' },
  {
    rule: 'a session that the peer does not know is opened anew',
    shows: 'healing',
    runs: { only: ['kill', 'login'], violence: 0 },
    because: 'silence leads to a call as well, three heartbeats later',
  },
  {
    rule: 'a neighbour that is heard again is asked',
    shows: 'healing',
    runs: { only: ['login', 'kill', 'cut'], violence: 0 },
    because: 'the digest finds it a heartbeat later',
  },
  {
    rule: 'transport up: pull',
    standIns: ['a digest that differs leads to a pull', 'a neighbour that is heard again is asked'],
    runs: { only: ['login', 'unplug', 'redis'], synchronizeEveryMs: 0, violence: 0 },
  },
  {
    rule: 'woken up: pull',
    shows: 'healing',
    runs: { only: ['login', 'pause'], violence: 0 },
    because: 'the digest finds it a heartbeat later',
  },
  {
    rule: 'who holds more is asked back',
    shows: 'nothing',
    because: 'the other one finds it by the digest, a heartbeat later',
  },
  { rule: 'the next page is asked for' },
  {
    rule: 'a conversation that lost a page starts over',
    shows: 'nothing',
    because: 'the pull is repeated after two heartbeats',
  },
  { rule: 'a batch that does not follow on what is held is a gap, not news' },
  { rule: 'records that are held already are not applied again' },
  { rule: 'an older epoch is ignored' },
  { rule: 'a new epoch is shown only when it is complete' },
  { rule: 'what is new is relayed', shows: 'visible', because: 'digests carry it on from hub to spoke' },
  {
    rule: 'a hub relays what a hub wrote to spokes only',
    shows: 'messages',
    runs: { nodes: 24, steps: 60, violence: 0 },
    because: 'the copies are duplicates, which nobody applies',
  },
  { rule: 'changes are pushed', shows: 'visible', because: 'digests find it a heartbeat later' },
  {
    rule: 'nothing is pushed before the peer has shown what it holds',
    shows: 'nothing',
    because: 'no seed was found; why is not known',
  },
  {
    rule: 'nothing is pushed to a peer that is not heard',
    shows: 'nothing',
    because: 'it saves what would wait in buffers on the way',
  },
  { rule: 'an origin that lost data starts a new epoch' },
  { rule: 'a loss is looked for before own records go out' },
  { rule: 'what spokes know of others is told to the origin' },
  { rule: 'what was told to the origin is told again until it has heard', runs: { script: 'loss-told-once.json' } },
  {
    rule: 'a store that has met nobody knows how much peers may hold',
    shows: 'nothing',
    because: 'no seed was found; why is not known',
  },
  {
    rule: 'an epoch that was not committed is taken back',
    shows: 'nothing',
    because: 'no seed was found; why is not known',
  },
  { rule: 'own records are sent only after their commit' },
  { rule: 'a store that failed is read again' },
  {
    rule: 'after a failed write nothing of before reaches the disk',
    shows: 'nothing',
    because: 'no seed was found; why is not known',
  },
  {
    rule: 'a transaction that was rolled back is read again',
    shows: 'nothing',
    because: 'no seed was found; why is not known',
  },
  {
    rule: 'a session begins with the first message in it',
    shows: 'nothing',
    because: 'the session that a recorded call ends is opened again; test/ils-sync/core/bad-input.test.ts holds it',
  },
  {
    rule: 'a counter that is used counts no more',
    shows: 'nothing',
    because: 'versions make an old record harmless',
  },
  { rule: 'hubs that are heard of are meshed with' },
  { rule: 'a link that has nothing to do here is dropped' },
  {
    rule: 'who leaves says so until it is heard',
    shows: 'nothing',
    because: 'others go on believing what they last heard, as they do when it cannot be told',
  },
  { rule: 'who leaves forgets what others said' },
  {
    rule: 'pending sessions are bounded',
    shows: 'nothing',
    because: 'the handshakes of a poll are bounded as well; test/ils-sync/core/bad-input.test.ts holds it',
  },
  {
    rule: 'alarms about strangers are bounded',
    shows: 'nothing',
    because: 'no seed was found; why is not known',
  },
  { rule: 'a newer login elsewhere ends the older one' },
  { rule: 'logins are ordered by a hybrid clock' },
  { rule: 'own records of a hub are synced before they are sent' },
]

/** All edits of a mutation, or those of its stand-ins alone. */
export function editsOf({ rule, standIns = [] }: Mutation, withRule = true): readonly Edit[] {
  return [...(withRule ? rules[rule] : []), ...standIns.flatMap((name) => rules[name])]
}

const usual: SearchOptions = { firstSeed: 1, seeds: 150, steps: 150 }

export function runsOf({ runs }: Mutation): SearchOptions {
  return { ...usual, ...runs }
}
