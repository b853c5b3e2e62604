// The EM API of a lone cluster, asked by inject, and what its documents are made of.
import type { InjectOptions } from 'fastify'
import type { LoneCluster } from '../../../fixtures/lone-cluster.ts'

/** The one path of the EM API. */
export const servlet = '/emservice/EMServiceServlet'

/** Password of every application user of a lone cluster. */
export const password = 'a-password-of-the-tests'

/** `appInfo` with a password in clear. */
export function appInfo(appId = 'emproxy', appCertificate = password): string {
  return `<appInfo><appID>${appId}</appID><appCertificate>${appCertificate}</appCertificate></appInfo>`
}

/** A request by emproxy unless said otherwise. */
export function request(content: string, info = appInfo()): string {
  return `<request>${info}${content}</request>`
}

/** A query by emproxy unless said otherwise. */
export function query(content: string, info = appInfo()): string {
  return `<query>${info}${content}</query>`
}

/** The members of a login. */
export function loginOf(userId: string, deviceName: string, more = ''): string {
  return `<login><deviceName>${deviceName}</deviceName><userID>${userId}</userID>${more}</login>`
}

/** A logout. */
export function logoutOf(deviceName: string, more = ''): string {
  return `<logout><deviceName>${deviceName}</deviceName>${more}</logout>`
}

/** What came back. */
export interface EmApiAnswer {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
  /** `success`, `error <code>`, or the name of a query's results. */
  readonly outcome: string
}

/** Sends anything to the servlet. */
export async function send(cluster: LoneCluster, options: InjectOptions): Promise<EmApiAnswer> {
  const reply = await cluster.app.inject({ method: 'POST', url: servlet, ...options })
  return { status: reply.statusCode, text: reply.body, headers: reply.headers, outcome: outcomeOf(reply.body) }
}

/** Posts a document as the documents of the API say: one encoded form field. */
export function post(cluster: LoneCluster, document: string): Promise<EmApiAnswer> {
  return send(cluster, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: `xml=${encodeURIComponent(document)}`,
  })
}

function outcomeOf(text: string): string {
  const code = /<error code="(\d+)">/u.exec(text)?.[1]
  return code === undefined ? (/<response>\n<(\w+)/u.exec(text)?.[1] ?? '') : `error ${code}`
}
