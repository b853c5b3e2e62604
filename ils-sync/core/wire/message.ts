// What nodes say to one another: the message table of ils-sync/README.md as schemas, with codec.
import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import { WireBatch, WireVector, parseBatches, parseVector } from './batch-codec.ts'
import { createCheck } from './check.ts'
import type { Batch, Vector } from '../data/record.ts'

const Nonce = Type.String({ minLength: 16, maxLength: 64 })
const Counter = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const PeerId = Type.String({ minLength: 1, maxLength: 64 })
/** Certificate as DER in base64, signature in base64url; longest with RSA. */
const proof = {
  certificate: Type.Optional(Type.String({ maxLength: 8192 })),
  proof: Type.Optional(Type.String({ maxLength: 1400 })),
}
const introduction = {
  role: Type.Union([Type.Literal('hub'), Type.Literal('spoke')]),
  peerId: PeerId,
  /** The sender's wall clock. */
  at: Counter,
  mode: Type.Union([Type.Literal('password'), Type.Literal('certificates'), Type.Literal('both')]),
  /** Public half of an X25519 exchange, base64url. */
  key: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })),
  ...proof,
}

const bodies = {
  /** `echo` is what a `refused challenge` has asked for: whoever repeats it hears us, and is no recording. */
  hello: Type.Object({ nonce: Nonce, echo: Type.Optional(Nonce), ...introduction }),
  welcome: Type.Object({ nonce: Nonce, answer: Nonce, ...introduction }),
  refused: Type.Object({
    reason: Type.String({ maxLength: 64 }),
    /** The session that is not known, or the nonce of the call or answer that is not accepted. */
    session: Type.Optional(Type.String({ maxLength: 64 })),
    nonce: Type.Optional(Nonce),
    peerId: PeerId,
    ...proof,
  }),
  /** `at` is the sender's wall clock. */
  beat: Type.Object({ digest: Type.String({ maxLength: 64 }), at: Counter }),
  push: Type.Object({ batches: Type.Array(WireBatch) }),
  pull: Type.Object({
    id: Counter,
    vector: WireVector,
    /** Origins of which the sender takes nothing more up to this epoch; their numbers mean nothing. */
    full: Type.Optional(WireVector),
    /** What the sender's spokes have claimed to hold of other origins, where it is more than the sender holds. */
    seen: Type.Optional(WireVector),
  }),
  page: Type.Object({
    id: Counter,
    batches: Type.Array(WireBatch),
    more: Type.Boolean(),
    vector: WireVector,
    /** How many records are to come after this page. */
    left: Counter,
    /** In the first page of an answer that cannot carry everything: how far its pages will lead. */
    until: Type.Optional(WireVector),
  }),
} satisfies Record<string, TSchema>

export const isNonce = createCheck(Nonce)

export type MessageType = keyof typeof bodies
/** Messages that open a session; the others live in one. */
export type HandshakeType = 'hello' | 'welcome' | 'refused'
export type SessionType = Exclude<MessageType, HandshakeType>

const Frame = Type.Object({
  network: Type.String({ maxLength: 128 }),
  to: Type.String({ maxLength: 64 }),
  type: Type.String({ maxLength: 32 }),
  n: Type.Optional(Counter),
  payload: Type.Unknown(),
})

const isFrame = createCheck(Frame)
const checks = Object.fromEntries(
  Object.entries(bodies).map(([type, schema]) => [type, createCheck(schema)]),
) as unknown as {
  readonly [T in MessageType]: (value: unknown) => boolean
}

interface Payloads {
  hello: Static<typeof bodies.hello>
  welcome: Static<typeof bodies.welcome>
  refused: Static<typeof bodies.refused>
  beat: Static<typeof bodies.beat>
  push: { readonly batches: readonly Batch[] }
  pull: {
    readonly id: number
    readonly vector: Vector
    readonly full: Vector
    readonly seen: Vector
  }
  page: {
    readonly id: number
    readonly batches: readonly Batch[]
    readonly more: boolean
    readonly vector: Vector
    readonly left: number
    readonly until: Vector | undefined
  }
}
export type Payload<T extends MessageType> = Payloads[T]

interface Addressed {
  readonly network: string
  readonly to: string
}
export type HandshakeMessage = {
  [T in HandshakeType]: Addressed & { readonly type: T; readonly payload: Payloads[T] }
}[HandshakeType]
export type SessionMessage = {
  [T in SessionType]: Addressed & {
    readonly type: T
    readonly n: number
    readonly payload: Payloads[T]
  }
}[SessionType]
export type Message = HandshakeMessage | SessionMessage

/** Undefined for anything that is not a message of this version, a batch whose numbers contradict each other included. */
export function parseMessage(body: string): Message | undefined {
  const value = parseJson(body)
  if (!isFrame(value)) return undefined
  const { network, to, type, n, payload } = value
  if (!Object.hasOwn(checks, type) || !checks[type as MessageType](payload)) return undefined
  const known = type as MessageType
  const parsed = parsePayload(known, payload)
  if (parsed === undefined) return undefined
  if (isHandshake(known)) return { network, to, type: known, payload: parsed } as Message
  if (n === undefined) return undefined
  return { network, to, type: known, n, payload: parsed } as Message
}

/** `payload` is JSON already, so that one push to many peers is written once. */
export function serializeFrame(
  address: Addressed & { readonly n?: number },
  type: MessageType,
  payload: string,
): string {
  const { network, to, n } = address
  return `${JSON.stringify({ network, to, type, n }).slice(0, -1)},"payload":${payload}}`
}

export function isHandshake(type: MessageType): type is HandshakeType {
  return type === 'hello' || type === 'welcome' || type === 'refused'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function parsePayload(type: MessageType, payload: unknown): unknown {
  if (type === 'push') {
    const batches = parseBatches((payload as Static<typeof bodies.push>).batches)
    return batches && { batches }
  }
  if (type === 'pull') {
    const { id, vector, full = [], seen = [] } = payload as Static<typeof bodies.pull>
    return { id, vector: parseVector(vector), full: parseVector(full), seen: parseVector(seen) }
  }
  if (type === 'page') {
    const page = payload as Static<typeof bodies.page>
    const batches = parseBatches(page.batches)
    const until = page.until && parseVector(page.until)
    return batches && { ...page, batches, vector: parseVector(page.vector), until }
  }
  return payload
}
