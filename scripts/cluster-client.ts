// A cluster's JSON door, as scripts and tests use it.
import type { Call } from '../services/callmanager/api.ts'
import type { LearnedLocation } from '../services/ils/api.ts'
import type { ClusterEvent } from '../services/serviceability/api.ts'

/** A refusal: the problem document that the cluster answered (RFC 9457). `code` and `phoneDisplay` are the vendor's. */
export class ApiProblem extends Error {
  readonly status: number
  readonly code: number | undefined
  readonly phoneDisplay: string | undefined
  constructor({ status, detail, code, phoneDisplay }: ProblemBody) {
    super(detail)
    this.name = 'ApiProblem'
    this.status = status
    this.code = code
    this.phoneDisplay = phoneDisplay
  }
}

interface ProblemBody {
  readonly status: number
  readonly detail: string
  readonly code?: number
  readonly phoneDisplay?: string
}

/** No answer: the cluster is down, paused or no cluster. */
export class ClusterUnreachable extends Error {
  readonly cluster: string
  constructor(cluster: string, reason: string, options?: ErrorOptions) {
    super(`${cluster} does not answer: ${reason}`, options)
    this.name = 'ClusterUnreachable'
    this.cluster = cluster
  }
}

export interface LoginArguments {
  readonly deviceName: string
  readonly userId: string
  readonly pin: string
  readonly deviceProfile?: string
  readonly loginType?: string
}

/** A login as the JSON door shows it. */
export interface LoginAnswer {
  readonly deviceName: string
  readonly userId: string
  readonly deviceProfile: string
  readonly [fact: string]: unknown
}

export interface ClientOptions {
  readonly name: string
  /** Base URL. */
  readonly http: string
  readonly userId?: string
  readonly password?: string
  /** A phone may ring for a while before nobody answers. */
  readonly timeoutMs?: number
}

/** Every call rejects with ApiProblem or ClusterUnreachable. Paths start at the cluster's root. */
export interface ClusterClient {
  readonly name: string
  readonly http: string
  get<T = unknown>(path: string): Promise<T>
  post<T = unknown>(path: string, body: object): Promise<T>
  /** A file of CSV, streamed. */
  postCsv<T = unknown>(path: string, file: Blob): Promise<T>
  put<T = unknown>(path: string, body: object): Promise<T>
  patch<T = unknown>(path: string, body: object): Promise<T>
  delete(path: string): Promise<void>
  login(login: LoginArguments): Promise<LoginAnswer>
  logins(): Promise<readonly LoginAnswer[]>
  logout(deviceName: string): Promise<void>
  /** A failed call is an answer too: look at its `state`. */
  call(from: string, to: string): Promise<Call>
  hangUp(callId: string): Promise<void>
  /** Undefined where the cluster knows of nobody with that number. */
  where(dn: string): Promise<LearnedLocation | undefined>
  /** Everything that happens there until `signal` aborts; ends when the cluster does. */
  events(signal?: AbortSignal): AsyncGenerator<ClusterEvent>
}

/** The administrator of the default lab, unless the options say otherwise. */
export function createClusterClient(options: ClientOptions): ClusterClient {
  const { name, http } = options
  const send = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await request(options, path, { method, ...(body ? { body: JSON.stringify(body) } : {}) })
    return (response.status === 204 ? undefined : await response.json()) as T
  }
  return {
    name,
    http,
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, body),
    postCsv: async (path, file) => {
      const headers = { 'content-type': 'text/csv' }
      const response = await request(options, path, { method: 'POST', body: file, headers })
      return (await response.json()) as never
    },
    put: (path, body) => send('PUT', path, body),
    patch: (path, body) => send('PATCH', path, body),
    delete: (path) => send('DELETE', path),
    login: (login) => send('POST', '/api/v1/logins', login),
    logins: () => send('GET', '/api/v1/logins'),
    logout: (deviceName) => send('DELETE', `/api/v1/logins/${encodeURIComponent(deviceName)}`),
    call: (from, to) => send('POST', '/api/v1/calls', { from, to }),
    hangUp: (callId) => send('DELETE', `/api/v1/calls/${encodeURIComponent(callId)}`),
    where: (dn) => orUndefined(send<LearnedLocation>('GET', `/api/v1/locations/${encodeURIComponent(dn)}`)),
    events: (signal) => readEvents(options, signal),
  }
}

/** The answer, or undefined where there is no such thing (404). */
export async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return undefined
    throw error
  }
}

async function request(options: ClientOptions, path: string, init: RequestInit): Promise<Response> {
  const { name, http, userId = 'administrator', password = 'roamline', timeoutMs = 30_000 } = options
  const headers: Record<string, string> = { authorization: `Basic ${btoa(`${userId}:${password}`)}` }
  if (init.body !== undefined) headers['content-type'] = 'application/json'
  Object.assign(headers, init.headers)
  let response: Response
  try {
    response = await fetch(new URL(path, http), { signal: AbortSignal.timeout(timeoutMs), ...init, headers })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new ClusterUnreachable(name, reasonOf(error as Error), { cause: error })
  }
  if (!response.ok) throw new ApiProblem(await problemOf(response))
  return response
}

function reasonOf(error: Error): string {
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException
  if (code === 'ECONNREFUSED') return 'nothing listens there'
  return error.name === 'TimeoutError' ? 'it took too long' : message
}

async function problemOf(response: Response): Promise<ProblemBody> {
  const { status, statusText } = response
  const body = (await response.json().catch(() => ({}))) as Partial<ProblemBody> & {
    title?: string
    waitingFor?: string[]
  }
  // `/health/ready` says in its own words why it is not.
  const detail = body.detail ?? body.waitingFor?.join('; ') ?? body.title ?? `${status} ${statusText}`
  return { ...body, status, detail }
}

async function* readEvents(options: ClientOptions, signal?: AbortSignal): AsyncGenerator<ClusterEvent> {
  // Never quiet for ever, never over by itself: no deadline but the caller's.
  const forever = signal ?? new AbortController().signal
  const response = await request(options, '/api/v1/events', { method: 'GET', signal: forever })
  if (!response.body) return
  let rest = ''
  try {
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      const lines = `${rest}${text}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.startsWith('data:')) yield JSON.parse(line.slice(5)) as ClusterEvent
    }
  } catch (error) {
    // The stream breaks off when the cluster is killed: that is its end.
    if (signal?.aborted === true || error instanceof TypeError) return
    throw error
  }
}
