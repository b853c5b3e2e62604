import type { PeerCertificate } from 'node:tls'
import type { Readable } from 'node:stream'
import type { Agent } from 'undici'
import type { Identity } from '../../certificates/api.ts'
import { messageCheck } from '../../wire/json-check.ts'
import { Cause } from '../api.ts'
import type { ReleaseMessage, SetupAnswer, SetupMessage } from './messages.ts'
import { SetupAnswerSchema } from './messages.ts'

/** A request over the trunk that failed; `failure` is the Q.850 cause that it means for a call. */
export class TrunkError extends Error {
  readonly code = 'CALLMANAGER_TRUNK'
  readonly failure: Cause
  /** The request may have arrived, so the other end may hold a call. */
  readonly mayHoldCall: boolean
  constructor(failure: Cause, message: string, { mayHoldCall, ...options }: ErrorOptions & { mayHoldCall: boolean }) {
    super(message, options)
    this.name = 'TrunkError'
    this.failure = failure
    this.mayHoldCall = mayHoldCall
  }
}

export interface NeighbourOptions {
  readonly identity: Identity
  /** The Cluster ID that the certificate at the other end must carry. */
  readonly cluster: string
  /** Longest time to connect, TLS included, and to answer anything that does not ring a phone. */
  readonly timeoutMs: number
}

const isSetupAnswer = messageCheck(SetupAnswerSchema)

interface Connections {
  /** Setups wait for phones; they have connections of their own, so that a release never queues behind them. */
  readonly setups: Agent
  readonly control: Agent
}

/** One remote cluster as an HTTPS client sees it. All methods reject with TrunkError. */
export class Neighbour {
  readonly #options: NeighbourOptions
  #connections: Promise<Connections> | undefined

  constructor(options: NeighbourOptions) {
    this.#options = options
  }

  /** Resolves when the other end's phones have answered or not: `signal` is the only limit of time. */
  async setUp(url: string, message: SetupMessage, signal: AbortSignal): Promise<SetupAnswer> {
    return await this.#translate(async () => {
      const { setups } = await this.#connect()
      const { statusCode, body } = await setups.request({ ...post(url, 'calls', message), signal })
      if (statusCode !== 200) {
        await body.dump()
        throw refused(this.#options.cluster, statusCode)
      }
      const answer: unknown = await body.json()
      if (isSetupAnswer(answer)) return answer
      throw unreadable(this.#options.cluster)
    })
  }

  /** Also resolves when the other end has forgotten the call. */
  async release(url: string, id: string, message: ReleaseMessage): Promise<void> {
    await this.#translate(async () => {
      const signal = AbortSignal.timeout(this.#options.timeoutMs)
      const { control } = await this.#connect()
      const { statusCode, body } = await control.request({ ...post(url, `calls/${id}/release`, message), signal })
      await body.dump()
      if (statusCode >= 500) throw refused(this.#options.cluster, statusCode)
    })
  }

  /** The stream of lines that says that the other end lives. */
  async supervise(url: string, intervalMs: number, signal: AbortSignal): Promise<Readable> {
    return await this.#translate(async () => {
      const path = `/intercluster/v1/supervision?intervalMs=${intervalMs}`
      const { control } = await this.#connect()
      const { statusCode, body } = await control.request({ origin: originOf(url), path, method: 'GET', signal })
      if (statusCode === 200) return body
      await body.dump()
      throw refused(this.#options.cluster, statusCode)
    })
  }

  async close(): Promise<void> {
    const connections = await this.#connections
    await Promise.all([connections?.setups.destroy(), connections?.control.destroy()])
  }

  #connect(): Promise<Connections> {
    this.#connections ??= openConnections(this.#options)
    return this.#connections
  }

  async #translate<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof TrunkError) throw error
      if (error instanceof SyntaxError) throw unreadable(this.#options.cluster)
      const { message, code = '' } = error as NodeJS.ErrnoException
      const options = { cause: error, mayHoldCall: !neverSent.test(code) }
      throw new TrunkError(Cause.networkOutOfOrder, `${this.#options.cluster}: ${message}`, options)
    }
  }
}

async function openConnections({ identity, cluster, timeoutMs }: NeighbourOptions): Promise<Connections> {
  // Loaded by the first call that leaves the cluster: it is a tenth of a start, and many clusters never have one.
  const { Agent } = await import('undici')
  const connect = {
    ca: identity.caPem,
    cert: identity.certPem,
    key: identity.keyPem,
    timeout: timeoutMs,
    allowH2: false,
    // Addresses move between clusters of a lab; what identifies one is the name that the lab's CA signed.
    checkServerIdentity: (_host: string, certificate: PeerCertificate) => checkName(cluster, certificate),
  }
  const base = { connect, headersTimeout: 0, bodyTimeout: 0 }
  return {
    setups: new Agent({ ...base, connections: 256, maxResponseSize: 64 * 1024 }),
    control: new Agent({ ...base, connections: 8 }),
  }
}

/** Codes of connections that did not come about; a request that broke later may have arrived. */
const neverSent =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ETIMEDOUT|EPROTO|UND_ERR_CONNECT_TIMEOUT|ERR_INVALID_URL|ERR_TLS_.*|ERR_SSL_.*|CERT_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*)$/u

/** Reached, and it will not: 503 is the answer of a deactivated Cisco CallManager. */
function refused(cluster: string, statusCode: number): TrunkError {
  return new TrunkError(Cause.temporaryFailure, `${cluster} answered HTTP ${statusCode}`, { mayHoldCall: false })
}

function unreadable(cluster: string): TrunkError {
  const message = `${cluster} answered something that is no answer`
  return new TrunkError(Cause.temporaryFailure, message, { mayHoldCall: true })
}

/** Only HTTPS: without TLS nobody knows who the other end is. Throws what `new URL` throws. */
function originOf(url: string): string {
  const { origin, protocol } = new URL(url)
  if (protocol === 'https:') return origin
  throw Object.assign(new TypeError(`${url} is not an https address`), { code: 'ERR_INVALID_URL' })
}

function post(url: string, path: string, message: SetupMessage | ReleaseMessage) {
  return {
    origin: originOf(url),
    path: `/intercluster/v1/${path}`,
    method: 'POST' as const,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(message),
  }
}

function checkName(cluster: string, { subject }: PeerCertificate): Error | undefined {
  if (subject?.CN === cluster) return undefined
  const error = new Error(`the certificate is that of ${String(subject?.CN)}, not of ${cluster}`)
  return Object.assign(error, { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
}
