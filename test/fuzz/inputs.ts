// Requests for the doors that phones and clients have, which begin valid and are then bent: seeded, so that a failing one can be had again.
import type { Random } from '../simulation/random.ts'

/** One request, as it goes to `inject`. */
export interface FuzzInput {
  readonly door: 'emApp' | 'emApi' | 'changeCredential' | 'phoneServices'
  readonly method: 'GET' | 'POST' | 'HEAD' | 'PUT' | 'DELETE' | 'OPTIONS' | 'PATCH'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer
  /** What was done to it, for the report. */
  readonly story: readonly string[]
}

/** Secrets of the cluster that is tormented. */
export const appPassword = 'a-password-of-the-tests'
export const bobsPin = '12345'

const paths = {
  emApp: '/emapp/EMAppServlet',
  emApi: '/emservice/EMServiceServlet',
  changeCredential: '/changecredential/ChangeCredentialServlet',
  menu: '/ccmcip/getservicesmenu.jsp',
  authenticate: '/ccmcip/authenticate.jsp',
} as const

const appInfo = `<appInfo><appID>emproxy</appID><appCertificate>${appPassword}</appCertificate></appInfo>`
/** The phone of the requests as they begin. */
export const phone = 'SEP000000010001'

const documents: readonly string[] = [
  `<request>${appInfo}<login><deviceName>${phone}</deviceName><userID>bob</userID><deviceProfile>bob-profile</deviceProfile><exclusiveDuration><time>60</time></exclusiveDuration></login></request>`,
  `<?xml version="1.0" encoding="UTF-8"?>\n<request>\n${appInfo}\n<login><deviceName>${phone}</deviceName><userID>bob</userID><exclusiveDuration><indefinite/></exclusiveDuration><remoteIPAddr>127.0.0.1</remoteIPAddr><isViaHeaderSet>false</isViaHeaderSet></login></request>\n`,
  `<request>${appInfo}<login><deviceName>${phone}</deviceName><userID>alice</userID></login></request>`,
  `<request>${appInfo}<login><deviceName>SEP000000010002</deviceName><userID>bob</userID></login></request>`,
  `<request>${appInfo}<logout><deviceName>${phone}</deviceName></logout></request>`,
  `<request>${appInfo}<logoutAll/></request>`,
  `<query>${appInfo}<deviceUserQuery><deviceName>${phone}</deviceName><deviceName>SEPNOSUCH</deviceName></deviceUserQuery></query>`,
  `<!DOCTYPE query SYSTEM "http://127.0.0.1:9/emservice/jsp/LoginQuery.dtd"><query>${appInfo}<userDevicesQuery><userID>bob</userID></userDevicesQuery></query>`,
  `<query>${appInfo}<deviceProfileQuery><userID>bob</userID></deviceProfileQuery></query>`,
  `<query>${appInfo}<checkUser><userID>bob</userID></checkUser></query>`,
]

const phoneQueries: readonly string[] = [
  `device=${phone}`,
  `device=${phone}&loginType=UID`,
  `device=${phone}&EMCC=false`,
  `device=${phone}&userid=bob&seq=${bobsPin}`,
  `device=${phone}&userid=bob&seq=99999`,
  `device=${phone}&userid=4711&seq=${bobsPin}&loginType=SP`,
  `device=${phone}&userid=1000001&seq=${bobsPin}&loginType=DN`,
  `device=${phone}&doLogout=true`,
  `device=SEP000000010002&userid=bob&seq=${bobsPin}`,
  `device=${phone}&userid=bob&seq=${bobsPin}&profile=bob-profile`,
  `device=${phone}&userid=bob&profile=bob-profile&ticket=AAAAAAAAAAAAAAAAAAAAAA`,
]

const credentialQueries: readonly string[] = [
  `device=${phone}`,
  `changePin=true&device=${phone}&userid=bob&oldpin=${bobsPin}&newpin=86420&confirmnewpin=86420`,
  `changePin=true&device=${phone}&userid=bob&oldpin=99999&newpin=86420&confirmnewpin=86420`,
  `changePin=true&device=${phone}&userid=nobody&oldpin=12345&newpin=86420&confirmnewpin=86421`,
]

const menuQueries: readonly string[] = [`name=${phone}`, `type=0&name=${phone}`, `type=2&name=${phone}`]
const authenticateQueries: readonly string[] = [
  `UserID=bob&Password=${bobsPin}&devicename=${phone}`,
  `UserID=bob&Password=99999&devicename=${phone}`,
]

/** The next request of this seed. */
export function nextInput(random: Random): FuzzInput {
  const door = random.pick(doors)
  const story: string[] = []
  const bend = (text: string, benders: readonly Bender[]): string => {
    let bent = text
    for (let count = random.pick([0, 0, 1, 1, 1, 2, 3]); count > 0; count--) {
      const [name, bender] = random.pick(benders)
      story.push(name)
      bent = bender(bent, random)
    }
    return bent
  }
  const headers = nextHeaders(random)
  const method = random.chance(0.04) ? random.pick(['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'HEAD'] as const) : undefined
  if (door === 'emApi') {
    const document = bend(random.pick(documents), documentBenders)
    const raw = random.chance(0.1)
    const form = bend(`xml=${raw ? document : encodeURIComponent(wellFormed(document))}`, formBenders)
    if (random.chance(0.15)) return { door, method: method ?? 'GET', url: target(paths[door], form), headers, story }
    return { door, method: method ?? 'POST', url: paths[door], headers, body: bytes(form, random, story), story }
  }
  const [path, queries] = random.pick(pages[door])
  const query = bend(random.pick(queries), [...formBenders, ...textBenders])
  if (random.chance(0.3) && path !== paths.menu) {
    const [shown, sent] = random.chance(0.2) ? halves(query, random, story) : ['', query]
    const url = shown === '' ? path : target(path, shown)
    return { door, method: method ?? 'POST', url, headers, body: bytes(sent, random, story), story }
  }
  return { door, method: method ?? 'GET', url: target(path, query), headers, story }
}

const doors = ['emApi', 'emApi', 'emApi', 'emApp', 'emApp', 'emApp', 'changeCredential', 'phoneServices'] as const

type Page = readonly [path: string, queries: readonly string[]]

const pages: Readonly<Record<Exclude<FuzzInput['door'], 'emApi'>, readonly Page[]>> = {
  emApp: [[paths.emApp, phoneQueries]],
  changeCredential: [[paths.changeCredential, credentialQueries]],
  phoneServices: [
    [paths.menu, menuQueries],
    [paths.authenticate, authenticateQueries],
  ],
}

/** Some fields in the query, the others in the form. */
function halves(query: string, random: Random, story: string[]): readonly [query: string, form: string] {
  story.push('query and form')
  const fields = query.split('&')
  const cut = random.between(0, fields.length)
  return [fields.slice(0, cut).join('&'), fields.slice(cut).join('&')]
}

type Bender = readonly [name: string, bend: (text: string, random: Random) => string]

const controls = [
  '\0',
  '\u0001',
  '\u0008',
  '\u000b',
  '\u001f',
  '\u007f',
  '\ufffe',
  '\ufffd',
  '\u202e',
  '\n',
  '\r',
  '\t',
]

/** For any text. */
const textBenders: readonly Bender[] = [
  ['a character is gone', (text, random) => at(text, random, 1, '')],
  ['a piece is gone', (text, random) => at(text, random, random.between(1, 40), '')],
  ['it is cut off', (text, random) => text.slice(0, random.between(0, text.length))],
  ['a control character', (text, random) => at(text, random, 0, random.pick(controls))],
  [
    'a strange letter',
    (text, random) => at(text, random, 0, random.pick(['é', 'ß', '中', '👻', '\u0301', 'ı', '\ud83d'])),
  ],
  ['a character is another', (text, random) => at(text, random, 1, String.fromCharCode(random.between(32, 126)))],
  ['a piece comes twice', duplicated],
  ['a name that every object has', (text, random) => aWord(text, random, random.pick(objectMembers))],
  ['another word', (text, random) => aWord(text, random, random.pick(words))],
  [
    'letters that some fold into others',
    (text, random) => {
      const [letter, other] = random.pick(lookalikes)
      return text.replace(letter, other)
    },
  ],
  ['very long', (text, random) => at(text, random, 0, 'A'.repeat(random.pick([64, 129, 5000, 70_000])))],
]

const objectMembers = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
const words = [
  'BOB',
  'Bob',
  'alice',
  'nobody',
  'SEP000000010002',
  'sep000000010001',
  'SEPNOSUCH',
  'reader',
  '0',
  'true',
  ' ',
]
/** The Kelvin sign, the long s, I with a dot, the Cyrillic o, wide letters and digits. */
const lookalikes = [
  ['k', '\u212A'],
  ['s', '\u017F'],
  ['i', '\u0130'],
  ['o', '\u043E'],
  ['b', '\uFF42'],
  ['1', '\uFF11'],
] as const

/** For XML. */
const documentBenders: readonly Bender[] = [
  ...textBenders,
  ['an element comes twice', (text, random) => twiceElement(text, random)],
  ['deeply nested', (text, random) => nested(text, random.pick([10, 100, 2000]))],
  ['an entity declaration', (text) => `<!DOCTYPE request [<!ENTITY a "bob">]>${text.replace('>bob<', '>&a;<')}`],
  ['a billion laughs', (text) => `${laughs}${text.replace('>bob<', '>&i;<')}`],
  [
    'an external entity',
    (text) => `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>${text.replace('bob', '&x;')}`,
  ],
  ['a parameter entity', (text) => `<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x">%x;]>${text}`],
  ['another encoding', (text, random) => `<?xml version="1.0" encoding="${random.pick(encodings)}"?>${text}`],
  ['a comment', (text, random) => at(text, random, 0, '<!-- bob -->')],
  ['CDATA', (text) => text.replace('>bob<', '><![CDATA[bob]]><')],
  ['a processing instruction', (text, random) => at(text, random, 0, '<?php echo 1 ?>')],
  [
    'a character reference',
    (text, random) => at(text, random, 0, random.pick(['&#0;', '&#x110000;', '&#98;', '&bob;', '&'])),
  ],
  ['a namespace', (text) => text.replace('<login>', '<x:login xmlns:x="urn:x">').replace('</login>', '</x:login>')],
  ['an attribute', (text, random) => text.replace('<login>', `<login a="1"${random.chance(0.5) ? ' a="2"' : ''}>`)],
  ['other case', (text) => text.replaceAll('login', 'Login')],
  ['an unknown element', (text) => text.replace('</appInfo>', '</appInfo><surprise/>')],
  ['a wrong password', (text) => text.replace(appPassword, 'wrong')],
  ['no password', (text) => text.replace(appPassword, '')],
  ['a success', (text) => text.replace('emproxy', 'success')],
  ['another root', (text) => text.replaceAll('request>', 'query>')],
  ['two documents', (text) => text + text],
  ['a strange duration', (text, random) => text.replace('>60<', `>${random.pick(durations)}<`)],
  ['a byte order mark', (text) => `\ufeff${text}`],
]

const durations = [
  '-1',
  '0',
  '1e9',
  '9'.repeat(40),
  'x',
  '',
  ' 60 ',
  '+60',
  '0x3C',
  '60.0',
  '\u0666\u0660',
  '007',
  '999999',
  '1000000',
]
const encodings = ['UTF-16', 'ISO-8859-1', 'utf-7', 'EBCDIC-CP-US', 'UTF-8', '']
const laughs = `<!DOCTYPE r [<!ENTITY a "ha">${[...'bcdefghi']
  .map((name, place) => `<!ENTITY ${name} "${`&${'abcdefgh'[place]};`.repeat(10)}">`)
  .join('')}]>`

/** For forms and queries. */
const formBenders: readonly Bender[] = [
  ['a field comes twice', (text) => `${text}&${text}`],
  ['another field first', (text) => `x=1&${text}`],
  ['a broken escape', (text, random) => at(text, random, 0, random.pick(['%', '%4', '%zz', '%u0041']))],
  ['bytes that are not UTF-8', (text, random) => at(text, random, 0, random.pick(['%ff', '%c0%80', '%ed%a0%80']))],
  ['an escaped control character', (text, random) => at(text, random, 0, random.pick(['%00', '%0d%0a', '%1b', '%7f']))],
  ['many fields', (text, random) => `${text}${'&a=b'.repeat(random.pick([10, 100, 3000]))}`],
  ['no equals sign', (text) => text.replace('=', '')],
  ['escaped twice', (text) => text.replaceAll('%', '%25')],
  ['escaped all over', (text) => text.replaceAll(/[a-z]/gu, (one) => `%${one.charCodeAt(0).toString(16)}`)],
  ['semicolons between fields', (text) => text.replaceAll('&', ';')],
  ['a list', (text) => text.replace('=', '[]=')],
  ['plus signs', (text) => text.replaceAll('a', '+')],
  ['other names', (text) => text.replace('userid', 'UserID').replace('xml=', 'XML=')],
  ['a new line at the end', (text) => `${text}\r\n`],
]

function at(text: string, random: Random, gone: number, put: string): string {
  const place = random.between(0, text.length)
  return text.slice(0, place) + put + text.slice(place + gone)
}

/** One of the words in `text` is another. */
function aWord(text: string, random: Random, word: string): string {
  const found = [...text.matchAll(/[A-Za-z0-9_-]{2,}/gu)]
  const one = found.length === 0 ? undefined : random.pick(found)
  return one === undefined ? text : text.slice(0, one.index) + word + text.slice(one.index + one[0].length)
}

function duplicated(text: string, random: Random): string {
  const from = random.between(0, text.length)
  const to = Math.min(text.length, from + random.between(1, 60))
  return text.slice(0, to) + text.slice(from, to) + text.slice(to)
}

function twiceElement(text: string, random: Random): string {
  const name = random.pick(['deviceName', 'userID', 'appID', 'appCertificate', 'login', 'appInfo'])
  return text.replace(new RegExp(`<${name}>.*?</${name}>`, 'su'), '$&$&')
}

function nested(text: string, depth: number): string {
  return text.replace('<userID>', `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}<userID>`)
}

/** Lone surrogates cannot be percent-encoded. */
function wellFormed(text: string): string {
  return text.toWellFormed()
}

/** A request target is printable ASCII; what else there is arrives as escapes of its bytes. */
function target(path: string, query: string): string {
  const escaped = query.toWellFormed().replaceAll(/[^\x21-\x7e]/gu, (one) => encodeURIComponent(one))
  return `${path}?${escaped.replaceAll('#', '%23').slice(0, 8000)}`
}

function bytes(form: string, random: Random, story: string[]): Buffer {
  const body = Buffer.from(form)
  if (random.chance(0.05) && body.length > 0) {
    story.push('a byte is another')
    body[random.between(0, body.length - 1)] = random.between(0, 255)
  }
  if (random.chance(0.01)) {
    story.push('UTF-16')
    return Buffer.from(form, 'utf16le')
  }
  return body
}

function nextHeaders(random: Random): Record<string, string> {
  const type = random.chance(0.9)
    ? 'application/x-www-form-urlencoded'
    : random.pick([
        'text/xml',
        'application/json',
        'multipart/form-data; boundary=x',
        'application/x-www-form-urlencoded; charset=utf-16',
        '',
      ])
  return {
    ...(type !== '' && { 'content-type': type }),
    ...(random.chance(0.05) && { via: '1.1 proxy' }),
    ...(random.chance(0.05) && { authorization: 'Basic Og==' }),
    ...(random.chance(0.05) && { 'accept-language': random.pick(['en_US', 'x'.repeat(300), 'de;q=1e9', ',,,']) }),
    ...(random.chance(0.05) && { 'accept-charset': random.pick(['iso-8859-1', 'utf-8,;q=0.8', 'utf-7', ';;']) }),
    ...(random.chance(0.05) && {
      host: random.pick(['[::1]:8080', 'x"><script>', 'a'.repeat(300), '', 'evil.example:99999']),
    }),
  }
}
