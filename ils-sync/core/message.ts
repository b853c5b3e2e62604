// What nodes say to one another: the message table of ils-sync/README.md as schemas, with codec.
import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import { createCheck } from './check.ts'
import { limits } from './limits.ts'
import { deepFreeze, nodeIdPattern } from './record.ts'
import type { Batch, IlsRecord, JsonValue, Vector } from './record.ts'

const NodeId = Type.String({ pattern: nodeIdPattern.source })
const Nonce = Type.String({ minLength: 16, maxLength: 64 })
const Counter = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const WireVector = Type.Array(Type.Tuple([NodeId, Counter, Counter]), { maxItems: 10_000 })
const WireRecord = Type.Tuple([
  Counter,
  Type.String({ minLength: 1, maxLength: limits.kindCharacters }),
  Type.String({ maxLength: limits.keyCharacters }),
  Type.Unknown(),
])
const WireBatch = Type.Object({
  origin: NodeId,
  epoch: Counter,
  from: Counter,
  to: Counter,
  head: Counter,
  records: Type.Array(WireRecord),
})

const bodies = {
  hello: Type.Object({ nonce: Nonce, role: Type.Union([Type.Literal('hub'), Type.Literal('spoke')]) }),
  welcome: Type.Object({ nonce: Nonce, answer: Nonce }),
  refused: Type.Object({
    reason: Type.String({ maxLength: 64 }),
    session: Type.Optional(Type.String({ maxLength: 64 })),
  }),
  beat: Type.Object({ digest: Type.String({ maxLength: 64 }) }),
  push: Type.Object({ batches: Type.Array(WireBatch) }),
  pull: Type.Object({ id: Counter, vector: WireVector }),
  page: Type.Object({ id: Counter, batches: Type.Array(WireBatch), more: Type.Boolean(), vector: WireVector }),
} satisfies Record<string, TSchema>

export type MessageType = keyof typeof bodies
/** Messages that open a session; the others live in one. */
export type HandshakeType = 'hello' | 'welcome' | 'refused'
export type SessionType = Exclude<MessageType, HandshakeType>

const Frame = Type.Object({
  network: Type.String({ maxLength: 128 }),
  to: Type.String({ maxLength: 64 }),
  type: Type.String({ maxLength: 32 }),
  session: Type.Optional(Type.String({ maxLength: 64 })),
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
  pull: { readonly id: number; readonly vector: Vector }
  page: { readonly id: number; readonly batches: readonly Batch[]; readonly more: boolean; readonly vector: Vector }
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
    readonly session: string
    readonly n: number
    readonly payload: Payloads[T]
  }
}[SessionType]
export type Message = HandshakeMessage | SessionMessage

/** Undefined for anything that is not a message of this version, a batch whose numbers contradict each other included. */
export function parseMessage(body: string): Message | undefined {
  const value = parseJson(body)
  if (!isFrame(value)) return undefined
  const { network, to, type, session, n, payload } = value
  if (!Object.hasOwn(checks, type) || !checks[type as MessageType](payload)) return undefined
  const known = type as MessageType
  const parsed = parsePayload(known, payload)
  if (parsed === undefined) return undefined
  if (isHandshake(known)) return { network, to, type: known, payload: parsed } as Message
  if (session === undefined || n === undefined) return undefined
  return { network, to, type: known, session, n, payload: parsed } as Message
}

/** `payload` is JSON already, so that one push to many peers is written once. */
export function serializeFrame(
  address: Addressed & { readonly session?: string; readonly n?: number },
  type: MessageType,
  payload: string,
): string {
  const { network, to, session, n } = address
  return `${JSON.stringify({ network, to, type, session, n }).slice(0, -1)},"payload":${payload}}`
}

export function serializeVector(vector: Vector): string {
  return JSON.stringify([...vector].map(([origin, { epoch, usn }]) => [origin, epoch, usn]))
}

export function serializeBatch({ origin, epoch, from, to, head, records }: Batch): string {
  const tuples = records.map(({ usn, kind, key, value }) => [usn, kind, key, value])
  return JSON.stringify({ origin, epoch, from, to, head, records: tuples })
}

function isHandshake(type: MessageType): type is HandshakeType {
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
    const { id, vector } = payload as Static<typeof bodies.pull>
    return { id, vector: parseVector(vector) }
  }
  if (type === 'page') {
    const page = payload as Static<typeof bodies.page>
    const batches = parseBatches(page.batches)
    return batches && { id: page.id, batches, more: page.more, vector: parseVector(page.vector) }
  }
  return payload
}

function parseVector(entries: Static<typeof WireVector>): Vector {
  return new Map(entries.map(([origin, epoch, usn]) => [origin, { epoch, usn }]))
}

function parseBatches(wire: readonly Static<typeof WireBatch>[]): readonly Batch[] | undefined {
  const batches: Batch[] = []
  for (const { origin, epoch, from, to, head, records: tuples } of wire) {
    let last = from
    const records: IlsRecord[] = []
    for (const [usn, kind, key, value] of tuples) {
      if (usn <= last || usn > to) return undefined
      last = usn
      records.push(deepFreeze({ origin, epoch, usn, kind, key, value: value as JsonValue }))
    }
    if (to < from || head < to) return undefined
    batches.push({ origin, epoch, from, to, head, records })
  }
  return batches
}
