// What the core remembers. Only the functions of this folder change it, and only while they handle an event.
import { createEnvelopeCodec } from './envelope.ts'
import type { EnvelopeCodec } from './envelope.ts'
import type { Notice, PeerStatus } from './notice.ts'
import { Replica } from './replica.ts'
import type { IlsRecord, StoreChange, StoredOrigin } from './record.ts'

export type Role = 'hub' | 'spoke' | 'standalone'

export interface CoreOptions {
  /** This node's ID: the Cluster ID, or the name of a hub that is no cluster. */
  readonly self: string
  readonly role: Role
  /** A spoke's one hub. */
  readonly hub?: string
  /** A hub's fellow hubs; each of them lists this one. */
  readonly hubs?: readonly string[]
  readonly network: string
  /** From `deriveKey`. */
  readonly key: Uint8Array
  readonly heartbeatMs: number
  /** "Synchronize Clusters Every"; 0 = never. */
  readonly synchronizeEveryMs: number
  /** Cryptographic random bytes; in a simulation, seeded ones. */
  readonly random: (size: number) => Buffer
}

export type CoreEvent =
  /** The transport carries (again). */
  | { readonly type: 'up' }
  | { readonly type: 'down' }
  /** Pull from every neighbour now. */
  | { readonly type: 'synchronize' }
  /** At least every half heartbeat. */
  | { readonly type: 'tick' }
  | { readonly type: 'message'; readonly bytes: Uint8Array }
  /** Inside the host's write: this node's own record changes. */
  | { readonly type: 'change'; readonly kind: string; readonly key: string; readonly value: IlsRecord['value'] }
  /** Inside the host's write, as the effect `lostData` asked: all own `records` again, under an epoch above the one `seen` at a peer. */
  | {
      readonly type: 'adoptEpoch'
      readonly seen: number
      readonly records: readonly IlsRecord[]
    }
  /** After the commit: the own changes of the effect `own` with this token are on disk. */
  | { readonly type: 'committed'; readonly token: number }
  /** At the end of a turn: send what accumulated, one message per link. */
  | { readonly type: 'flush' }
  /** The store could not keep what memory holds: start again from what is on disk. */
  | { readonly type: 'reload'; readonly stored: readonly StoredOrigin[] }

export type Effect =
  /** Own change: execute at once, inside the write that is running; after its commit answer `committed` with the token. */
  | { readonly type: 'own'; readonly change: StoreChange; readonly token: number }
  /** A change of another origin: any later transaction, in order. Memory is ahead of the disk until then, which a crash heals by pulling. */
  | { readonly type: 'store'; readonly change: StoreChange }
  /** Open a write and handle `adoptEpoch` inside it. */
  | { readonly type: 'lostData'; readonly seen: number; readonly peer: string }
  | { readonly type: 'send'; readonly to: string; readonly bytes: Buffer }
  | { readonly type: 'notify'; readonly notice: Notice }

export interface Session {
  readonly id: string
  sent: number
  received: number
}

/** One neighbour. */
export interface Link {
  readonly peer: string
  readonly role: 'hub' | 'spoke'
  /** Spokes call their hub; of two hubs the one with the smaller ID calls. */
  readonly initiator: boolean
  live: Session | undefined
  /** Answered calls, by the caller's nonce, until the first message in one of them. */
  readonly pending: Map<string, { readonly session: Session; readonly answer: string }>
  /** Our own call, while it is not answered. */
  nonce: string | undefined
  lastHello: number
  lastRefusal: number
  lastHeard: number | undefined
  lastBeat: number
  /** Last push in either direction; digests may differ for a moment after one. */
  lastPush: number
  lastAlarm: number
  /** Whether this session has seen the peer's vector: until then nothing is pushed. */
  synced: boolean
  /** Beats in a row whose digest differed. */
  mismatches: number
  pull: { readonly id: number; readonly at: number; again: boolean } | undefined
  /** A complete pull since the start of this process. */
  pulled: boolean
  status: PeerStatus
  /** Origin → number after which the peer was not told yet. */
  readonly outbox: Map<string, number>
}

/** What happened since the start, for metrics. */
export interface Counters {
  applied: number
  pushesSent: number
  pushesReceived: number
  pullsSent: number
  pagesSent: number
  gaps: number
}

export interface CoreState {
  readonly options: CoreOptions
  readonly codec: EnvelopeCodec
  replica: Replica
  readonly own: OwnState
  readonly links: Map<string, Link>
  /** Claimed sender → when an alarm was last raised about it. */
  readonly claims: Map<string, number>
  readonly counters: Counters
  transportUp: boolean
  startedAt: number | undefined
  lastTick: number | undefined
  lastSynchronize: number | undefined
  lastPullId: number
}

/** The own origin's numbering, which runs ahead of the replica while a write is open. */
export interface OwnState {
  epoch: number
  /** Last number given out; those of failed writes stay unused, which no receiver minds. */
  usn: number
  /** Highest number that any peer can know of: what was on disk at the start, or sent since. */
  exposed: number
  lastToken: number
  /** Token → change, until its commit. */
  readonly uncommitted: Map<number, StoreChange>
}

/** One event being handled. */
export interface Turn {
  readonly now: number
  readonly effects: Effect[]
}

/** `stored` must hold the own origin: the driver founds it with a first epoch before it creates the core. */
export function createState(options: CoreOptions, stored: readonly StoredOrigin[]): CoreState {
  const replica = new Replica(stored)
  const state: CoreState = {
    options,
    codec: createEnvelopeCodec(options.key, options.self),
    replica,
    own: { epoch: 0, usn: 0, exposed: 0, lastToken: 0, uncommitted: new Map() },
    links: new Map(),
    claims: new Map(),
    counters: { applied: 0, pushesSent: 0, pushesReceived: 0, pullsSent: 0, pagesSent: 0, gaps: 0 },
    transportUp: false,
    startedAt: undefined,
    lastTick: undefined,
    lastSynchronize: undefined,
    lastPullId: 0,
  }
  resetOwn(state)
  return state
}

/** Takes the own numbering from the replica: nothing is uncommitted then. */
export function resetOwn(state: CoreState): void {
  const version = state.replica.version(state.options.self)
  if (version === undefined) throw new Error(`the store holds no epoch of ${state.options.self}`)
  state.own.epoch = version.epoch
  state.own.usn = version.usn
  state.own.exposed = Math.max(state.own.exposed, version.usn)
  state.own.uncommitted.clear()
}

export function notify(turn: Turn, notice: Notice): void {
  turn.effects.push({ type: 'notify', notice })
}
