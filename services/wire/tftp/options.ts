// Which of a client's options count (RFC 2347): blksize (RFC 2348), timeout and tsize (RFC 2349). What is unknown, or has a value
// outside its range, is left out of the answer, and the client then does without; windowsize (RFC 7440) is unknown.
import type { Options, TransferMode } from './packets.ts'

/** RFC 1350: without the option. */
export const standardBlockSize = 512

/** Seconds; RFC 2349 lets a client ask for up to 255, and a few requests with forged addresses would hold every transfer for minutes. */
const longestTimeout = 10

/** What a transfer runs with. */
export interface Negotiated {
  /** Bytes of data in a full block. */
  readonly blockSize: number
  /** Seconds until a packet is sent again, if the client asked for a number. */
  readonly timeoutSeconds: number | undefined
  /** What the OACK says; empty = the client gets its first block instead. */
  readonly options: Options
}

/** What the server can say about the file and will accept. */
export interface Offer {
  readonly mode: TransferMode
  /** Bytes of the file, as they will travel. */
  readonly size: number
  readonly largestBlockSize: number
}

/** Negotiates the options of one read request. */
export function negotiateOptions(asked: Options, { size, largestBlockSize }: Offer): Negotiated {
  const options = new Map<string, string>()
  let blockSize = standardBlockSize
  let timeoutSeconds: number | undefined
  for (const [name, text] of asked) {
    const value = /^\d{1,10}$/u.test(text) ? Number(text) : Number.NaN
    if (name === 'blksize' && value >= 8 && value <= 65_464) {
      // RFC 2348: the server may answer with a smaller one.
      blockSize = Math.min(value, largestBlockSize)
      options.set(name, String(blockSize))
    } else if (name === 'timeout' && value >= 1 && value <= longestTimeout) {
      // RFC 2349: it must be the one that was asked for.
      timeoutSeconds = value
      options.set(name, text)
    } else if (name === 'tsize' && !Number.isNaN(value)) {
      // RFC 2349: a read request says 0 and is told the size.
      options.set(name, String(size))
    }
  }
  return { blockSize, timeoutSeconds, options }
}
