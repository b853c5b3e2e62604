// ILS over Redis pub/sub: one channel per node, one connection that publishes and one that listens. Redis keeps nothing, so it
// may be killed, emptied and restarted at any moment; whatever was under way is lost, which is what the repair path is for.
import { Redis } from 'ioredis'
import type { RedisOptions } from 'ioredis'
import type { Transport, TransportError, TransportListener } from './api.ts'
import { parseRedisAddress } from './redis-address.ts'
import type { RedisAddress } from './redis-address.ts'

export interface RedisTransportOptions {
  /** `redis://…`, `rediss://…` or `redis+sentinel://…`, see `parseRedisAddress`. */
  readonly url: string
  readonly network: string
  /** Whose inbox this is. */
  readonly nodeId: string
  /** How long a connection may stay silent when it is asked for a sign of life. */
  readonly probeMs?: number
}

/** Beyond this much unsent the link is too slow for pushes: they are dropped, and pulled later at the link's own pace. */
const maximumUnsentBytes = 16 * 1024 * 1024
/** The same in messages: ioredis keeps some kilobytes for each until Redis has answered, however small it is. */
const maximumUnanswered = 4096
const defaultProbeMs = 2000
const longestBackoffMs = 1000

/** Throws RangeError for a URL that is none of Redis; a server that is not there, or not Redis, is reported by `onDown`. */
export function createRedisTransport(options: RedisTransportOptions): Transport {
  const transport = new RedisTransport(options)
  return {
    reliable: false,
    start: (listener) => transport.start(listener),
    send: (to, bytes) => transport.send(to, bytes),
    stop: () => transport.stop(),
  }
}

/** The inbox of a node: nobody else subscribes to it, and a node subscribes to no other. */
export function channelOf(network: string, nodeId: string): string {
  return `ils:{${network}}:${nodeId}`
}

class RedisTransport {
  readonly #options: RedisTransportOptions
  readonly #address: RedisAddress
  readonly #probeMs: number
  #publisher: Redis | undefined
  #subscriber: Redis | undefined
  #listener: TransportListener | undefined
  #probe: NodeJS.Timeout | undefined
  /** Connections that have proved to be Redis. */
  readonly #proven = new Set<Redis>()
  #up = false
  /** Messages that Redis has not answered yet. */
  #unanswered = 0
  /** Causes told in this outage. */
  readonly #reported = new Set<TransportError['code']>()

  constructor(options: RedisTransportOptions) {
    this.#options = options
    this.#address = parseRedisAddress(options.url)
    this.#probeMs = options.probeMs ?? defaultProbeMs
  }

  start(listener: TransportListener): void {
    this.#listener = listener
    this.#publisher = this.#connect()
    const subscriber = this.#connect()
    this.#subscriber = subscriber
    const channel = channelOf(this.#options.network, this.#options.nodeId)
    subscriber.on('messageBuffer', (on: string | Buffer, bytes: Buffer) => {
      if (String(on) === channel) this.#listener?.onMessage(bytes)
    })
    this.#probe = setInterval(() => this.#probeAll(), this.#probeMs)
  }

  send(to: string, bytes: Uint8Array): void {
    const publisher = this.#publisher
    if (!this.#up || publisher?.status !== 'ready' || this.#isFull(publisher)) return
    const payload = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes)
    this.#gather(publisher.stream)
    this.#unanswered += 1
    const answered = () => {
      this.#unanswered -= 1
    }
    publisher.publish(channelOf(this.#options.network, to), payload).then(answered, answered)
  }

  #isFull({ stream }: Redis): boolean {
    return this.#unanswered >= maximumUnanswered || stream.writableLength > maximumUnsentBytes
  }

  async stop(): Promise<void> {
    this.#listener = undefined
    this.#up = false
    clearInterval(this.#probe)
    const connections = [this.#publisher, this.#subscriber].filter((one) => one !== undefined)
    this.#publisher = undefined
    this.#subscriber = undefined
    await Promise.all(connections.map(close))
  }

  /**
   * All messages of a turn in one write. Not by ioredis' autopipelining: in 6.0.0 a pipeline that is under way when the connection
   * breaks is never finished, and every later command waits behind it.
   */
  #gather(stream: Redis['stream']): void {
    if (stream.writableCorked > 0) return
    stream.cork()
    queueMicrotask(() => stream.uncork())
  }

  #connect(): Redis {
    const { url, options } = this.#address
    const settings = { ...connectionOptions, ...options }
    const redis = url === undefined ? new Redis(settings) : new Redis(url, settings)
    redis.on('error', (error: Error) => this.#failed(redis, error))
    redis.on('close', () => this.#lost(redis))
    redis.on('ready', () => void this.#prove(redis))
    // ioredis gives up when it is told to reconnect in the very moment in which it connects.
    redis.on('end', () => {
      if (this.#listener) setTimeout(() => this.#listener && redis.connect().catch(ignore), longestBackoffMs).unref()
    })
    return redis
  }

  /** A connection counts once the server has answered like Redis. */
  async #prove(redis: Redis): Promise<void> {
    try {
      await withDeadline(this.#probeMs, redis === this.#subscriber ? this.#subscribe(redis) : redis.ping())
    } catch (error) {
      this.#failed(redis, error as Error)
      redis.disconnect(true)
      return
    }
    this.#proven.add(redis)
    if (this.#up || this.#proven.size < 2) return
    this.#up = true
    this.#reported.clear()
    this.#listener?.onUp()
  }

  #subscribe(redis: Redis): Promise<unknown> {
    return redis.subscribe(channelOf(this.#options.network, this.#options.nodeId))
  }

  #lost(redis: Redis): void {
    this.#proven.delete(redis)
    if (this.#up)
      this.#report({ code: 'ILS_REDIS_UNREACHABLE', message: `the connection to Redis at ${this.#where()} broke` })
    this.#up = false
  }

  #failed(redis: Redis, error: Error): void {
    this.#proven.delete(redis)
    this.#up = false
    this.#report(describe(error, this.#where()))
  }

  /** Once per outage and cause; the retries in between say nothing new. */
  #report(error: TransportError): void {
    if (this.#reported.has(error.code)) return
    this.#reported.add(error.code)
    this.#listener?.onDown(error)
  }

  /** Finds connections that are dead without having been closed: a paused Redis, a pulled cable. */
  #probeAll(): void {
    for (const redis of this.#proven) {
      withDeadline(this.#probeMs, redis.ping()).catch((error: Error) => {
        if (!this.#proven.has(redis)) return
        this.#failed(redis, error)
        redis.disconnect(true)
      })
    }
  }

  /** Without the password that a URL may carry. */
  #where(): string {
    return this.#address.place
  }
}

const connectionOptions = {
  // RESP2 needs no HELLO, which young servers answer in their own ways.
  protocol: 2,
  disableClientInfo: true,
  enableReadyCheck: false,
  enableOfflineQueue: false,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: null,
  connectTimeout: 2000,
  retryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 6), longestBackoffMs),
  // Of Sentinels, when none of them answers.
  sentinelRetryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 6), longestBackoffMs),
  sentinelCommandTimeout: 2000,
} as const satisfies RedisOptions

function describe(error: Error, where: string): TransportError {
  if (/^(?:Protocol error|Unknown RESP type)/u.test(error.message)) {
    return { code: 'ILS_REDIS_NOT_REDIS', message: `what answers at ${where} is not Redis` }
  }
  if (error.name === 'ReplyError') {
    return { code: 'ILS_REDIS_REFUSED', message: `Redis at ${where} refuses: ${error.message}` }
  }
  if (error instanceof NoAnswer) {
    return { code: 'ILS_REDIS_NOT_REDIS', message: `what listens at ${where} does not answer like Redis` }
  }
  return { code: 'ILS_REDIS_UNREACHABLE', message: `Redis at ${where} cannot be reached: ${error.message}` }
}

class NoAnswer extends Error {}

async function withDeadline<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(`no answer within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}

function close(redis: Redis): Promise<void> {
  if (redis.status === 'end') return Promise.resolve()
  const { promise, resolve } = Promise.withResolvers<void>()
  redis.once('end', resolve)
  redis.disconnect()
  // A connection that was never made ends without saying so.
  setTimeout(resolve, 500).unref()
  return promise
}

function ignore(): void {}
