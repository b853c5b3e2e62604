import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Argon2Parameters } from 'node:crypto'
import { promisify } from 'node:util'
import type { CredentialHasher, StoredCredential } from './api.ts'

const derive = promisify(argon2)

/** What a hasher is made of. The default cost is OWASP's third choice for argon2id: little memory, so that an idle cluster stays small. */
export interface CredentialHasherOptions {
  /** Mixed into every hash and kept outside the database: a stolen file alone cannot be searched for PINs. */
  readonly pepper: Buffer
  /** How many hashes are computed at once; the rest wait. */
  readonly concurrency?: number
  /** How many may wait; one more is refused with CredentialHasherBusy. */
  readonly maxWaiting?: number
  readonly memoryKiB?: number
  readonly passes?: number
  /** Milliseconds since the epoch, for `changedAt`. */
  readonly now?: () => number
}

/** So many hashes are waiting that the caller had better answer that it is busy. */
export class CredentialHasherBusy extends Error {
  readonly code = 'CREDENTIAL_HASHER_BUSY'
  constructor(waiting: number) {
    super(`${waiting} credentials wait to be hashed already`)
    this.name = 'CredentialHasherBusy'
  }
}

/** argon2id in libuv's threads, never on the event loop. */
export function createCredentialHasher(options: CredentialHasherOptions): CredentialHasher {
  const { pepper, concurrency = 2, maxWaiting = 1024, memoryKiB = 7168, passes = 5, now = Date.now } = options
  if (pepper.length === 0) throw new TypeError('The pepper is empty')
  const queue = createBoundedQueue(concurrency, maxWaiting)
  const compute = ({ salt, hash, ...cost }: Phc, secret: string): Promise<Buffer> => {
    const parameters: Argon2Parameters = {
      ...cost,
      message: Buffer.from(secret.normalize('NFC')),
      nonce: salt,
      tagLength: hash.length,
      secret: pepper,
    }
    return queue(() => derive('argon2id', parameters))
  }
  return {
    async hash(secret: string): Promise<StoredCredential> {
      const blank = { memory: memoryKiB, passes, parallelism: 1, salt: randomBytes(16), hash: Buffer.alloc(32) }
      const hash = await compute(blank, secret)
      return { hash: serializePhc({ ...blank, hash }), changedAt: now() }
    },
    async verify(secret: string, stored: StoredCredential): Promise<boolean> {
      const phc = parsePhc(stored.hash)
      if (!phc) return false
      return timingSafeEqual(await compute(phc, secret), phc.hash)
    },
  }
}

interface Phc {
  /** KiB */
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
  readonly salt: Buffer
  readonly hash: Buffer
}

const phcPattern =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/u

/** Costs that a stored hash may ask for: one from elsewhere must not be able to stop the cluster. */
const most = { memory: 65_536, passes: 16, parallelism: 4 }

function parsePhc(text: string): Phc | undefined {
  const match = phcPattern.exec(text)
  if (!match) return undefined
  const [memory = 0, passes = 0, parallelism = 0] = match.slice(1, 4).map(Number)
  // RFC 9106 §3.1: at least one pass and 8 KiB for each lane.
  if (parallelism < 1 || passes < 1 || memory < 8 * parallelism) return undefined
  if (memory > most.memory || passes > most.passes || parallelism > most.parallelism) return undefined
  return { memory, passes, parallelism, salt: decode(match[4]), hash: decode(match[5]) }
}

function serializePhc({ memory, passes, parallelism, salt, hash }: Phc): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${encode(salt)}$${encode(hash)}`
}

/** The PHC string format's base64 has no padding. */
function encode(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}

function decode(text = ''): Buffer {
  return Buffer.from(text, 'base64')
}

type Run = <T>(job: () => Promise<T>) => Promise<T>

function createBoundedQueue(concurrency: number, maxWaiting: number): Run {
  const waiting: (() => void)[] = []
  let running = 0
  const enter = async (): Promise<void> => {
    if (running < concurrency) {
      running++
      return
    }
    if (waiting.length >= maxWaiting) throw new CredentialHasherBusy(waiting.length)
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
  /** Hands the place on rather than freeing it, so that nobody slips in between. */
  const leave = (): void => {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
  return async (job) => {
    await enter()
    try {
      return await job()
    } finally {
      leave()
    }
  }
}
