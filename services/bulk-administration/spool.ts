// A file of records waits on disk until its rows have been written: its sender is answered at once, and 64 MiB need no memory. It holds
// PINs in clear, so it is encrypted with a key that exists in this process only; after a crash nobody can read what is left.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Problem } from '../problem.ts'

const algorithm = 'aes-256-ctr'

/** A received file. */
export interface Spool {
  /** The bytes as they were received. */
  read(): Readable
  /** The file is gone; never rejects. */
  remove(): Promise<void>
}

/** Receives `body` into `path`. Rejects with Problem: 413 for more than `limit` bytes, 422 for what is not UTF-8; then nothing is left. */
export async function receive(body: Readable, path: string, limit: number): Promise<Spool> {
  const key = randomBytes(32)
  const nonce = randomBytes(16)
  const remove = (): Promise<void> => rm(path, { force: true }).catch(() => {})
  try {
    const file = createWriteStream(path, { mode: 0o600, flags: 'wx' })
    await pipeline(body, (source) => inspected(source, limit), createCipheriv(algorithm, key, nonce), file)
  } catch (error) {
    await remove()
    throw error
  }
  const read = (): Readable => {
    const clear = createDecipheriv(algorithm, key, nonce)
    const file = createReadStream(path).on('error', (error) => clear.destroy(error))
    return file.pipe(clear).on('close', () => file.destroy())
  }
  return { read, remove }
}

async function* inspected(source: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let received = 0
  for await (const chunk of source) {
    received += chunk.length
    if (received > limit) throw tooLarge(limit)
    requireUtf8(() => decoder.decode(chunk, { stream: true }))
    yield chunk
  }
  requireUtf8(() => decoder.decode())
}

function requireUtf8(decode: () => string): void {
  try {
    decode()
  } catch (error) {
    const detail = 'The file is not valid UTF-8; save it as CSV UTF-8.'
    throw new Problem({ status: 422, title: 'Not UTF-8', detail }, { cause: error })
  }
}

function tooLarge(limit: number): Problem {
  const detail = `The file is larger than ${limit / 1024 / 1024} MiB; send it in parts, each with the header.`
  return new Problem({ status: 413, title: 'Payload Too Large', detail })
}
