// What the core remembers. Only the functions of this folder change it, and only while they handle an event.
import { createEnvelopeCodec } from './wire/envelope.ts'
import type { EnvelopeCodec, SessionKey } from './wire/envelope.ts'
import { createHandshakeBudget } from './session/handshake-budget.ts'
import type { HandshakeBudget } from './session/handshake-budget.ts'
import { openKey } from './session/open-key.ts'
import type { Payload } from './wire/message.ts'
import type { Notice, PeerStatus, RenumberReason } from './notice.ts'
import { Replica } from './data/replica.ts'
import type { Batch, IlsRecord, StoreChange, StoredOrigin, Vector, Version } from './data/record.ts'
import type { Exchange } from './session/session-key.ts'

export type Role = 'hub' | 'spoke' | 'standalone'

/** A node's place in the network. It may change at run time (event `membership`). */
export type Membership =
  | { readonly role: 'standalone' }
  | {
      readonly role: 'hub'
      /** The one hub that a new hub names; it meshes with all others that this one knows. The first hub of a network names none. */
      readonly registrationServer?: string
      /** Fellow hubs that are named beforehand. */
      readonly hubs?: readonly string[]
    }
  /** A spoke has exactly one hub. */
  | { readonly role: 'spoke'; readonly hub: string }

/** How peers prove that they belong to the network. All nodes of a network do it in the same way. */
export interface Authentication {
  readonly mode: 'password' | 'certificates' | 'both'
  /** From `deriveKey` of the password; where certificates alone vouch `openKey`, which proves nothing. */
  readonly key: Uint8Array
  /** Present unless the mode is `password`. */
  readonly certificates?: PeerCertificates
}

/** This node's certificate, and its judgement of others'. */
export interface PeerCertificates {
  /** Own certificate, DER in base64. */
  readonly certificate: string
  sign(data: Uint8Array): Buffer
  /** Undefined when `certificate` is of a CA that is trusted, names `peer`, is valid now, and made `signature`; else why not. */
  refuse(
    peer: string,
    proof: { readonly certificate: string; readonly data: Uint8Array; readonly signature: Uint8Array },
  ): string | undefined
}

export interface CoreOptions {
  /** This node's ID: the Cluster ID, or the name of a hub that is no cluster. */
  readonly self: string
  /** The node's peer ID: made with its store, so that two clusters with one Cluster ID can be told apart. */
  readonly peerId: string
  /** At the start. */
  readonly membership: Membership
  readonly network: string
  readonly authentication: Authentication
  readonly heartbeatMs: number
  /** "Synchronize Clusters Every"; 0 = never. */
  readonly synchronizeEveryMs: number
  /** How many tombstones of its own a node keeps at least before it starts a new epoch without them; `limits.tombstones` by default. */
  readonly compactAbove?: number
  /** Cryptographic random bytes; in a simulation, seeded ones. */
  readonly random: (size: number) => Buffer
  /** Wall clock, milliseconds; for what people see and compare. It may be wrong and may jump. */
  readonly wall: () => number
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
  /**
   * Inside the host's write, as the effects `lostData` and `compact` asked: all own `records` again, under an epoch above the one `seen`
   * at a peer.
   */
  | { readonly type: 'adoptEpoch'; readonly seen: number; readonly records: readonly IlsRecord[] }
  /** Inside the host's write, as the effect `raise` asked. */
  | { readonly type: 'raise' }
  /** After the commit: the own changes of the effect `own` with this token are on disk. */
  | { readonly type: 'committed'; readonly token: number }
  /** At the end of a turn: send what accumulated, one message per link. */
  | { readonly type: 'flush' }
  /**
   * Inside the host's write: another place in the network, taken once the write is on disk. `records` are all own ones, as the running
   * write sees them. At the start, with the present membership: so that the network is told by the own peer-info.
   */
  | { readonly type: 'membership'; readonly membership: Membership; readonly records: readonly IlsRecord[] }
  /** The store could not keep what memory holds: start again from what is on disk. */
  | { readonly type: 'reload'; readonly stored: readonly StoredOrigin[] }

export type Effect =
  /** Own change: execute at once, inside the write that is running; after its commit answer `committed` with the token. */
  | { readonly type: 'own'; readonly change: StoreChange; readonly token: number }
  /** A change of another origin: any later transaction, in order. Memory is ahead of the disk until then, which a crash heals by pulling. */
  | { readonly type: 'store'; readonly change: StoreChange }
  /** Open a write and handle `adoptEpoch` inside it; when that is done, tell why. */
  | { readonly type: 'renumber'; readonly seen: number; readonly why: RenumberReason }
  /** Open a write and handle `raise` inside it: until it is on disk, nothing leaves. */
  | { readonly type: 'raise' }
  | { readonly type: 'send'; readonly to: string; readonly bytes: Buffer }
  | { readonly type: 'notify'; readonly notice: Notice }

export interface Session extends SessionKey {
  /** Of the node at the other end, as it said when it opened the session. */
  readonly peerId: string
  readonly role: 'hub' | 'spoke'
  sent: number
  received: number
}

/** Own contribution to a session. */
export interface OpenCall {
  readonly nonce: string
  /** What the peer has asked this call to repeat. */
  readonly echo?: string
  /** Present where certificates vouch. */
  readonly exchange?: Exchange
}

/** An answered call, until the first message in its session. */
export interface Pending {
  readonly session: Session
  readonly answer: OpenCall
  readonly callerKey: string | undefined
}

/** What membership remembers of a neighbour. */
export interface Standing {
  /** Since when the link is there; set by its first tick. */
  knownSince: number | undefined
  /** Which peer-info of itself was known when the link came, or its session opened: a newer one may say that it went elsewhere. */
  described: Version | undefined
  rival: Rival | undefined
  /** What another store's call has to repeat before it counts as a rival: a recorded one cannot. */
  challenge: string | undefined
  /** When the peer last told us that our own Cluster ID is in use twice. */
  toldDuplicate: number | undefined
  /** Wall clock there minus ours, as of the last beat. */
  clockOffsetMs: number | undefined
  /** The host was told that the two clocks are too far apart. */
  clockOff: boolean
}

/** Another store that answers to a neighbour's ID: a duplicate Cluster ID, unless the neighbour is never heard again. */
export interface Rival {
  readonly peerId: string
  readonly firstSeen: number
  lastSeen: number
  /** Of its last call. */
  nonce: string | undefined
  /** How long the neighbour must be heard beside it before it counts. */
  readonly doubtMs: number
  lastAlarm: number | undefined
}

/** One neighbour. */
export interface Link {
  readonly peer: string
  /** What the peer said it is when the session opened; before that, what we expect it to be. */
  role: 'hub' | 'spoke'
  /** Spokes call their hub; of two hubs the one with the smaller ID calls, and the other one only makes itself known. */
  initiator: boolean
  readonly standing: Standing
  live: Session | undefined
  /** Answered calls, by the caller's nonce, until the first message in one of them. */
  readonly pending: Map<string, Pending>
  /** Our own call, while it is not answered. */
  call: OpenCall | undefined
  lastHello: number
  lastHeard: number | undefined
  lastBeat: number
  /** Last push in either direction; digests may differ for a moment after one. */
  lastPush: number
  lastAlarm: number
  /** Whether this session has seen the peer's vector: until then nothing is pushed. */
  synced: boolean
  /** Beats in a row whose digest differed. */
  mismatches: number
  pull: OpenPull | undefined
  /** While more than a page is being learned over this link. */
  learning?: Learning | undefined
  /** A pull of the peer's, until the end of the turn. */
  asked?: { readonly session: Session; readonly pull: Payload<'pull'> } | undefined
  /** A complete pull since the start of this process. */
  pulled: boolean
  status: PeerStatus
  /** Origin → number after which the peer was not told yet. */
  readonly outbox: Map<string, number>
}

/** A conversation of pulls and pages. */
export interface OpenPull {
  /** Pages that answer older pulls than this are late. */
  readonly first: number
  /** The newest pull. */
  id: number
  /** When it was asked, or last answered. */
  at: number
  /** What it said was held, or on its way. */
  asked: Vector
  /** Something may have been written since. */
  again: boolean
  progressed: boolean
}

export interface Learning {
  /** Received so far, and together with what is left. */
  records: number
  of: number
  toldAt: number
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
  membership: Membership
  readonly codec: EnvelopeCodec
  replica: Replica
  readonly own: OwnState
  readonly links: Map<string, Link>
  /** Claimed sender → when an alarm was last raised about it. */
  readonly claims: Map<string, number>
  /** When handshakes that prove nothing were answered last, by claimed sender. */
  readonly answers: Map<string, number>
  /** Claimed sender → when it was last told that its session is not known. */
  readonly refusals: Map<string, number>
  readonly handshakes: HandshakeBudget
  readonly counters: Counters
  transportUp: boolean
  startedAt: number | undefined
  lastTick: number | undefined
  lastSynchronize: number | undefined
  lastPullId: number
  /** Origin → what spokes claim to hold of it, where that is more than is held here. */
  readonly seen: Map<string, Version>
  /** Origin → what is known to exist of it beyond what is held. */
  readonly heads: Map<string, KnownHead>
  /** Of a spoke: origin that its hub does not know → since when. */
  readonly strays: Map<string, number>
  /** Present from the commit that left the network until the neighbours are known to have heard, or a poll has passed. */
  leaving: Leaving | undefined
}

export interface KnownHead {
  version: Version
  /** Since when this replica is behind. */
  readonly since: number
}

/** Links of the old place are kept only to tell them. */
export interface Leaving {
  /** All that is left of us for others: our peer-info, with the role standalone. */
  readonly farewell: Batch
  /** What was held before everything was forgotten: a pull with it is answered by next to nothing. */
  readonly vector: Vector
  readonly since: number
  readonly told: string[]
  readonly untold: string[]
}

/** The own origin's numbering, which runs ahead of the replica while a write is open. */
export interface OwnState {
  epoch: number
  /** Last number given out; those of failed writes stay unused, which no receiver minds. */
  usn: number
  /** Highest number that any peer can know of: what was on disk at the start, or sent since. */
  exposed: number
  /** It is proven in this life that nobody holds more of us than that. */
  met: boolean
  /** Until then: neighbour → whether it held all of that when it first showed in this life what it holds of us. */
  readonly shown: Map<string, boolean>
  /**
   * A peer holds more of us than we ever let out, and no epoch above that is on disk yet: what is written now has numbers that others
   * know for something else, so nothing of it may leave.
   */
  lost: { readonly seen: number; readonly peer: string } | undefined
  /** Highest number of which the disk admits that peers can know, see StoreChange. No bound where it says nothing of it. */
  sendable: number
  /** A write that raises it is under way. */
  raising: boolean
  /** Last number given out, and since when it is the last one. */
  quiet: { readonly usn: number; readonly since: number }
  lastToken: number
  /** Token → change, until its commit. */
  readonly uncommitted: Map<number, StoreChange>
  /** Token → the place that its write takes. */
  readonly moves: Map<number, Move>
  /** Epochs taken by this process because a peer held more of us than we ever let out. More than one hardly ever has an innocent cause. */
  adoptions: number
  lastAdoption: number
  lastDuplicateAlarm: number
}

export interface Move {
  readonly membership: Membership
  /** Present when it leaves the network. */
  readonly farewell: Batch | undefined
}

/** One event being handled. */
export interface Turn {
  readonly now: number
  readonly effects: Effect[]
}

const neverAdopted = {
  adoptions: 0,
  lastAdoption: Number.NEGATIVE_INFINITY,
  lastDuplicateAlarm: Number.NEGATIVE_INFINITY,
}

/** `stored` must hold the own origin: the driver founds it with a first epoch before it creates the core. */
export function createState(options: CoreOptions, stored: readonly StoredOrigin[]): CoreState {
  const replica = new Replica(stored)
  const state: CoreState = {
    options,
    membership: options.membership,
    codec: createEnvelopeCodec(options.authentication.key, options.self, openKey(options.network)),
    replica,
    own: {
      epoch: 0,
      usn: 0,
      exposed: 0,
      met: false,
      shown: new Map(),
      lost: undefined,
      sendable: Number.POSITIVE_INFINITY,
      raising: false,
      quiet: { usn: 0, since: 0 },
      lastToken: 0,
      uncommitted: new Map(),
      moves: new Map(),
      ...neverAdopted,
    },
    links: new Map(),
    claims: new Map(),
    answers: new Map(),
    refusals: new Map(),
    handshakes: createHandshakeBudget(),
    counters: { applied: 0, pushesSent: 0, pushesReceived: 0, pullsSent: 0, pagesSent: 0, gaps: 0 },
    transportUp: false,
    startedAt: undefined,
    lastTick: undefined,
    lastSynchronize: undefined,
    lastPullId: 0,
    seen: new Map(),
    heads: new Map(),
    strays: new Map(),
    leaving: undefined,
  }
  resetOwn(state)
  const own = stored.find(({ origin }) => origin === options.self)
  state.own.exposed = own?.unmet ?? state.own.usn
  state.own.sendable = own?.unmet ?? Number.POSITIVE_INFINITY
  return state
}

/** Takes the own numbering from the replica: nothing is uncommitted then. */
export function resetOwn(state: CoreState): void {
  const version = state.replica.version(state.options.self)
  if (version === undefined) throw new Error(`the store holds no epoch of ${state.options.self}`)
  state.own.epoch = version.epoch
  state.own.usn = version.usn
  state.own.raising = false
  state.own.uncommitted.clear()
  state.own.moves.clear()
}

export function createStanding(): Standing {
  return {
    knownSince: undefined,
    described: undefined,
    rival: undefined,
    challenge: undefined,
    toldDuplicate: undefined,
    clockOffsetMs: undefined,
    clockOff: false,
  }
}

export function notify(turn: Turn, notice: Notice): void {
  turn.effects.push({ type: 'notify', notice })
}
