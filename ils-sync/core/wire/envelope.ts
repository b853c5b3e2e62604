// The bytes of a message: one header line with version, class, claimed sender, session and keyed signature, then JSON.
//   ILS/2 S cluster2 <22 characters of base64url> <43 characters of base64url>\n{"network":…}
// The signature covers the rest of the header and the JSON, and is checked before a byte of the JSON is parsed. Outside of a session
// (`-`) its key is the network's; in a session it is the session's own, which the header names: one HMAC either way.
import { createHash, hash, timingSafeEqual } from 'node:crypto'
import { limits } from '../limits.ts'

/** Rises when an older node could misread a message. */
export const protocolVersion = 2

/** `refusal` is told apart in the clear, because it must not be answered even by a node that cannot verify it. */
export const MessageClass = { handshake: 'H', refusal: 'R', session: 'S' } as const
export type MessageClass = (typeof MessageClass)[keyof typeof MessageClass]

/** Why bytes were turned away before they were parsed. */
export type OpenFailure =
  | 'oversize'
  | 'malformed'
  | 'version'
  | 'authentication'
  /** Signed with the key that anybody can compute: the sender relies on certificates alone, and this node does not. */
  | 'mode'
  /** A session that this node does not know, so nobody can tell who speaks. */
  | 'session'

export type Opened =
  | {
      readonly ok: true
      readonly messageClass: MessageClass
      readonly from: string
      /** Present in messages of class `session`. */
      readonly session?: string
      readonly body: string
    }
  | {
      readonly ok: false
      readonly reason: OpenFailure
      /** What the header says; nobody vouches for it. */
      readonly claimed?: string
      readonly messageClass?: MessageClass
      readonly session?: string
    }

/** Signature of the concatenated parts under one key. */
export type Mac = (parts: readonly Uint8Array[]) => Buffer

/** What the messages of a session are signed with. */
export interface SessionKey {
  readonly id: string
  readonly mac: Mac
}

export interface EnvelopeCodec {
  /** With a session its messages, else a handshake or refusal. Throws RangeError when it would be refused as oversize: a bug of the sender. */
  seal(into: 'H' | 'R' | SessionKey, body: string): Buffer
  /** Never throws, whatever the bytes. `macOf` finds the key of a session with that sender. */
  open(bytes: Uint8Array, macOf: (from: string, session: string) => Mac | undefined): Opened
}

const header =
  /^ILS\/(\d{1,6}) (?:([HRS]) ([A-Za-z0-9.-]{1,50}) (-|[A-Za-z0-9_-]{22}) ([A-Za-z0-9_-]{43})$|(?:\S+ ([A-Za-z0-9.-]{1,50})(?: |$))?)/u
const longestHeader = 160
const blockBytes = 64
const macCharacters = 43
/** In bytes. */
const hashedAtOnce = 4096

/** HMAC-SHA256 (RFC 2104), as two hashes over prepared pads. */
export function createMac(key: Uint8Array): Mac {
  const block = Buffer.alloc(blockBytes)
  block.set(key.length > blockBytes ? hash('sha256', key, 'buffer') : key)
  const inner = block.map((byte) => byte ^ 0x36)
  const outer = block.map((byte) => byte ^ 0x5c)
  return (parts) => sha256([outer, sha256([inner, ...parts])])
}

/**
 * At once is quicker than bit by bit, which at ILS rates is most of what signing costs; but not for a page, and what the copies of a
 * full synchronization's pages cost most is the collecting of them.
 */
function sha256(parts: readonly Uint8Array[]): Buffer {
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  if (size <= hashedAtOnce) return hash('sha256', Buffer.concat(parts, size), 'buffer')
  const whole = createHash('sha256')
  for (const part of parts) whole.update(part)
  return whole.digest()
}

interface Header {
  readonly line: string
  readonly messageClass: MessageClass
  readonly claimed: string
  readonly session: string
  readonly signature: Buffer
}

/** `openKey` is the network's key where certificates alone vouch: to tell another mode from another password, and for nothing else. */
export function createEnvelopeCodec(key: Uint8Array, self: string, openKey: Uint8Array = key): EnvelopeCodec {
  const networkMac = createMac(key)
  const openMac = Buffer.compare(key, openKey) === 0 ? undefined : createMac(openKey)
  return {
    seal(into, body) {
      const [messageClass, session, mac] =
        typeof into === 'string' ? [into, '-', networkMac] : [MessageClass.session, into.id, into.mac]
      const line = `ILS/${protocolVersion} ${messageClass} ${self} ${session}`
      // In place: a copy of each page is worth avoiding.
      const start = line.length + macCharacters + 2
      const sealed = Buffer.allocUnsafe(start + Buffer.byteLength(body))
      if (sealed.length > longest(messageClass)) throw new RangeError(`ILS message of ${sealed.length} bytes`)
      sealed.write(body, start)
      const signature = sign(mac, line, sealed.subarray(start)).toString('base64url')
      sealed.write(`${line} ${signature}\n`, 'latin1')
      return sealed
    },
    open(bytes, macOf) {
      if (bytes.length > limits.messageBytes) return { ok: false, reason: 'oversize' }
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const end = buffer.subarray(0, longestHeader).indexOf(10)
      const read = readHeader(end < 0 ? '' : buffer.toString('latin1', 0, end))
      if ('ok' in read) return read
      const { messageClass, claimed, session, signature, line } = read
      const facts = { claimed, messageClass, ...(session === '-' ? {} : { session }) }
      if (buffer.length > longest(messageClass)) return { ok: false, reason: 'oversize', ...facts }
      const mac = session === '-' ? networkMac : macOf(claimed, session)
      if (mac === undefined) return { ok: false, reason: 'session', ...facts }
      const body = buffer.subarray(end + 1)
      if (same(signature, sign(mac, line, body))) {
        return {
          ok: true,
          messageClass,
          from: claimed,
          body: body.toString('utf8'),
          ...(session === '-' ? {} : { session }),
        }
      }
      const open = session === '-' && openMac !== undefined && same(signature, sign(openMac, line, body))
      return { ok: false, reason: open ? 'mode' : 'authentication', ...facts }
    },
  }
}

function sign(mac: Mac, line: string, body: Uint8Array): Buffer {
  return mac([Buffer.from(`${line}\n`, 'latin1'), body])
}

function same(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** A handshake is read by a node that does not know yet whom it is reading, so it may cost less. */
function longest(messageClass: MessageClass): number {
  return messageClass === MessageClass.session ? limits.messageBytes : limits.handshakeBytes
}

function readHeader(line: string): Header | (Opened & { ok: false }) {
  const match = header.exec(line)
  if (match === null) return { ok: false, reason: 'malformed' }
  const [, version, messageClass, sender, session, signature, other] = match
  const claimed = sender ?? other
  const facts = claimed === undefined ? {} : { claimed }
  if (Number(version) !== protocolVersion) return { ok: false, reason: 'version', ...facts }
  if (messageClass === undefined || sender === undefined || session === undefined || signature === undefined) {
    return { ok: false, reason: 'malformed', ...facts }
  }
  if ((messageClass === MessageClass.session) === (session === '-')) return { ok: false, reason: 'malformed', ...facts }
  return {
    line: line.slice(0, -(macCharacters + 1)),
    messageClass: messageClass as MessageClass,
    claimed: sender,
    session,
    signature: Buffer.from(signature, 'base64url'),
  }
}
