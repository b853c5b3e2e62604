// RFC 1350, 2347, 2348 and 2349: bytes and values, nothing else.
export { decodeNetascii, encodeNetascii } from './netascii.ts'
export { negotiateOptions, standardBlockSize } from './options.ts'
export type { Negotiated, Offer } from './options.ts'
export { decodePacket, encodePacket, ErrorCode, Opcode, PacketError } from './packets.ts'
export type {
  AcknowledgementPacket,
  DataPacket,
  ErrorPacket,
  OptionAckPacket,
  Options,
  Packet,
  RequestPacket,
  TransferMode,
} from './packets.ts'
