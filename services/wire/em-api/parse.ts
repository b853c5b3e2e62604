// Documents → requests, by the DTDs of the EM API, with what real clients do beside them: elements in any order, attributes, an
// extra userID in logout, loginType in queries. An element that belongs nowhere is refused: it may be a misspelt one that mattered.
import { readElements, UnreadableDocument } from './elements.ts'
import type { XmlElement } from './elements.ts'
import { emApiLimits } from './limits.ts'
import type { DurationOf, EmApiAction, EmApiLogin, EmApiProblem, EmApiRequest } from './messages.ts'

/** Reads one document. Whatever it is, this returns: a request that follows the DTDs, or why it is none. */
export function parseEmApiRequest(document: string): EmApiRequest | EmApiProblem {
  try {
    return readRoot(readElements(document))
  } catch (error) {
    if (error instanceof UnknownQuery) return { code: 8, problem: error.message }
    if (error instanceof UnreadableDocument) return { code: 1, problem: error.message }
    throw error
  }
}

/** The root is `query`, and what it asks for is nothing that is known, or not one thing. */
class UnknownQuery extends Error {}

type Members = ReadonlyMap<string, XmlElement>

function readRoot(root: XmlElement): EmApiRequest {
  if (root.name !== 'request' && root.name !== 'query') {
    throw new UnreadableDocument('the root element is neither request nor query')
  }
  refuseText(root)
  const [appInfo, ...moreInfo] = root.children.filter(({ name }) => name === 'appInfo')
  const [asked, ...moreAsked] = root.children.filter(({ name }) => name !== 'appInfo')
  const reader = readers[root.name].get(asked?.name ?? '')
  if (asked === undefined || reader === undefined || moreAsked.length > 0) throw undetermined(root.name)
  if (appInfo === undefined || moreInfo.length > 0) throw new UnreadableDocument('there is not exactly one appInfo')
  return { ...readAppInfo(appInfo), ...reader(asked) }
}

function undetermined(root: 'request' | 'query'): Error {
  return root === 'query'
    ? new UnknownQuery('the document asks for none of the known queries, or for more than one')
    : new UnreadableDocument('the request is not exactly one of login, logout and logoutAll')
}

const appInfoMembers = new Set(['appID', 'appCertificate', 'appEncryptedCertificate'])

function readAppInfo(element: XmlElement): Pick<EmApiRequest, 'appId' | 'appCertificate'> {
  const members = membersOf(element, appInfoMembers)
  const clear = members.get('appCertificate')
  const encrypted = members.get('appEncryptedCertificate')
  if ((clear === undefined) === (encrypted === undefined)) {
    throw new UnreadableDocument('appInfo has not exactly one of appCertificate and appEncryptedCertificate')
  }
  return { appId: required(members, 'appID'), appCertificate: clear && plainText(clear) }
}

/** What an element says beside its appInfo. */
type Asked = Pick<EmApiRequest, 'remoteAddress' | 'via' | 'action'>
type Reader = (element: XmlElement) => Asked

const readers: Readonly<Record<'request' | 'query', ReadonlyMap<string, Reader>>> = {
  request: new Map<string, Reader>([
    ['login', readLogin],
    ['logout', readLogout],
    ['logoutAll', readLogoutAll],
  ]),
  query: new Map<string, Reader>([
    ['deviceUserQuery', readDeviceUserQuery],
    ['userDevicesQuery', (element) => readUserQuery(element, 'userDevicesQuery')],
    ['deviceProfileQuery', (element) => readUserQuery(element, 'deviceProfileQuery')],
    // Its name in the published example; the DTD and clients have the one above.
    ['userDeviceProfileQuery', (element) => readUserQuery(element, 'deviceProfileQuery')],
    ['checkUser', (element) => readUserQuery(element, 'checkUser')],
  ]),
}

const callerMembers = ['remoteIPAddr', 'isViaHeaderSet']
const loginMembers = new Set(['deviceName', 'userID', 'deviceProfile', 'exclusiveDuration', ...callerMembers])
const logoutMembers = new Set(['deviceName', 'userID', ...callerMembers])
const logoutAllMembers = new Set(callerMembers)
const queryMembers = new Set(['loginType', ...callerMembers])

function readLogin(element: XmlElement): Asked {
  const members = membersOf(element, loginMembers)
  const deviceProfile = optional(members, 'deviceProfile')
  const duration = members.get('exclusiveDuration')
  const login: EmApiLogin = {
    deviceName: required(members, 'deviceName'),
    userId: required(members, 'userID'),
    ...(deviceProfile !== undefined && { deviceProfile }),
    ...(duration !== undefined && { exclusiveDuration: readDuration(duration) }),
  }
  return { ...readCaller(members), action: { kind: 'login', login } }
}

function readLogout(element: XmlElement): Asked {
  const members = membersOf(element, logoutMembers)
  // A published sample sends the user too; who is logged out is who is logged in.
  optional(members, 'userID')
  return { ...readCaller(members), action: { kind: 'logout', deviceName: required(members, 'deviceName') } }
}

function readLogoutAll(element: XmlElement): Asked {
  return { ...readCaller(membersOf(element, logoutAllMembers)), action: { kind: 'logoutAll' } }
}

function readDeviceUserQuery(element: XmlElement): Asked {
  const { names, members } = readNames(element, 'deviceName')
  return { ...readCaller(members), action: { kind: 'deviceUserQuery', deviceNames: names } }
}

type UserQuery = Extract<EmApiAction, { readonly userIds: readonly string[] }>['kind']

function readUserQuery(element: XmlElement, kind: UserQuery): Asked {
  const { names, members } = readNames(element, 'userID')
  return { ...readCaller(members), action: { kind, userIds: names } }
}

function readNames(
  element: XmlElement,
  name: string,
): { readonly names: readonly string[]; readonly members: Members } {
  const found = element.children.filter((child) => child.name === name)
  if (found.length === 0) throw new UnreadableDocument(`${element.name} names no ${name}`)
  if (found.length > emApiLimits.names) {
    throw new UnreadableDocument(`${element.name} names more than ${emApiLimits.names} at once`)
  }
  const others = element.children.filter((child) => child.name !== name)
  const members = membersOf({ name: element.name, text: element.text, children: others }, queryMembers)
  const loginType = optional(members, 'loginType')
  if (loginType !== undefined && !/^(?:UID|SP|DN)$/u.test(loginType)) {
    throw new UnreadableDocument('loginType is none of UID, SP and DN')
  }
  return { names: found.map(textOf), members }
}

function readCaller(members: Members): Pick<EmApiRequest, 'remoteAddress' | 'via'> {
  const via = optional(members, 'isViaHeaderSet')?.toLowerCase()
  if (via !== undefined && via !== 'true' && via !== 'false') {
    throw new UnreadableDocument('isViaHeaderSet is neither true nor false')
  }
  return { remoteAddress: optional(members, 'remoteIPAddr'), via: via === undefined ? undefined : via === 'true' }
}

const durationMembers = new Set(['time', 'indefinite'])
const wholeMinutes = new RegExp(String.raw`^\d{1,${emApiLimits.minutesDigits}}$`, 'u')

function readDuration(element: XmlElement): DurationOf {
  const members = membersOf(element, durationMembers)
  const time = optional(members, 'time')
  if (members.size !== 1) throw new UnreadableDocument('exclusiveDuration is not exactly one of time and indefinite')
  if (members.has('indefinite')) {
    if (optional(members, 'indefinite') !== undefined) throw new UnreadableDocument('indefinite is not empty')
    return 'indefinite'
  }
  const minutes = wholeMinutes.test(time ?? '') ? Number(time) : 0
  if (minutes < 1) throw new UnreadableDocument('time is not a number of whole minutes, 1 or more')
  return minutes
}

/** The children by name, each at most once, all of them known. */
function membersOf(element: XmlElement, known: ReadonlySet<string>): Members {
  refuseText(element)
  const members = new Map<string, XmlElement>()
  for (const child of element.children) {
    const { name } = child
    if (!known.has(name)) throw new UnreadableDocument(`${element.name} holds an element that does not belong there`)
    if (members.has(name)) throw new UnreadableDocument(`${element.name} holds ${name} twice`)
    members.set(name, child)
  }
  return members
}

/** Only white space stands between elements. */
function refuseText({ name, text }: XmlElement): void {
  if (trim(text) !== '') throw new UnreadableDocument(`there is text between the elements of ${name}`)
}

function required(members: Members, name: string): string {
  const element = members.get(name)
  if (element === undefined) throw new UnreadableDocument(`${name} is missing`)
  return textOf(element)
}

/** Undefined where absent or blank: serialisers write what has no value as an empty element. */
function optional(members: Members, name: string): string | undefined {
  const element = members.get(name)
  return element === undefined ? undefined : textOf(element) || undefined
}

/** Without the line ends and blanks that pretty-printers put around it. */
function textOf(element: XmlElement): string {
  return trim(plainText(element))
}

function plainText({ name, text, children }: XmlElement): string {
  if (children.length > 0) throw new UnreadableDocument(`${name} holds elements`)
  // A password may begin and end with blanks; what pretty-printers put around a name does not count.
  const meant = trim(text)
  if (meant.length > emApiLimits.text) {
    throw new UnreadableDocument(`${name} has more than ${emApiLimits.text} characters`)
  }
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\u0000-\u001F\u007F-\u009F]/.test(meant)) throw new UnreadableDocument(`${name} holds a control character`)
  return text
}

/** Without the white space of XML at both ends; a no-break space is a character like any other. */
function trim(text: string): string {
  let [begin, end] = [0, text.length]
  while (begin < end && isWhiteSpace(text.charCodeAt(begin))) begin += 1
  while (begin < end && isWhiteSpace(text.charCodeAt(end - 1))) end -= 1
  return text.slice(begin, end)
}

function isWhiteSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09
}
