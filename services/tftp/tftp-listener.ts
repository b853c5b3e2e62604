// TFTP on UDP, read only. The well-known port takes requests; each transfer has a socket and so a transfer identifier of its own
// (RFC 1350 §4).
import { createSocket } from 'node:dgram'
import type { RemoteInfo, Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import type { Logger } from '../service.ts'
import {
  decodePacket,
  encodeNetascii,
  encodePacket,
  ErrorCode,
  negotiateOptions,
  Opcode,
  PacketError,
} from '../wire/tftp/index.ts'
import type { Packet, RequestPacket } from '../wire/tftp/index.ts'
import type { Listener } from './http-listener.ts'
import { cannotListen } from './listening.ts'
import type { Files } from './phone-files.ts'
import { Transfer } from './transfer.ts'
import type { Schedule } from './transfer.ts'

export interface TftpListenerOptions {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  readonly files: Files
  readonly log: Logger
  readonly retransmitMs: number
  readonly mostTransfers: number
  readonly mostTransfersPerSource: number
  /** Timers; tests bring their own. */
  readonly schedule?: Schedule
}

/** Fits an Ethernet frame behind the headers of IPv6 and UDP, so that no block is cut into fragments. */
const largestBlockSize = 1448
const attempts = 5

const ordinaryTimers: Schedule = (work, ms) => {
  const timer = setTimeout(work, ms)
  return () => clearTimeout(timer)
}

/** Serves files. Rejects with a Problem when the place cannot be had. */
export async function openTftpListener(options: TftpListenerOptions): Promise<Listener> {
  const { host, port, log } = options
  const socket = createSocket(socketType(host))
  const transfers = new Transfers(options)
  socket.on('message', (bytes, client) => transfers.request(bytes, client, (packet) => say(socket, packet, client)))
  socket.bind({ address: host, port, exclusive: true })
  try {
    await once(socket, 'listening')
  } catch (error) {
    socket.close()
    throw cannotListen(error, { host, port, transport: 'UDP', member: 'services.tftp.tftpPort' })
  }
  socket.on('error', (error) => log.warn({ err: error }, 'a TFTP packet was lost'))
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    // The door first: a request that came while transfers end would begin another one.
    await new Promise<void>((resolve) => socket.close(() => resolve()))
    await transfers.stop()
  }
  return { port: socket.address().port, close: () => (closing ??= close()) }
}

function socketType(host: string): 'udp4' | 'udp6' {
  return isIPv6(host) ? 'udp6' : 'udp4'
}

/** A packet that cannot be sent is as good as one that is lost: it is sent again, or the client asks again. */
function say(socket: Socket, packet: Packet, { port, address }: RemoteInfo): void {
  socket.send(encodePacket(packet), port, address, () => {})
}

interface Running {
  readonly transfer: Transfer
  readonly source: string
  /** Resolves when its socket is closed. */
  readonly closed: Promise<unknown>
}

/** All that are under way, by address and port of the client: a client that asks twice from one port is answered once. */
class Transfers {
  readonly #options: TftpListenerOptions
  readonly #running = new Map<string, Running>()

  constructor(options: TftpListenerOptions) {
    this.#options = options
  }

  /** What came to the well-known port. Everything but a request is dropped. */
  request(bytes: Uint8Array, client: RemoteInfo, refuse: (packet: Packet) => void): void {
    const packet = isReachable(client) ? decoded(bytes) : undefined
    if (packet?.opcode === Opcode.writeRequest) {
      refuse(refusal(ErrorCode.accessViolation, 'Files here can only be read'))
    } else if (packet?.opcode === Opcode.readRequest && !this.#running.has(identifier(client))) {
      const problem = this.#read(packet, client)
      if (problem) refuse(problem)
    }
  }

  /** Resolves when no socket of theirs is open. */
  async stop(): Promise<void> {
    const running = [...this.#running.values()]
    for (const { transfer } of running) transfer.stop()
    await Promise.all(running.map(({ closed }) => closed))
  }

  #read(request: RequestPacket, client: RemoteInfo): Packet | undefined {
    const { files, log, mostTransfers, mostTransfersPerSource } = this.#options
    const fromThere = [...this.#running.values()].filter(({ source }) => source === client.address).length
    if (this.#running.size >= mostTransfers || fromThere >= mostTransfersPerSource) {
      return refusal(ErrorCode.notDefined, 'Too many transfers, try again later')
    }
    let file: Uint8Array | undefined
    try {
      file = files.read(request.file)
    } catch (error) {
      log.error({ err: error, file: request.file }, 'a configuration file could not be made')
      return refusal(ErrorCode.notDefined, 'The file could not be made')
    }
    log.debug({ file: request.file, from: client.address, found: file !== undefined }, 'file asked for over TFTP')
    if (!file) return refusal(ErrorCode.fileNotFound, 'File not found')
    this.#begin(request, request.mode === 'netascii' ? encodeNetascii(file) : file, client)
    return undefined
  }

  #begin({ mode, options }: RequestPacket, file: Uint8Array, client: RemoteInfo): void {
    const { host, log, retransmitMs, schedule = ordinaryTimers } = this.#options
    const socket = createSocket(socketType(host))
    const transfer = new Transfer({
      file,
      negotiated: negotiateOptions(options, { mode, size: file.length, largestBlockSize }),
      retransmitMs,
      attempts,
      schedule,
      send: (packet) => say(socket, packet, client),
      onEnd: (complete) => {
        this.#running.delete(identifier(client))
        log.debug({ to: client.address, complete }, 'TFTP transfer over')
        // After what was just sent.
        setImmediate(() => socket.close())
      },
    })
    // Not `once` of node:events: that rejects when the socket fails first, and nobody may be waiting.
    const closed = new Promise<void>((resolve) => socket.once('close', resolve))
    this.#running.set(identifier(client), { transfer, source: client.address, closed })
    socket.on('message', (bytes, from) => {
      const packet = isReachable(from) ? decoded(bytes) : undefined
      if (identifier(from) === identifier(client)) {
        if (packet) transfer.receive(packet)
      } else if (packet && packet.opcode !== Opcode.error) {
        // RFC 1350 §4: somebody else is told so, and the transfer goes on.
        say(socket, refusal(ErrorCode.unknownTransfer, 'Unknown transfer ID'), from)
      }
    })
    socket.on('error', () => transfer.stop())
    socket.bind({ address: host, port: 0, exclusive: true }, () => transfer.start())
  }
}

/** A forged packet may come from port 0, to which nothing can be sent: `send` would throw. */
function isReachable({ port }: RemoteInfo): boolean {
  return port !== 0
}

function identifier({ address, port }: RemoteInfo): string {
  return `${address} ${port}`
}

/** Undefined for garbage: whoever sends that is not answered. */
function decoded(bytes: Uint8Array): Packet | undefined {
  try {
    return decodePacket(bytes)
  } catch (error) {
    if (error instanceof PacketError) return undefined
    throw error
  }
}

function refusal(code: ErrorCode, message: string): Packet {
  return { opcode: Opcode.error, code, message }
}
