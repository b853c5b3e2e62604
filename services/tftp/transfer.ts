// One file on its way to one client (RFC 1350, lock step): a packet, its acknowledgement, the next packet.
import { ErrorCode, Opcode } from '../wire/tftp/index.ts'
import type { Negotiated, Packet } from '../wire/tftp/index.ts'

/** Runs `work` after so many milliseconds, unless the function that is returned is called before. */
export type Schedule = (work: () => void, ms: number) => () => void

export interface TransferOptions {
  /** As the bytes travel. */
  readonly file: Uint8Array
  readonly negotiated: Negotiated
  /** Until a packet is sent again, where the client did not ask for a time. */
  readonly retransmitMs: number
  /** How often a packet is sent before the client is given up. */
  readonly attempts: number
  readonly schedule: Schedule
  readonly send: (packet: Packet) => void
  /** Exactly once: `true` when the client has acknowledged the last block. */
  readonly onEnd: (complete: boolean) => void
}

const blockNumbers = 65_536

/** Knows nothing of sockets; whoever owns it hands it the packets of its client. */
export class Transfer {
  readonly #options: TransferOptions
  /** Counts on where the block number on the wire wraps. Block 0 is the OACK. */
  #block = 0
  #sent = 0
  #cancel: (() => void) | undefined
  #over = false

  constructor(options: TransferOptions) {
    this.#options = options
  }

  /** Sends the OACK if options were negotiated, else the first block. */
  start(): void {
    if (this.#over) return
    if (this.#options.negotiated.options.size === 0) this.#block = 1
    this.#sendAnew()
  }

  /** A packet of the client of this transfer. */
  receive(packet: Packet): void {
    if (this.#over) return
    if (packet.opcode === Opcode.error) return this.#end(false)
    if (packet.opcode !== Opcode.acknowledgement) {
      // Nothing else comes from a client that reads.
      this.#options.send({ opcode: Opcode.error, code: ErrorCode.illegalOperation, message: 'Illegal TFTP operation' })
      return this.#end(false)
    }
    // An acknowledgement that comes twice is not answered twice: each answer would double all that follow (RFC 1123 §4.2.3.1).
    if (packet.block !== this.#block % blockNumbers) return
    if (this.#isLast()) return this.#end(true)
    this.#block += 1
    this.#sendAnew()
  }

  /** Ends without a word; idempotent. */
  stop(): void {
    this.#end(false)
  }

  #sendAnew(): void {
    this.#sent = 0
    this.#send()
  }

  #send(): void {
    this.#cancel?.()
    const { attempts, negotiated, retransmitMs, schedule, send } = this.#options
    if (this.#sent === attempts) return this.#end(false)
    this.#sent += 1
    send(this.#packet())
    const ms = negotiated.timeoutSeconds === undefined ? retransmitMs : negotiated.timeoutSeconds * 1000
    this.#cancel = schedule(() => this.#send(), ms)
  }

  #packet(): Packet {
    const { file, negotiated } = this.#options
    if (this.#block === 0) return { opcode: Opcode.optionAck, options: negotiated.options }
    const start = (this.#block - 1) * negotiated.blockSize
    const data = file.subarray(start, start + negotiated.blockSize)
    return { opcode: Opcode.data, block: this.#block % blockNumbers, data }
  }

  /** A block shorter than the others ends the file; it is empty when the file is a multiple of the block size. */
  #isLast(): boolean {
    const { file, negotiated } = this.#options
    return this.#block * negotiated.blockSize > file.length
  }

  #end(complete: boolean): void {
    if (this.#over) return
    this.#over = true
    this.#cancel?.()
    this.#options.onEnd(complete)
  }
}
