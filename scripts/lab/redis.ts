// The Redis of a lab: the one that was given, else a redis-server or valkey-server of this machine, else the embedded one.
import { accessSync, constants, mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseRedisAddress } from '../../ils-sync/transport/redis-address.ts'
import { freePort, isFree } from './addresses.ts'
import { childEnvironment, nodeArguments } from './node-child.ts'
import { LabError } from './lab-error.ts'
import type { ProcessSpec } from './managed-process.ts'

/** `given` belongs to somebody else and is only used; the others are processes of the lab. */
export type RedisProvider = 'given' | 'redis-server' | 'valkey-server' | 'embedded'

/** What a lab needs to know of its Redis. */
export interface LabRedis {
  readonly url: string
  readonly provider: RedisProvider
  /** Absent for a given one. */
  readonly spec?: ProcessSpec
}

export interface RedisOptions {
  /** `redis://…` or `redis+sentinel://…`; or `embedded` to insist on the embedded one. */
  readonly url?: string | undefined
  readonly dataDirectory: string
  /** For the lab's own, if it is free; else any that is. */
  readonly port?: number | undefined
}

/** Decides which Redis it will be and, if it is a given one, that it answers. Rejects with LabError (`LAB_REDIS`). */
export async function chooseRedis({ url, dataDirectory, port }: RedisOptions): Promise<LabRedis> {
  if (url !== undefined && url !== 'embedded') {
    await checkRedis(url)
    return { url, provider: 'given' }
  }
  const own = port !== undefined && (await isFree(port)) ? port : await freePort()
  const directory = join(dataDirectory, 'redis')
  mkdirSync(directory, { recursive: true })
  const found = url === 'embedded' ? undefined : findServer()
  const provider = found?.provider ?? 'embedded'
  const base = {
    name: 'redis',
    kind: 'redis',
    environment: childEnvironment(),
    logFile: join(directory, 'redis.log'),
    ready: (_child: unknown, signal: AbortSignal) => waitForPong(own, signal),
  }
  const spec: ProcessSpec = found
    ? { ...base, command: found.file, arguments: serverArguments(own, directory) }
    : {
        ...base,
        command: process.execPath,
        arguments: [...nodeArguments, join(import.meta.dirname, 'embedded-redis.ts'), String(own)],
      }
  return { url: `redis://127.0.0.1:${own}`, provider, spec }
}

function serverArguments(port: number, directory: string): string[] {
  const settings = { port, bind: '127.0.0.1', dir: directory, save: '', appendonly: 'no', daemonize: 'no' }
  return Object.entries(settings).flatMap(([key, value]) => [`--${key}`, String(value)])
}

/** A server of this machine, on its PATH. */
export function findServer(): { provider: 'redis-server' | 'valkey-server'; file: string } | undefined {
  for (const provider of ['redis-server', 'valkey-server'] as const) {
    for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
      const file = join(folder, provider)
      if (isExecutable(file)) return { provider, file }
    }
  }
  return undefined
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Asks until the server on this port of 127.0.0.1 answers a PING; gives up quietly when `signal` aborts. */
async function waitForPong(port: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (await answersPing(port)) return
    await sleep(10)
  }
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.setTimeout(500, () => socket.destroy())
    socket.once('data', (data) => {
      resolve(data.toString('latin1').startsWith('+PONG'))
      socket.destroy()
    })
    socket.on('error', () => {})
    socket.once('close', () => resolve(false))
  })
}

const checkTimeoutMs = 3000

/** Resolves when a Redis answers at the URL. Rejects with LabError (`LAB_REDIS`) that says what is there instead. */
export async function checkRedis(url: string): Promise<void> {
  const place = withoutPassword(url)
  const { Redis } = await import('ioredis')
  const { url: server, options } = parseRedisAddress(url)
  const settings = {
    ...options,
    lazyConnect: true,
    connectTimeout: checkTimeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    reconnectOnError: () => false,
    sentinelRetryStrategy: () => null,
  }
  const redis = server === undefined ? new Redis(settings) : new Redis(server, settings)
  // Listened to so that it is not thrown; the rejection below carries less.
  const errors: Error[] = []
  redis.on('error', (error: Error) => errors.push(error))
  const late = AbortSignal.timeout(checkTimeoutMs)
  const silence = new Promise<never>((_resolve, reject) => {
    late.addEventListener('abort', () => reject(new Error('silence')), { once: true })
  })
  try {
    const answer = await Promise.race([redis.connect().then(() => redis.ping()), silence])
    if (answer !== 'PONG') throw new Error(`it answers PING with ${JSON.stringify(answer)}`)
  } catch (error) {
    const reason = [...errors, error as Error].map((one) => explain(one)).find(Boolean)
    throw new LabError('LAB_REDIS', `${place}: ${reason ?? 'what answers there is not a Redis'}`, { cause: error })
  } finally {
    redis.disconnect()
  }
}

function explain(error: Error & { code?: string }): string | undefined {
  if (error.code === 'ECONNREFUSED') return 'nothing listens there'
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') return 'there is no such host'
  if (error.code === 'ETIMEDOUT' || error.code === 'EHOSTUNREACH') return 'the host does not answer'
  if (/NOAUTH|Authentication required/u.test(error.message)) {
    return 'this Redis asks for a password; give it as redis://:PASSWORD@host:port'
  }
  if (/WRONGPASS|invalid (?:username-)?password/u.test(error.message)) return 'this Redis refuses the password'
  return undefined
}

function withoutPassword(url: string): string {
  try {
    return parseRedisAddress(url).place
  } catch (error) {
    throw new LabError('LAB_REDIS', (error as Error).message, { cause: error })
  }
}
