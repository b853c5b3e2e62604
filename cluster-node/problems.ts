// Every refusal and failure leaves the cluster as a problem document (RFC 9457); nothing else decides what an error looks like.
import type { Duplex } from 'node:stream'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../services/problem.ts'
import type { ProblemFacts } from '../services/problem.ts'
import type { Logger } from '../services/service.ts'
import { describeSchemaErrors } from '../services/wire/schema-errors.ts'
import type { SchemaError } from '../services/wire/schema-errors.ts'
import { STATUS_CODES } from '../services/wire/status-codes.ts'

const mediaType = 'application/problem+json'

/** What is sent: the facts, and the URI that names the kind of problem. */
export interface ProblemDocument extends ProblemFacts {
  readonly type: string
  readonly instance?: string
}

/** `about:blank` where the title is the status' own phrase (RFC 9457 §4.2.1), else a name made of the title. */
export function problemDocument(facts: ProblemFacts, instance?: string): ProblemDocument {
  const blank = facts.title === STATUS_CODES[facts.status]
  const type = blank
    ? 'about:blank'
    : `urn:roamline:problem:${facts.title.toLowerCase().replaceAll(/[^a-z0-9]+/gu, '-')}`
  return { type, ...facts, ...(instance !== undefined && { instance }) }
}

/** Fastify's error handler. */
export function answerProblem(
  error: FastifyError | Problem,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const facts = factsOf(error, request)
  if (facts.status >= 500 && facts.status !== 503) {
    request.log.error({ err: error, method: request.method, route: request.routeOptions.url }, 'request failed')
  }
  // Serialised here: the route's response schema for this status, if it has one, knows only the success.
  const document = problemDocument(facts, pathOf(request))
  return reply.status(facts.status).type(mediaType).serializer(JSON.stringify).send(document)
}

function factsOf(error: FastifyError | Problem, request: FastifyRequest): ProblemFacts {
  if (error instanceof Problem) return error.facts
  if (error.validation) {
    const detail = describeSchemaErrors(error.validation as SchemaError[], error.validationContext ?? '')
    return { status: 400, title: 'Invalid Request', detail }
  }
  if (error.code === 'CREDENTIAL_HASHER_BUSY') return busy
  const status = error.statusCode ?? 500
  if (status >= 500 || status < 400) return unexpected
  const detail = detailOf(error, status, request)
  return { status, title: STATUS_CODES[status] ?? 'Error', detail }
}

function detailOf({ code, message }: FastifyError, status: number, request: FastifyRequest): string {
  if (status === 415) return bodyWanted(request)
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return `the body is larger than ${sizeOf(request.routeOptions.bodyLimit)}`
  return details[code] ?? message
}

function sizeOf(bytes: number): string {
  return bytes < 1024 ** 2 ? `${bytes / 1024} KiB` : `${bytes / 1024 ** 2} MiB`
}

/** Forms and files say in their schema what they take; everything else is JSON. */
function bodyWanted({ routeOptions }: FastifyRequest): string {
  const { consumes = ['application/json'] } = (routeOptions.schema ?? {}) as { readonly consumes?: readonly string[] }
  return `send the body as ${consumes.join(' or ')}`
}

const busy: ProblemFacts = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'too many credentials are being checked at once: try again in a few seconds',
}

/** Says nothing about the inside; the log does. */
const unexpected: ProblemFacts = {
  status: 500,
  title: 'Internal Server Error',
  detail: 'the request failed for a reason that is not its own; the log of this cluster says which',
}

/** Where Fastify's own words do not say what to do. */
const details: Readonly<Record<string, string>> = {
  FST_BASIC_AUTH_MISSING_OR_BAD_AUTHORIZATION_HEADER:
    'this needs HTTP Basic authentication with the user ID and password of an application user',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'the body is empty although its content type is application/json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'the body is not valid JSON',
}

/** The path without the query, in which people put what belongs in no answer and no log. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? request.url
}

/** What the HTTP parser refuses never becomes a request; it is answered on the bare connection, which then ends. */
export function answerBrokenRequest(log: Logger, error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  log.debug({ code: error.code }, 'broken request')
  if (socket.writable) socket.write(brokenRequestAnswer(error.code))
  socket.destroy()
}

/** CONNECT never becomes a request either: this is no proxy. */
export function answerConnect(_request: unknown, socket: Duplex): void {
  socket.on('error', () => {})
  socket.end(bareAnswer(405, 'this is no proxy: it takes no CONNECT'))
}

function brokenRequestAnswer(code: string | undefined): string {
  const [status, detail] = brokenRequests[code ?? ''] ?? [400, 'this is not a well-formed HTTP request']
  return bareAnswer(status, detail)
}

function bareAnswer(status: number, detail: string): string {
  const title = STATUS_CODES[status] ?? ''
  const body = JSON.stringify(problemDocument({ status, title, detail }))
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    `Content-Type: ${mediaType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  return [...head, 'Connection: close', '', body].join('\r\n')
}

const brokenRequests: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request did not arrive in time'],
  HPE_HEADER_OVERFLOW: [431, 'the header fields are larger than this server reads'],
}
