// A run, written down: who is there, what the network does to messages, and everything that happens, each thing with its time.
// A script is JSON, so that a seed that broke a promise can be shrunk, kept and replayed.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { Value } from 'typebox/value'

const NodeId = Type.String({ pattern: '^[A-Za-z0-9.-]{1,50}$' })
const Count = Type.Integer({ minimum: 0, maximum: 1_000_000 })
const PositiveCount = Type.Integer({ minimum: 1, maximum: 1_000_000 })
const Milliseconds = Type.Integer({ minimum: 0, maximum: 1_000_000_000 })
const Probability = Type.Number({ minimum: 0, maximum: 1 })
const closed = { additionalProperties: false } as const

const MembershipPlan = Type.Union([
  Type.Object({ role: Type.Literal('standalone') }, closed),
  Type.Object(
    {
      role: Type.Literal('hub'),
      registrationServer: Type.Optional(NodeId),
      hubs: Type.Optional(Type.Array(NodeId)),
    },
    closed,
  ),
  Type.Object({ role: Type.Literal('spoke'), hub: NodeId }, closed),
])

const NodePlan = Type.Object(
  {
    id: NodeId,
    membership: MembershipPlan,
    /** Whether people log in there; a hub need not be a cluster. */
    cluster: Type.Boolean(),
    /** Wall clock minus true time at the start. */
    clockOffsetMs: Type.Integer(),
  },
  closed,
)
export type NodePlan = Static<typeof NodePlan>

const at = { at: Milliseconds }
const node = { node: NodeId }
const ms = { ms: Milliseconds }

/** What a script may promise to be few: sent so far, said so far, or held now, by all nodes together. */
const counted = [
  'messages',
  'handshakes',
  'pages',
  'alarms',
  'losses',
  'refusals',
  'waiting',
  'tombstones',
  'origins',
] as const
export type Counted = (typeof counted)[number]

/** What can happen. Faults that last bring their own end, so that any of them can be left out. */
const actions = {
  login: Type.Object({ ...at, do: Type.Literal('login'), ...node, user: Count }, closed),
  logout: Type.Object({ ...at, do: Type.Literal('logout'), ...node, user: Count }, closed),
  /** A call to that user, followed from cluster to cluster. */
  call: Type.Object({ ...at, do: Type.Literal('call'), ...node, user: Count }, closed),
  /** Own records of another kind. */
  note: Type.Object(
    {
      ...at,
      do: Type.Literal('note'),
      ...node,
      first: Count,
      count: Count,
      /** Null is a tombstone. */
      value: Type.Union([Type.Integer(), Type.Null()]),
    },
    closed,
  ),
  /** SIGKILL between two effects, so many from now; started again after a while. */
  kill: Type.Object({ ...at, do: Type.Literal('kill'), ...node, effects: Count, downMs: Milliseconds }, closed),
  /** Killed, and its disk is empty when it starts. */
  wipe: Type.Object({ ...at, do: Type.Literal('wipe'), ...node, downMs: Milliseconds }, closed),
  backup: Type.Object({ ...at, do: Type.Literal('backup'), ...node }, closed),
  /** Killed, and started with the disk of its last backup. */
  restore: Type.Object({ ...at, do: Type.Literal('restore'), ...node, downMs: Milliseconds }, closed),
  /** The next so many writes of the host, changes of others, and commits fail. */
  failWrites: Type.Object(
    { ...at, do: Type.Literal('failWrites'), ...node, works: Count, stores: Count, commits: Count },
    closed,
  ),
  /** No commit is finished for a while. */
  stall: Type.Object({ ...at, do: Type.Literal('stall'), ...node, ...ms }, closed),
  /** Nothing gets through from any of these to any of those. */
  cut: Type.Object(
    {
      ...at,
      do: Type.Literal('cut'),
      from: Type.Array(NodeId),
      to: Type.Array(NodeId),
      bothWays: Type.Boolean(),
      ...ms,
    },
    closed,
  ),
  /** Off the network, and its transport says so. */
  unplug: Type.Object({ ...at, do: Type.Literal('unplug'), ...node, ...ms }, closed),
  /** Redis is killed, and empty when it is back. */
  redis: Type.Object({ ...at, do: Type.Literal('redis'), ...ms }, closed),
  pause: Type.Object({ ...at, do: Type.Literal('pause'), ...node, ...ms }, closed),
  slow: Type.Object({ ...at, do: Type.Literal('slow'), ...node, ...ms, delayMs: Milliseconds }, closed),
  /** The wall clock jumps. */
  clock: Type.Object({ ...at, do: Type.Literal('clock'), ...node, byMs: Type.Integer() }, closed),
  /** Recorded messages are sent to it again; of those only that hold this text, if there is one. */
  replay: Type.Object(
    { ...at, do: Type.Literal('replay'), ...node, count: Count, holding: Type.Optional(Type.String()) },
    closed,
  ),
  /** Messages of senders who do not know the password. */
  flood: Type.Object({ ...at, do: Type.Literal('flood'), ...node, count: Count }, closed),
  membership: Type.Object({ ...at, do: Type.Literal('membership'), ...node, membership: MembershipPlan }, closed),
  /** Of the next messages from these to those that hold this text, so many are lost, after so many that are not. Never drawn. */
  lose: Type.Object(
    {
      ...at,
      do: Type.Literal('lose'),
      from: Type.Array(NodeId),
      to: Type.Array(NodeId),
      holding: Type.String(),
      skip: Count,
      count: Count,
    },
    closed,
  ),
  /** What a script that was made by hand promises besides: that all replicas of the network are equal now, … */
  agree: Type.Object({ ...at, do: Type.Literal('agree') }, closed),
  /** … that this node shows that neighbour so, … */
  shows: Type.Object({ ...at, do: Type.Literal('shows'), ...node, peer: NodeId, status: Type.String() }, closed),
  /** … or that there have not been more of something than that since the start, or wait now. */
  most: Type.Object(
    {
      ...at,
      do: Type.Literal('most'),
      of: Type.Unsafe<Counted>(Type.Union(counted.map((what) => Type.Literal(what)))),
      count: Count,
    },
    closed,
  ),
} as const

/** Only in scripts that were made by hand. */
export type ByHand = 'lose' | 'agree' | 'shows' | 'most'

export type Action = { [Name in keyof typeof actions]: Static<(typeof actions)[Name]> }[keyof typeof actions]
export type ActionName = Action['do']
export type ActionOf<Name extends ActionName> = Extract<Action, { readonly do: Name }>

const Script = Type.Object(
  {
    format: Type.Literal(1),
    /** Of everything that the script leaves open: delays, which messages are lost, nonces. */
    seed: Type.Integer({ minimum: 0, maximum: 0xffff_ffff }),
    users: Type.Integer({ minimum: 1, maximum: 100_000 }),
    heartbeatMs: Type.Integer({ minimum: 10, maximum: 3_600_000 }),
    synchronizeEveryMs: Milliseconds,
    network: Type.Object(
      {
        loss: Probability,
        duplicate: Probability,
        slow: Probability,
        overtake: Probability,
        garble: Probability,
      },
      closed,
    ),
    /** Bounds of ils-sync (core/limits.ts), which small networks would never come near. */
    limits: Type.Object(
      {
        pageRecords: PositiveCount,
        pagesPerPull: PositiveCount,
        pushCharacters: PositiveCount,
        tombstones: PositiveCount,
      },
      closed,
    ),
    nodes: Type.Array(NodePlan, { minItems: 1, maxItems: 1000 }),
    /** In order of time. */
    actions: Type.Array(Type.Unsafe<Action>(Type.Union(Object.values(actions)))),
    /** When everything heals. */
    endsAt: Milliseconds,
  },
  closed,
)
export type Script = Static<typeof Script>

/** A script that cannot be run, and why. */
export class ScriptError extends Error {}

/** Throws ScriptError naming what is wrong. */
export function parseScript(text: string): Script {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new ScriptError(`not JSON: ${(error as Error).message}`, { cause: error })
  }
  checkActionNames(value)
  if (!Value.Check(Script, value)) {
    const [first] = Value.Errors(Script, value)
    throw new ScriptError(`${first?.instancePath === '' ? 'the script' : first?.instancePath}: ${first?.message}`)
  }
  checkReferences(value)
  return value
}

/** One action per line: short enough to read in a log. */
export function serializeScript(script: Script): string {
  const { actions: list, nodes, ...rest } = script
  const lines = (items: readonly object[]) =>
    `[\n${items.map((item) => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]`
  const head = JSON.stringify(rest).slice(1, -1)
  return `{\n  ${head},\n  "nodes": ${lines(nodes)},\n  "actions": ${lines(list)}\n}\n`
}

/** A union's own error would only say that none of twenty shapes fits. */
function checkActionNames(value: unknown): void {
  const list = (value as { actions?: unknown } | null)?.actions
  if (!Array.isArray(list)) return
  for (const [index, action] of list.entries()) {
    const name = (action as { do?: string } | null)?.do
    const schema = Object.hasOwn(actions, name ?? '') ? actions[name as ActionName] : undefined
    if (schema === undefined) throw new ScriptError(`/actions/${index}: there is no action "${name}"`)
    const [wrong] = Value.Errors(schema, action)
    if (wrong) throw new ScriptError(`/actions/${index}${wrong.instancePath}: ${wrong.message}`)
  }
}

function checkReferences({ nodes, actions: list }: Script): void {
  const known = new Set(nodes.map(({ id }) => id))
  if (known.size < nodes.length) throw new ScriptError('/nodes: two nodes have the same ID')
  let last = 0
  for (const [index, action] of list.entries()) {
    const named = 'from' in action ? [...action.from, ...action.to] : 'node' in action ? [action.node] : []
    if ('peer' in action) named.push(action.peer)
    const stranger = named.find((id) => !known.has(id))
    if (stranger !== undefined) throw new ScriptError(`/actions/${index}: there is no node "${stranger}"`)
    if (action.at < last) throw new ScriptError(`/actions/${index}: it happens before the one above it`)
    last = action.at
  }
}
