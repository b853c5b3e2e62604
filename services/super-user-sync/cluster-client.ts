// One cluster's superuser door over HTTPS. Sends credentials only to a process whose certificate, issued by the lab's CA, names that cluster.
import type { PeerCertificate } from 'node:tls'
import { Type } from 'typebox'
import type { Pool } from 'undici'
import { messageCheck } from '../wire/json-check.ts'
import type { ImportAnswer, SuperUserRecord } from './api.ts'
import type { ClusterConfig } from './config.ts'

/** Why a cluster could not be read or written. The message is one sentence for people, free of credentials and hashes. */
export class ClusterError extends Error {
  readonly code: 'SUPER_USER_SYNC_UNREACHABLE' | 'SUPER_USER_SYNC_REFUSED'
  /** Worth asking again by itself: away, or in trouble of its own. A wrong password is not. */
  readonly transient: boolean
  constructor(
    kind: 'UNREACHABLE' | 'REFUSED',
    reason: string,
    options: ErrorOptions & { readonly transient: boolean },
  ) {
    super(reason, options)
    this.name = 'ClusterError'
    this.code = `SUPER_USER_SYNC_${kind}`
    this.transient = options.transient
  }
}

/** Each call rejects with `ClusterError` and never takes longer than the configured time. */
export interface ClusterClient {
  readonly name: string
  superusers(): Promise<readonly SuperUserRecord[]>
  put(record: SuperUserRecord): Promise<ImportAnswer>
  /** Resolves also when there is no such copy any more. */
  remove(userId: string): Promise<void>
  /** Idempotent; ends what is under way. */
  close(): Promise<void>
}

export interface ClientOptions {
  /** PEM of the lab's CA, the only one that is trusted. */
  readonly caPem: string
  readonly requestTimeoutMs: number
  /** Connections at once. */
  readonly concurrency: number
}

const Profile = Type.Object({ name: Type.String({ minLength: 1 }) })
/** Members beyond these are carried as they are: they are for the importing cluster to judge. */
const isExport = messageCheck(
  Type.Array(
    Type.Object({
      userId: Type.String({ minLength: 1, maxLength: 128 }),
      homeCluster: Type.Boolean(),
      deviceProfiles: Type.Array(Profile),
      pin: Type.Optional(Type.Object({ hash: Type.String(), changedAt: Type.Number() })),
    }),
  ),
)
const isAnswer = messageCheck(
  Type.Object({
    outcome: Type.Union(['created', 'updated', 'unchanged', 'conflicting', 'removed'].map((one) => Type.Literal(one))),
    reason: Type.Optional(Type.String()),
  }),
)
const isProblem = messageCheck(
  Type.Object({
    title: Type.Optional(Type.String()),
    detail: Type.Optional(Type.String()),
  }),
)

/** Connects when first asked. */
export function createClusterClient(cluster: ClusterConfig, options: ClientOptions): ClusterClient {
  let opened: Promise<Pool> | undefined
  const pool = () => (opened ??= openPool(cluster, options))
  const authorization = `Basic ${Buffer.from(`${cluster.userId}:${cluster.password}`).toString('base64')}`
  const path = '/api/v1/superusers'
  const ask = (request: Question) => exchange(pool, { ...request, authorization }, options.requestTimeoutMs)
  return {
    name: cluster.name,
    superusers: async () => readExport(await ask({ method: 'GET', path })),
    put: async (record) =>
      readAnswer(await ask({ method: 'PUT', path: `${path}/${encodeURIComponent(record.userId)}`, body: record })),
    async remove(userId) {
      const reply = await ask({ method: 'DELETE', path: `${path}/${encodeURIComponent(userId)}` })
      if (reply.status !== 404) expectSuccess(reply)
    },
    close: async () => (await opened)?.destroy(),
  }
}

async function openPool({ name, url }: ClusterConfig, options: ClientOptions): Promise<Pool> {
  // Loaded by the first run, which comes after the doors are open.
  const { Pool } = await import('undici')
  return new Pool(new URL(url).origin, {
    connections: options.concurrency,
    connect: {
      ca: options.caPem,
      timeout: options.requestTimeoutMs,
      checkServerIdentity: (_host: string, peer: PeerCertificate) => checkName(name, peer),
    },
  })
}

/** The certificate names the cluster, not the address at which it happens to listen (services/certificates). */
function checkName(name: string, peer: PeerCertificate): Error | undefined {
  const found = String(peer.subject.CN)
  return found === name ? undefined : new Error(`this is ${found}, not ${name}`)
}

interface Question {
  readonly method: 'GET' | 'PUT' | 'DELETE'
  readonly path: string
  readonly body?: SuperUserRecord
}

interface Reply {
  readonly status: number
  readonly text: string
}

async function exchange(
  pool: () => Promise<Pool>,
  { authorization, body, ...question }: Question & { readonly authorization: string },
  timeoutMs: number,
): Promise<Reply> {
  const headers = { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  try {
    const connections = await pool()
    const { statusCode, body: answer } = await connections.request({
      ...question,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    })
    return { status: statusCode, text: await answer.text() }
  } catch (error) {
    throw new ClusterError('UNREACHABLE', describe(error, timeoutMs), { cause: error, transient: true })
  }
}

function describe(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError' || error.name === 'ConnectTimeoutError') return `no answer within ${timeoutMs} ms`
  // An AggregateError (several addresses tried) has no message of its own.
  return error.message || String((error as NodeJS.ErrnoException).code ?? error.name)
}

function readExport(reply: Reply): readonly SuperUserRecord[] {
  const value = parseBody(expectSuccess(reply))
  const list = (value as { superusers?: unknown } | undefined)?.superusers ?? value
  if (!isExport(list)) throw nonsense('the list of superusers')
  if (new Set(list.map((record) => record.userId.toLowerCase())).size < list.length) {
    throw nonsense('a list that names each superuser once')
  }
  return list as unknown as readonly SuperUserRecord[]
}

function readAnswer(reply: Reply): ImportAnswer {
  const value = parseBody(reply)
  // A conflict may be told with an error status; it is an answer all the same.
  if (isAnswer(value)) {
    return { ...(value as ImportAnswer), ...(value.reason === undefined ? {} : { reason: presentable(value.reason) }) }
  }
  expectSuccess(reply)
  throw nonsense('what became of the superuser')
}

function nonsense(expected: string): ClusterError {
  return new ClusterError('REFUSED', `the answer is not ${expected}`, { transient: false })
}

function expectSuccess(reply: Reply): Reply {
  if (reply.status >= 200 && reply.status < 300) return reply
  const problem = parseBody(reply)
  const said = isProblem(problem) ? (problem.detail ?? problem.title) : undefined
  const reason = said === undefined ? `HTTP ${reply.status}` : `HTTP ${reply.status}: ${presentable(said)}`
  throw new ClusterError('REFUSED', reason, { transient: reply.status >= 500 || reply.status === 429 })
}

function parseBody(reply: Reply): unknown {
  try {
    return JSON.parse(reply.text)
  } catch {
    return undefined
  }
}

/** Reasons end in logs and reports: no stored credential that a cluster might echo, and no novel. */
function presentable(text: string): string {
  return text.replaceAll(/\$[a-z0-9-]+\$\S+/giu, '(hash)').slice(0, 300)
}
