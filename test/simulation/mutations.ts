// What notices that a repair rule is gone: a seed, a script that was made by hand, or, where no network of honest nodes can show it,
// a test that talks to one core. docs/simulation.md has it as a table.
import type { Edit } from './mutate.ts'
import { rules } from './rules.ts'
import type { Rule } from './rules.ts'
import type { SearchOptions } from './search.ts'

export interface Mutation {
  readonly rule: Rule
  /** Rules that do the same work in these runs, and are out as well. */
  readonly standIns?: readonly Rule[]
  /** What is special about the runs. A script is one that holds as long as the rule is there. */
  readonly runs?: Partial<SearchOptions>
  /** In test/ils-sync/: what fails instead of a simulation. */
  readonly test?: string
  /** Why the simulation cannot notice. */
  readonly because?: string
}

export const mutations: readonly Mutation[] = [
  { rule: 'a digest that differs leads to a pull', runs: { synchronizeEveryMs: 0 } },
  {
    rule: 'clusters are synchronized every so often',
    standIns: ['a digest that differs leads to a pull'],
    runs: { synchronizeEveryMs: 10_000 },
  },
  { rule: 'a gap leads to a pull', runs: { script: 'cases/gap-is-pulled.json' } },
  { rule: 'a pull that was not answered is repeated' },
  {
    rule: 'a first pull that went with its session is asked for again',
    runs: { script: 'found/status-never-up-to-date.json' },
  },
  { rule: 'a link without a session is called every heartbeat' },
  { rule: 'silence leads to a call' },
  { rule: 'a session that the peer does not know is opened anew', runs: { script: 'cases/hub-restarts.json' } },
  {
    rule: 'a neighbour that is heard again is asked',
    standIns: ['who holds more is asked back'],
    runs: { script: 'cases/first-contact.json' },
  },
  {
    rule: 'transport up: pull',
    standIns: ['a digest that differs leads to a pull', 'a neighbour that is heard again is asked'],
    runs: { only: ['login', 'unplug', 'redis'], synchronizeEveryMs: 0, violence: 0 },
  },
  { rule: 'woken up: pull', standIns: ['who holds more is asked back'], runs: { script: 'cases/woken-up.json' } },
  { rule: 'a pause is no silence of others', runs: { script: 'cases/paused-briefly.json' } },
  { rule: 'who holds more is asked back', runs: { script: 'cases/asked-back.json' } },
  { rule: 'the next page is asked for' },
  { rule: 'a conversation that lost a page starts over', runs: { script: 'cases/page-lost.json' } },
  { rule: 'a batch that does not follow on what is held is a gap, not news' },
  { rule: 'records that are held already are not applied again' },
  { rule: 'an older epoch is ignored', runs: { script: 'cases/older-epoch.json' } },
  { rule: 'a new epoch is shown only when it is complete' },
  { rule: 'what is new is relayed', runs: { script: 'cases/seen-at-once.json' } },
  { rule: 'a hub relays what a hub wrote to spokes only', runs: { script: 'cases/no-copies-among-hubs.json' } },
  { rule: 'changes are pushed', runs: { script: 'cases/seen-at-once.json' } },
  {
    rule: 'nothing is pushed before the peer has shown what it holds',
    test: 'core/epoch.test.ts',
    because: 'it takes a neighbour that the origin has forgotten, and a second one that proves nothing',
  },
  { rule: 'nothing is pushed to a peer that is not heard', runs: { script: 'cases/nobody-listens.json' } },
  {
    rule: 'a pull is answered once per turn',
    test: 'core/repair.test.ts',
    because: 'a simulated peer does not flood with pulls',
  },
  { rule: 'an origin that lost data starts a new epoch' },
  {
    rule: 'nothing of the own leaves before a needed epoch is taken',
    test: 'core/epoch.test.ts',
    because: 'what left wrongly is replaced by the new epoch at the next tick',
  },
  {
    rule: 'all who could have heard of us have to show it',
    runs: { script: 'found/hub-meets-spoke-first.json' },
  },
  { rule: 'one of them has to have been there', runs: { script: 'found/vouched-by-a-newcomer.json' } },
  {
    rule: 'a loss is found again by the next start',
    test: 'core/epoch.test.ts',
    because: 'nearly always it is found before anything of the own has left',
  },
  {
    rule: 'an epoch that could not be taken is asked for again',
    test: 'core/epoch.test.ts',
    because: 'only what a second cluster of that ID contests has to wait',
  },
  { rule: 'a loss is looked for before own records go out' },
  { rule: 'what was sent is known to have been sent' },
  { rule: 'what spokes know of others is told to the origin' },
  {
    rule: 'what was told to the origin is told again until it has heard',
    runs: { script: 'cases/told-again.json' },
  },
  {
    rule: 'a store that has met nobody knows how much peers may hold',
    runs: { script: 'cases/restored-and-restarted.json' },
  },
  { rule: 'an epoch that was not committed is taken back', runs: { script: 'cases/epoch-not-committed.json' } },
  { rule: 'own records are sent only after their commit' },
  { rule: 'own records of a hub are synced before they are sent' },
  { rule: 'a store that failed is read again' },
  { rule: 'after a failed write nothing of before reaches the disk', runs: { script: 'cases/failed-commit.json' } },
  { rule: 'a session begins with the first message in it', runs: { script: 'cases/recorded-call.json' } },
  { rule: 'a counter that is used counts no more', runs: { script: 'cases/recorded-voice.json' } },
  { rule: 'hubs that are heard of are meshed with' },
  { rule: 'a hub with a larger ID makes itself known', runs: { script: 'cases/larger-hub-knocks.json' } },
  { rule: 'a hub that made itself known is called back', runs: { script: 'cases/called-back.json' } },
  { rule: 'a link that has nothing to do here is dropped' },
  { rule: 'a neighbour that has gone elsewhere is let go', runs: { script: 'cases/role-changed.json' } },
  { rule: 'who leaves says so until it is heard', runs: { script: 'cases/farewell-lost.json' } },
  { rule: 'who leaves is not sure before it is confirmed', runs: { script: 'cases/farewell-lost.json' } },
  { rule: 'who leaves answers nothing that was asked before', runs: { script: 'found/asked-before-it-left.json' } },
  {
    rule: 'last words are above what is lost',
    test: 'core/network/leaving.test.ts',
    because: 'hardly ever does one leave between finding a loss and taking the epoch',
  },
  { rule: 'who leaves forgets what others said' },
  { rule: 'a spoke forgets what its hub has not known for long', runs: { script: 'cases/hub-forgot-a-cluster.json' } },
  { rule: 'a spoke that speaks for others is refused', test: 'core/bounds.test.ts', because: 'no simulated node lies' },
  { rule: 'a spoke hands over its own records only', runs: { script: 'cases/hub-lost-everything.json' } },
  {
    rule: 'of one origin a replica takes no more than fits',
    test: 'core/bounds.test.ts',
    because: 'no simulated origin is as large',
  },
  {
    rule: 'more of a full origin is not wanted',
    test: 'core/bounds.test.ts',
    because: 'no simulated origin is as large',
  },
  { rule: 'tombstones go with a new epoch', runs: { script: 'cases/compacted.json' } },
  {
    rule: 'of two clusters with one ID the first one stays in service',
    test: 'core/network/duplicate.test.ts',
    because: 'simulated nodes have IDs of their own',
  },
  {
    rule: 'a call counts as a rival only if it answers a challenge',
    test: 'core/replay.test.ts',
    because: 'simulated nodes have IDs of their own',
  },
  {
    rule: 'two clusters with one ID do not overtake each other for ever',
    test: 'core/network/duplicate.test.ts',
    because: 'simulated nodes have IDs of their own',
  },
  { rule: 'pending sessions are bounded', runs: { script: 'cases/flood-of-calls.json' } },
  { rule: 'handshakes of one sender are bounded', runs: { script: 'cases/flood-of-calls.json' } },
  {
    rule: 'handshakes of strangers are bounded',
    test: 'core/authentication.test.ts',
    because: 'simulated strangers do not know the password',
  },
  {
    rule: 'links of recorded calls are bounded',
    test: 'core/automesh.test.ts',
    because: 'a simulated network has fewer nodes than the bound',
  },
  { rule: 'alarms about strangers are bounded', runs: { script: 'cases/flood-of-strangers.json' } },
  { rule: 'a newer login elsewhere ends the older one' },
  { rule: 'logins are ordered by a hybrid clock' },
]

/** All edits of a mutation, or those of its stand-ins alone. */
export function editsOf({ rule, standIns = [] }: Mutation, withRule = true): readonly Edit[] {
  return [...(withRule ? rules[rule] : []), ...standIns.flatMap((name) => rules[name])]
}

const usual: SearchOptions = { firstSeed: 1, seeds: 150, steps: 150 }

export function runsOf({ runs }: Mutation): SearchOptions {
  return { ...usual, ...runs }
}
