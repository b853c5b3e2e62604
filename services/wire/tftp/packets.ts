// TFTP packets: RFC 1350 (§5), with the options of RFC 2347 behind a request. Numbers are big-endian, texts end with a zero byte.

/** The packets of RFC 1350 §5 and RFC 2347's OACK. */
export const Opcode = { readRequest: 1, writeRequest: 2, data: 3, acknowledgement: 4, error: 5, optionAck: 6 } as const
export type Opcode = (typeof Opcode)[keyof typeof Opcode]

/** Error codes: RFC 1350, appendix; 8 is RFC 2347's. */
export const ErrorCode = {
  notDefined: 0,
  fileNotFound: 1,
  accessViolation: 2,
  diskFull: 3,
  illegalOperation: 4,
  unknownTransfer: 5,
  fileExists: 6,
  noSuchUser: 7,
  optionRefused: 8,
} as const
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode]

/** How a file's bytes travel. RFC 1350's `mail` is obsolete and not read. */
export type TransferMode = 'octet' | 'netascii'

/** By name in lower case, in the order in which they came; values as they were sent. */
export type Options = ReadonlyMap<string, string>

/** What asks for a transfer. */
export interface RequestPacket {
  readonly opcode: typeof Opcode.readRequest | typeof Opcode.writeRequest
  readonly file: string
  readonly mode: TransferMode
  readonly options: Options
}

/** One block of a file; a block shorter than the others, possibly empty, is the last. */
export interface DataPacket {
  readonly opcode: typeof Opcode.data
  /** 0 to 65535: it begins with 1 and wraps. */
  readonly block: number
  readonly data: Uint8Array
}

/** A block has arrived; block 0 answers an OACK. */
export interface AcknowledgementPacket {
  readonly opcode: typeof Opcode.acknowledgement
  readonly block: number
}

/** Ends a transfer. */
export interface ErrorPacket {
  readonly opcode: typeof Opcode.error
  /** Any number up to 65535 is read. */
  readonly code: number
  readonly message: string
}

/** Which options of the request count. */
export interface OptionAckPacket {
  readonly opcode: typeof Opcode.optionAck
  readonly options: Options
}

export type Packet = RequestPacket | DataPacket | AcknowledgementPacket | ErrorPacket | OptionAckPacket

/** Bytes that are no TFTP packet. */
export class PacketError extends Error {
  readonly code = 'TFTP_PACKET_MALFORMED'
  override readonly name = 'PacketError'
}

/** Throws PacketError. `data` of a block shares its memory with `bytes`. */
export function decodePacket(bytes: Uint8Array): Packet {
  const opcode = number(bytes, 0)
  switch (opcode) {
    case Opcode.readRequest:
    case Opcode.writeRequest:
      return decodeRequest(opcode, texts(bytes.subarray(2)))
    case Opcode.data:
      return { opcode, block: number(bytes, 2), data: bytes.subarray(4) }
    case Opcode.acknowledgement:
      return { opcode, block: number(bytes, 2) }
    case Opcode.error:
      return { opcode, code: number(bytes, 2), message: message(bytes.subarray(4)) }
    case Opcode.optionAck:
      return { opcode, options: decodeOptions(texts(bytes.subarray(2))) }
    default:
      throw new PacketError(`there is no packet ${opcode}`)
  }
}

/** Throws RangeError for what no packet can carry: a zero or a character beyond ASCII in a text, a number beyond 65535. */
export function encodePacket(packet: Packet): Uint8Array {
  switch (packet.opcode) {
    case Opcode.readRequest:
    case Opcode.writeRequest:
      return encodeTexts([packet.opcode], [packet.file, packet.mode, ...[...packet.options].flat()])
    case Opcode.data: {
      const bytes = new Uint8Array(4 + packet.data.length)
      bytes.set(encodeTexts([packet.opcode, packet.block], []))
      bytes.set(packet.data, 4)
      return bytes
    }
    case Opcode.acknowledgement:
      return encodeTexts([packet.opcode, packet.block], [])
    case Opcode.error:
      return encodeTexts([packet.opcode, packet.code], [packet.message])
    case Opcode.optionAck:
      return encodeTexts([packet.opcode], [...packet.options].flat())
  }
}

function decodeRequest(opcode: RequestPacket['opcode'], [file, mode, ...options]: readonly string[]): RequestPacket {
  if (file === undefined || file === '' || mode === undefined) throw new PacketError('a request has a file and a mode')
  const known = mode.toLowerCase()
  if (known !== 'octet' && known !== 'netascii') throw new PacketError('the mode is neither octet nor netascii')
  return { opcode, file, mode: known, options: decodeOptions(options) }
}

function decodeOptions(words: readonly string[]): Options {
  if (words.length % 2 !== 0) throw new PacketError('an option has no value')
  const options = new Map<string, string>()
  for (let at = 0; at < words.length; at += 2) {
    // RFC 2347: names are case-insensitive; an option may be specified only once.
    const name = (words[at] ?? '').toLowerCase()
    if (name === '' || options.has(name)) throw new PacketError('an option has no name, or comes twice')
    options.set(name, words[at + 1] ?? '')
  }
  return options
}

function number(bytes: Uint8Array, at: number): number {
  const [high, low] = [bytes[at], bytes[at + 1]]
  if (high === undefined || low === undefined) throw new PacketError('the packet is cut off')
  return high * 256 + low
}

/** Each text ends with a zero, the last one too. */
function texts(bytes: Uint8Array): string[] {
  const found: string[] = []
  let text = ''
  for (const byte of bytes) {
    if (byte === 0) {
      found.push(text)
      text = ''
    } else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte)
    else throw new PacketError('a text holds bytes that are not printable ASCII')
  }
  if (text !== '') throw new PacketError('a text has no end')
  return found
}

/** For people only, and the transfer is over anyhow: what cannot be read is left out, and nobody insists on an end. */
function message(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  const readable = bytes.subarray(0, end < 0 ? bytes.length : end).filter((byte) => byte >= 0x20 && byte < 0x7f)
  return String.fromCharCode(...readable)
}

function encodeTexts(numbers: readonly number[], words: readonly string[]): Uint8Array {
  const bytes: number[] = []
  for (const value of numbers) {
    if (!Number.isInteger(value) || value < 0 || value > 0xffff) throw new RangeError(`${value} is not a 16-bit number`)
    bytes.push(value >> 8, value & 0xff)
  }
  for (const word of words) {
    if (!/^[\x20-\x7e]*$/u.test(word)) throw new RangeError('a text of a packet is printable ASCII')
    for (let at = 0; at < word.length; at += 1) bytes.push(word.charCodeAt(at))
    bytes.push(0)
  }
  return Uint8Array.from(bytes)
}
