// An independent look at what came in and what became of it: other readers of forms and documents than the doors have, more lenient than
// those, so that whatever a door accepts must be found here too.
import { SaxesParser } from 'saxes'
import { refusals } from '../../services/refusals.ts'
import { appPassword, bobsPin, phone } from './inputs.ts'
import type { FuzzInput } from './inputs.ts'

interface LoggedIn {
  readonly userId: string
  readonly deviceName: string
  readonly loginDuration: number
}

/** What became of an input. */
export interface Outcome {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, unknown>>
  /** Of login, logout and pinChanged, in order. */
  readonly events: readonly string[]
  /** Who is logged in afterwards. */
  readonly logins: readonly LoggedIn[]
  /** Bob was, on the phone. */
  readonly wasLoggedIn: boolean
  /** What the event of the login says. */
  readonly loggedInOn: unknown
}

/** What may be answered beside 200: HTTP-level refusals, with a reason. 500 is a crash that somebody caught. */
const refusedStatuses = new Set([400, 404, 405, 413, 414, 415, 431])
/** Documented too, but they say that something broke: 0 is a crash that somebody caught. */
const broken = new Set(['0', '4', '6', '7', '9', '21', '29', '204', '208', '210'])
const documented = Object.entries(refusals).filter(([code]) => !broken.has(code))
const codes = new Set(documented.map(([code]) => code))
const displays = new Set(
  documented.flatMap(([, row]: [string, { login?: string; logout?: string }]) => [row.login, row.logout]),
)

/** Undefined when all is as it should be. `note` is told what kind of answer it was. */
export function judge(input: FuzzInput, outcome: Outcome, note: (what: string) => void): string | undefined {
  const { status, body, events } = outcome
  for (const event of events) note(event)
  const mistaken = wrongEvents(input, outcome)
  if (mistaken !== undefined) return mistaken
  if (refusedStatuses.has(status)) {
    note(`HTTP ${status}`)
    return events.length > 0 ? `refused with ${status} and done all the same` : undefined
  }
  if (status !== 200) return `status ${status}: ${body.slice(0, 300)}`
  const told = toldSecret(input, outcome)
  if (told !== undefined) return told
  if (input.method === 'HEAD') return body === '' ? undefined : 'a body for HEAD'
  if (input.url.startsWith('/ccmcip/authenticate.jsp')) return judgeAuthentication(input, body, note)
  const illFormed = notWellFormed(body)
  if (illFormed !== undefined) return `the answer is not well-formed: ${illFormed}: ${body.slice(0, 500)}`
  return input.door === 'emApi' ? judgeXml(input, outcome, note) : judgePage(outcome, note)
}

/** Whether what was done is what was asked for, by somebody who may, and is on disk. */
function wrongEvents(input: FuzzInput, { events, logins, wasLoggedIn, loggedInOn }: Outcome): string | undefined {
  const [first, ...more] = events
  if (more.length > 0) return `${events.join(', ')} after one request`
  const login = first === 'login' ? logins.find(({ deviceName }) => deviceName === loggedInOn) : undefined
  // Bob's, which was there before.
  const others = wasLoggedIn && first !== 'logout' && login?.deviceName !== phone ? 1 : 0
  if (logins.length !== (first === 'login' ? 1 : 0) + others)
    return `${logins.length} logins after ${first ?? 'nothing'}`
  if (first === undefined) return undefined
  if (!mayDo(input, first, login)) return `${first} without the right to: ${login?.userId} on ${login?.deviceName}`
  if (first !== 'login' || login === undefined) return undefined
  const minutes = input.door === 'emApi' ? /<time[^>]*>(\d+)<\/time>/u.exec(spelled(input))?.[1] : undefined
  const seconds = Number(minutes ?? 0) * 60
  return login.loginDuration === seconds ? undefined : `${login.loginDuration} seconds instead of ${seconds}`
}

/** `login`: the one that was opened. What was ended was on the one phone. */
function mayDo(input: FuzzInput, event: string, login: LoggedIn | undefined): boolean {
  if (input.door === 'emApi') return mayDoByApi(spelled(input), event, login)
  const fields = fieldsOf(input)
  if (fields === undefined) return false
  const field = (name: string): string => (fields.get(name) ?? '').trim()
  if (event === 'pinChanged') {
    const [oldPin, newPin, confirmed] = ['oldpin', 'newpin', 'confirmnewpin'].map((name) => fields.get(name))
    return folded(fields.get('userid')) === 'bob' && oldPin === bobsPin && newPin === confirmed
  }
  if (folded(field('device')) !== folded(login?.deviceName ?? phone)) return false
  if (event === 'logout') return field('doLogout').toLowerCase() === 'true'
  const [type, user] = [fields.get('loginType') ?? 'UID', field('userid')]
  const isBob = { UID: user === 'bob', SP: user === '4711', DN: /^\D*1\D*0\D*0\D*0\D*0\D*0\D*1\D*$/u.test(user) }[type]
  return isBob === true && login?.userId === 'bob' && fields.get('seq') === bobsPin
}

function mayDoByApi(text: string, event: string, login: LoggedIn | undefined): boolean {
  const onPhone = new RegExp(`<deviceName[^>]*>${login?.deviceName ?? phone}</deviceName>`, 'iu').test(text)
  if (!mayAsk(text)) return false
  if (event === 'logout') return text.includes('<logoutAll') || (text.includes('<logout') && onPhone)
  const ofUser = new RegExp(`<userID[^>]*>${login?.userId}</userID>`, 'iu').test(text)
  return event === 'login' && text.includes('<login') && onPhone && ofUser
}

/** The EM API's secret, where it belongs. */
function mayAsk(text: string): boolean {
  return (
    /<appID[^>]*>emproxy<\/appID>/u.test(text) &&
    new RegExp(`<appCertificate[^>]*>${appPassword}</appCertificate>`, 'u').test(text)
  )
}

function judgeXml(input: FuzzInput, outcome: Outcome, note: (what: string) => void): string | undefined {
  const { body, events, wasLoggedIn } = outcome
  const code = /<error code="(\d+)">/u.exec(body)?.[1]
  if (code !== undefined) {
    note(code)
    if (/success/iu.test(body)) return `a failure that says success: ${body}`
    if (events.length > 0) return `${events.join()} and a failure: ${body}`
    return codes.has(code) ? undefined : `code ${code} is in no table, or says that something broke`
  }
  const isSuccess = body.includes('<success/>')
  note(isSuccess ? 'success' : 'results')
  const text = spelled(input)
  if (!mayAsk(text)) return `answered without the secret: ${body.slice(0, 300)}`
  if (!isSuccess) return events.length > 0 ? `${events.join()} by a query` : undefined
  const nobodyToLogOut = !wasLoggedIn && text.includes('<logoutAll')
  return events.length === 1 || nobodyToLogOut ? undefined : 'a success, and nothing was done'
}

/** Prompts that say that something was done, and what. */
const done: Readonly<Record<string, string>> = {
  '<Prompt>Logged in</Prompt>': 'login',
  '<Prompt>Logged out</Prompt>': 'logout',
  '<Prompt>PIN change is complete</Prompt>': 'pinChanged',
}

const pageUrl =
  /^(?:SoftKey:(?:Exit|Submit|Select|&lt;&lt;)|https?:\/\/[\w.:[\]-]+\/(?:emapp|changecredential)\/[\w%.&;=?()!~*'-]*)$/u

/** A page of the phone: form, question, menu or text; a text that names a code is one of the documented displays. */
function judgePage({ body, events, headers }: Outcome, note: (what: string) => void): string | undefined {
  const [, root] = /<(CiscoIPPhone\w+)/u.exec(body) ?? []
  if (root === undefined) return `no page of a phone: ${body.slice(0, 200)}`
  const says = Object.entries(done).find(([prompt]) => body.includes(prompt))?.[1]
  if (says !== events[0]) return `the page says ${says}, done was ${events[0]}`
  const strange = [...body.matchAll(/<URL>([^<]*)<\/URL>/gu)].find(([, url = '']) => !pageUrl.test(url))
  if (strange) return `the page leads to ${strange[1]}`
  const { refresh } = headers
  if (
    refresh !== undefined &&
    !/^\d; url=(?:Init:Services|https?:\/\/[\w.:[\]-]+\/changecredential\/\S+)$/u.test(String(refresh))
  )
    return `the phone is sent to ${String(refresh)}`
  const shown = [...body.matchAll(/>([^<>]*\((\d+)\))</gu)]
  for (const [, text, code] of shown) {
    note(code ?? '')
    if (!displays.has(text)) return `the phone shows ${text}, which is in no table, or says that something broke`
  }
  if (shown.length === 0) note(root)
  return undefined
}

/** The phone is bob's. */
function judgeAuthentication(input: FuzzInput, body: string, note: (what: string) => void): string | undefined {
  note(body)
  if (body !== 'AUTHORIZED') return body === 'UN-AUTHORIZED' ? undefined : `the phone is told ${body}`
  const fields = fieldsOf(input)
  const isBob = folded(fields?.get('UserID')) === 'bob' && folded(fields?.get('devicename')) === folded(phone)
  return isBob && fields?.get('Password') === bobsPin ? undefined : 'authorized without the PIN'
}

/** A PIN may be repeated where somebody wrote it into another field. */
function toldSecret(input: FuzzInput, { body, headers }: Outcome): string | undefined {
  const told = `${body}\n${JSON.stringify(headers)}`
  if (told.includes(appPassword)) return 'the password was told'
  if (input.door === 'emApi' || !told.includes(bobsPin)) return undefined
  const repeated = [...allFields(input)].filter(([name]) => name === 'device' || name === 'userid' || name === 'name')
  return repeated.some(([, value]) => value.includes(bobsPin)) ? undefined : 'the PIN was told'
}

/** By the platform's own reader; undefined when a field comes twice. */
function fieldsOf(input: FuzzInput): ReadonlyMap<string, string> | undefined {
  const all = allFields(input)
  const fields = new Map(all)
  return fields.size === all.length ? fields : undefined
}

/** A body means nothing in GET and HEAD (RFC 9110 §9.3). */
function allFields({ method, url, body }: FuzzInput): (readonly [string, string])[] {
  const at = url.indexOf('?')
  const [query, form] = [at < 0 ? '' : url.slice(at + 1), method === 'POST' ? (body?.toString() ?? '') : '']
  return [query, form].flatMap((text) => [...new URLSearchParams(`&${text}`)])
}

/** Letters A to Z alone, as the tables compare names. */
function folded(name = ''): string {
  return name.trim().replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase())
}

/** All of an EM API request with every escape undone and everything that means nothing gone. */
function spelled({ url, body }: FuzzInput): string {
  const unescaped = `${url} ${body?.toString() ?? ''}`
    .replaceAll(/%([0-9a-f]{2})/giu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll(/&#x([0-9a-f]{1,5});/giu, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replaceAll(/&#(\d{1,6});/gu, (_, number: string) => String.fromCodePoint(Number(number)))
  return unescaped.replaceAll(/<!--.*?-->|<!\[CDATA\[|\]\]>|<\?.*?\?>|[\s+]/gsu, '')
}

function notWellFormed(text: string): string | undefined {
  let problem: string | undefined
  const parser = new SaxesParser()
  parser.on('error', (error) => void (problem ??= error.message))
  try {
    parser.write(text).close()
  } catch (error) {
    problem ??= (error as Error).message
  }
  return problem
}
