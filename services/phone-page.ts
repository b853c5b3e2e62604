// What every service that phones call has in common: fields from the query or from a form, addresses to hand out, and the answer.
import { isUtf8 } from 'node:buffer'
import { isIPv6 } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from './problem.ts'
import type { ServiceApp, ServiceContext } from './service.ts'
import { isFormProblem, parseForm, parseQuery } from './wire/form.ts'
import type { Form, FormProblem } from './wire/form.ts'
import type { PhoneAnswer } from './wire/phone-xml/answer.ts'
import { choosePageCharset } from './wire/phone-xml/index.ts'

/** Answers with a page that no cache keeps, in the character set that the phone asked for. */
export function sendPhonePage(
  request: FastifyRequest,
  reply: FastifyReply,
  { xml, refresh }: PhoneAnswer,
): FastifyReply {
  const charset = choosePageCharset(acceptCharset(request), xml)
  // Pages are written in English alone, whatever Accept-Language asks for.
  reply.headers({ 'cache-control': 'no-store', expires: '0', 'content-language': 'en' })
  if (refresh) reply.header('refresh', `${refresh.seconds}; url=${refresh.url}`)
  return reply
    .status(200)
    .type(`text/xml; charset=${charset}`)
    .send(Buffer.from(xml, charset === 'utf-8' ? 'utf8' : 'latin1'))
}

/** A header that comes twice is one list. */
function acceptCharset({ headers }: FastifyRequest): string | undefined {
  const value = headers['accept-charset']
  return Array.isArray(value) ? value.join(',') : value
}

/** Fields are few and short: a User ID has at most 128 characters. */
const limits = { fields: 32, bytes: 512 }

/** Bodies in this scope are forms. A body that does not say what it is, is one too, as for Java's clients. */
export function readPhoneForms(app: ServiceApp): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, readText(body as Buffer)),
  )
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    if (!request.headers['content-type']) return done(null, readText(body as Buffer))
    const detail = 'send the body as application/x-www-form-urlencoded'
    done(new Problem({ status: 415, title: 'Unsupported Media Type', detail }))
  })
}

/** What is no UTF-8 becomes the character at which the form's reader stops. */
function readText(body: Buffer): string {
  return isUtf8(body) ? body.toString() : '\uFFFD'
}

/**
 * The fields of a request, from its query and its form together; names are case-sensitive, unknown ones are the caller's to ignore.
 * Throws a Problem (400) for fields that come twice, cannot be decoded, are too long or have control characters.
 */
export function phoneFields(request: FastifyRequest): Form {
  const query = readable(parseQuery(request.raw.url ?? '', limits))
  const form = typeof request.body === 'string' ? readable(parseForm(request.body, limits)) : new Map<string, string>()
  const twice = [...form.keys()].find((name) => query.has(name))
  if (twice !== undefined) throw invalid(problemText.duplicate, twice)
  const fields = new Map([...query, ...form])
  for (const [name, value] of fields) if (/\p{Cc}/u.test(value)) throw invalid('has control characters', name)
  return fields
}

function readable(form: Form | FormProblem): Form {
  if (isFormProblem(form)) throw invalid(problemText[form.problem], form.field)
  return form
}

const problemText: Readonly<Record<FormProblem['problem'], string>> = {
  encoding: 'is not valid UTF-8 in percent encoding',
  duplicate: 'comes twice',
  tooManyFields: 'is one too many',
  tooLong: 'is too long',
}

/** The value is never repeated: it may be a PIN. */
function invalid(what: string, field: string): Problem {
  const detail = field === '' ? `a field of the query or form ${what}` : `the field ${JSON.stringify(field)} ${what}`
  return new Problem({ status: 400, title: 'Invalid Request', detail })
}

/** Scheme, host and port under which a phone reached this cluster, for addresses that it is handed out; at most 120 characters. */
export function reachedAs(request: FastifyRequest, context: ServiceContext): string {
  const scheme = request.protocol === 'https' ? 'https' : 'http'
  const { host } = request.headers
  return host !== undefined && isAuthority(host) ? `${scheme}://${host}` : context.address()[scheme]
}

/** A name or address, IPv6 in brackets, with or without a port: what may stand in a URL that others will follow. */
const authority = /^(?:\[(?<literal>[\da-f:.]{2,45})\]|[a-z\d][a-z\d._-]{0,99})(?::(?<port>\d{1,5}))?$/iu

function isAuthority(host: string): boolean {
  const { literal, port = '0' } = authority.exec(host)?.groups ?? { port: 'none' }
  return Number(port) <= 65_535 && (literal === undefined || isIPv6(literal))
}
