import t from 'tap'
import { emApiLimits, isEmApiProblem, parseEmApiRequest } from '../../../../services/wire/em-api/index.ts'

const app = '<appID>emproxy</appID><appCertificate>secret</appCertificate>'
const phone = '<deviceName>SEP00AABBCCDDEE</deviceName>'
const declaration = '<?xml version="1.0"?>'

const request = (content: string, appInfo = app) => `<request><appInfo>${appInfo}</appInfo>${content}</request>`
const query = (content: string) => `<query><appInfo>${app}</appInfo>${content}</query>`
const login = (more = '') => request(`<login>${phone}<userID>bob</userID>${more}</login>`)

/** What `document` asks for; fails if it cannot be used. */
function asked(document: string) {
  const parsed = parseEmApiRequest(document)
  if (isEmApiProblem(parsed)) throw new Error(`${parsed.code}: ${parsed.problem}`)
  return parsed
}

/** `code sentence` of a document that cannot be used. */
function refused(document: string): string {
  const parsed = parseEmApiRequest(document)
  return isEmApiProblem(parsed) ? `${parsed.code} ${parsed.problem}` : 'taken'
}

const bobLogsIn = {
  appId: 'emproxy',
  appCertificate: 'secret',
  remoteAddress: undefined,
  via: undefined,
  action: { kind: 'login', login: { deviceName: 'SEP00AABBCCDDEE', userId: 'bob' } },
}

t.test('em-wire 1.4: every published request is read', async (t) => {
  t.same(asked(login()), bobLogsIn)
  t.match(
    asked(login('<deviceProfile>EM_bob</deviceProfile><exclusiveDuration>\n<time>60</time></exclusiveDuration>')),
    {
      action: { login: { deviceProfile: 'EM_bob', exclusiveDuration: 60 } },
    },
  )
  t.same(asked(request(`<logout>${phone}</logout>`)).action, { kind: 'logout', deviceName: 'SEP00AABBCCDDEE' })
  t.same(asked(request('<logoutAll/>')).action, { kind: 'logoutAll' })
  t.same(asked(query(`<deviceUserQuery>${phone}<deviceName>SEP00AABBCCDDEF</deviceName></deviceUserQuery>`)).action, {
    kind: 'deviceUserQuery',
    deviceNames: ['SEP00AABBCCDDEE', 'SEP00AABBCCDDEF'],
  })
  for (const kind of ['userDevicesQuery', 'deviceProfileQuery', 'checkUser']) {
    t.same(asked(query(`<${kind}><userID>bob</userID><userID>alice</userID></${kind}>`)).action, {
      kind,
      userIds: ['bob', 'alice'],
    })
  }
})

t.test('em-wire 1.3: userDeviceProfileQuery of the published example is deviceProfileQuery of the DTD', async (t) => {
  t.same(asked(query('<userDeviceProfileQuery><userID>bob</userID></userDeviceProfileQuery>')).action, {
    kind: 'deviceProfileQuery',
    userIds: ['bob'],
  })
})

t.test('em-wire 1.3: remoteIPAddr and isViaHeaderSet are read wherever the DTDs have them', async (t) => {
  const caller = '<remoteIPAddr>192.0.2.7</remoteIPAddr><isViaHeaderSet>true</isViaHeaderSet>'
  const documents = [
    login(caller),
    request(`<logout>${phone}${caller}</logout>`),
    request(`<logoutAll>${caller}</logoutAll>`),
    query(`<deviceUserQuery>${phone}${caller}</deviceUserQuery>`),
    query(`<checkUser><userID>bob</userID>${caller}</checkUser>`),
  ]
  for (const document of documents) t.match(asked(document), { remoteAddress: '192.0.2.7', via: true })
  t.match(asked(login('<isViaHeaderSet>False</isViaHeaderSet>')), { via: false }, 'as .NET writes a boolean')
  t.match(asked(login('<isViaHeaderSet/><remoteIPAddr></remoteIPAddr>')), { via: undefined, remoteAddress: undefined })
  t.match(refused(login('<isViaHeaderSet>yes</isViaHeaderSet>')), /^1 isViaHeaderSet is neither/u)
})

t.test('em-wire 1.1: what real clients write is tolerated', async (t) => {
  const dtd = '<!DOCTYPE query SYSTEM "http://[2001:db8::1]:8080/emservice/jsp/LoginQuery.dtd">'
  const tolerated: Readonly<Record<string, string>> = {
    'no XML declaration': login(),
    'a declaration': `${declaration}${login()}`,
    'line ends after the document': `${login()}\r\n\n`,
    'line ends and blanks between elements': login('\n  ').replaceAll('><', '>\r\n\t<'),
    'an address of a DTD that nobody fetches': `${declaration}\n${dtd}\n${login()}`,
    'a public DTD': `<!DOCTYPE request PUBLIC "-//none" 'x.dtd' >${login()}`,
    'a document type alone': `<!DOCTYPE request>${login()}`,
    'namespaces that a serialiser declares': login().replace(
      '<request>',
      '<request xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">',
    ),
    'an empty element for no device profile': login('<deviceProfile xsi:nil="true" />'),
    'comments and processing instructions': `<!-- a --><?b c?>${login('<!-- d -->')}<!-- e -->`,
    'CDATA sections': login().replace('bob', '<![CDATA[b]]>o<![CDATA[b]]>'),
    'character references': login().replace('bob', '&#98;o&#x62;'),
    'members in another order': request(`<login><userID>bob</userID>${phone}</login>`),
    'appInfo after the rest': `<request><login>${phone}<userID>bob</userID></login><appInfo>${app}</appInfo></request>`,
    'line ends around a name': login().replace('bob', '\n bob\n'),
    'a byte order mark': `\uFEFF${declaration}${login()}`,
  }
  for (const [what, document] of Object.entries(tolerated)) t.same(asked(document), bobLogsIn, what)
  for (const indefinite of ['<indefinite/>', '<indefinite></indefinite>', '<indefinite >\n</indefinite>']) {
    const document = login(`<exclusiveDuration>${indefinite}</exclusiveDuration>`)
    t.match(asked(document).action, { login: { exclusiveDuration: 'indefinite' } }, indefinite)
  }
  const extraUser = request(`<logout>${phone}<userID>bob</userID></logout>`)
  t.same(asked(extraUser).action, { kind: 'logout', deviceName: 'SEP00AABBCCDDEE' }, 'an extra userID in logout')
  const loginType = query(`<deviceUserQuery>${phone}<loginType>DN</loginType></deviceUserQuery>`)
  t.match(asked(loginType).action, { kind: 'deviceUserQuery' }, 'loginType after deviceName')
})

t.test('a password keeps its blanks, an encrypted certificate is told from none', async (t) => {
  t.equal(asked(login().replace('secret', ' s &amp; &lt;t ')).appCertificate, ' s & <t ')
  const encrypted = request(
    '<logoutAll/>',
    '<appID>CCMSysUser</appID><appEncryptedCertificate>00</appEncryptedCertificate>',
  )
  t.match(asked(encrypted), { appId: 'CCMSysUser', appCertificate: undefined })
  t.match(asked(request('<logoutAll/>', '<appID/><appCertificate/>')), { appId: '', appCertificate: '' })
})

t.test('the DTDs are kept: 1 for a request that does not follow them', async (t) => {
  const broken: readonly (readonly [document: string, sentence: RegExp])[] = [
    ['<request/>', /not exactly one of login/u],
    [request(''), /not exactly one of login/u],
    [request('<login/><logoutAll/>'), /not exactly one of login/u],
    [request(`<deviceUserQuery>${phone}</deviceUserQuery>`), /not exactly one of login/u],
    [`<Request><appInfo>${app}</appInfo><logoutAll/></Request>`, /root element is neither/u],
    ['<request><logoutAll/></request>', /not exactly one appInfo/u],
    [`<request><appInfo>${app}</appInfo><appInfo>${app}</appInfo><logoutAll/></request>`, /not exactly one appInfo/u],
    [request('<logoutAll/>', '<appID>a</appID>'), /not exactly one of appCertificate/u],
    [request('<logoutAll/>', `${app}<appEncryptedCertificate/>`), /not exactly one of appCertificate/u],
    [request('<logoutAll/>', '<appCertificate>a</appCertificate>'), /appID is missing/u],
    [request('<login><userID>bob</userID></login>'), /deviceName is missing/u],
    [request(`<login>${phone}</login>`), /userID is missing/u],
    [request(`<login><DeviceName>SEP</DeviceName>${phone}<userID>bob</userID></login>`), /does not belong there/u],
    [login(phone), /holds deviceName twice/u],
    [login('<exclusiveDuration/>'), /not exactly one of time and indefinite/u],
    [login('<exclusiveDuration><time>1</time><indefinite/></exclusiveDuration>'), /not exactly one of time/u],
    [login('<exclusiveDuration><indefinite>1</indefinite></exclusiveDuration>'), /indefinite is not empty/u],
    [request('stray<logoutAll/>'), /text between the elements of request/u],
    [login('stray'), /text between the elements of login/u],
    [login().replace('bob', '\u00A0<b/>'), /userID holds elements|nested/u],
    [query('<userDevicesQuery/>'), /names no userID/u],
    [query(`<deviceUserQuery>${phone}<loginType>XX</loginType></deviceUserQuery>`), /loginType is none of/u],
  ]
  for (const [document, sentence] of broken) {
    t.match(refused(document), sentence)
    t.match(refused(document), /^1 /u, document)
  }
  for (const time of ['0', '-1', '1.5', '1e3', '', ' ', 'ten', '+5', '1234567', '٣']) {
    const document = login(`<exclusiveDuration><time>${time}</time></exclusiveDuration>`)
    t.match(refused(document), /^1 time is not a number of whole minutes/u, time)
  }
})

t.test('8 for a query that is none of the known ones, or several', async (t) => {
  const unknown = [
    '<query/>',
    query(''),
    query('<whoIsThereQuery/>'),
    query('<DeviceUserQuery/>'),
    query('<login/>'),
    query(`<deviceUserQuery>${phone}</deviceUserQuery><checkUser><userID>bob</userID></checkUser>`),
  ]
  for (const document of unknown) t.match(refused(document), /^8 the document asks for none/u, document)
})

t.test('a query asks for as many names as documented, and no more', async (t) => {
  const names = (count: number) => query(`<checkUser>${'<userID>a</userID>'.repeat(count)}</checkUser>`)
  t.match(asked(names(emApiLimits.names)).action, { userIds: { length: emApiLimits.names } })
  t.match(refused(names(emApiLimits.names + 1)), /^1 checkUser names more than 1000 at once/u)
  t.match(refused(names(20_000)), /^1 the document has too many elements/u)
})

t.test('values are bounded and hold no control characters', async (t) => {
  const user = (id: string) => login().replace('bob', id)
  t.match(asked(user('b'.repeat(128))).action, { login: { userId: 'b'.repeat(128) } })
  t.match(refused(user('b'.repeat(129))), /^1 userID has more than 128 characters/u)
  for (const reference of ['&#9;', '&#13;', '&#10;', '&#127;', '&#x85;']) {
    t.match(refused(user(`bo${reference}b`)), /^1 userID holds a control character/u, reference)
  }
  t.match(asked(user('bö👍')).action, { login: { userId: 'bö👍' } })
  t.match(refused(user('b\uD83D')), /^1 the text has half of a character/u)
})
