import t from 'tap'
import { alphanumericUserId } from '../../../services/database/service-parameters.ts'
import { FaultPoint } from '../../../services/extension-mobility/faults.ts'
import { refusals } from '../../../services/refusals.ts'
import { changeCredential } from '../../../services/change-credential/index.ts'
import { refused } from '../../../services/emapp/refusals.ts'
import { emCluster, serviceUrl } from './fixtures/em-phone.ts'

const path = '/emapp/EMAppServlet?device=SEP000000010001'

t.test('A1.3 phone service URL: what each address asks for, and what brings bob in', async (t) => {
  const cases = [
    { url: serviceUrl, prompt: 'Enter UserID and PIN', userid: 'bob', field: ['UserID', 'L'] },
    { url: `${serviceUrl}&loginType=UID`, prompt: 'Enter UserID and PIN', userid: 'bob', field: ['UserID', 'L'] },
    {
      url: `${serviceUrl}&loginType=SP`,
      prompt: 'Enter self-service ID and PIN',
      userid: '4711',
      field: ['Self-Service ID', 'N'],
    },
    {
      url: `${serviceUrl}&loginType=DN`,
      prompt: 'Enter extension and PIN',
      userid: '1000001',
      field: ['Extension', 'T'],
    },
    { url: `${serviceUrl}&EMCC=#EMCC#`, prompt: 'Enter UserID and PIN', userid: 'bob', field: ['UserID', 'L'] },
    {
      url: `${serviceUrl}&EMCC=#EMCC#&loginType=DN`,
      prompt: 'Enter extension and PIN',
      userid: '1000001',
      field: ['Extension', 'T'],
    },
  ]
  for (const { url, prompt, userid, field } of cases) {
    const { phone, whoIsOn } = await emCluster(t)
    const desk = phone()
    await desk.open(url)
    t.equal(desk.display(), prompt, url)
    t.match(desk.page(), {
      object: 'CiscoIPPhoneInput',
      items: [
        { displayName: field[0], queryStringParam: 'userid', inputFlags: field[1] },
        { displayName: 'PIN', queryStringParam: 'seq', inputFlags: 'NP' },
      ],
    })
    await desk.press('Submit', { userid, seq: '12345' })
    t.equal(whoIsOn(desk.name), 'bob')
  }
})

t.test('A1.3 phone service URL: the addresses handed out work from where the phone is', async (t) => {
  const { app } = await emCluster(t)
  const cases = [
    ['10.0.0.1:8080', 'http://10.0.0.1:8080/'],
    ['10.0.0.1', 'http://10.0.0.1/'],
    ['ucm.example.com:8080', 'http://ucm.example.com:8080/'],
    ['[2001:db8::134]:8080', 'http://[2001:db8::134]:8080/'],
    ['[2001:db8::134]', 'http://[2001:db8::134]/'],
    ['[::ffff:10.0.0.1]:8080', 'http://[::ffff:10.0.0.1]:8080/'],
    ['2001:db8::134', 'http://127.0.0.1/'],
    ['[2001:db8:134]:8080', 'http://127.0.0.1/'],
    ['10.0.0.1:80808', 'http://127.0.0.1/'],
    ['ucm/<script>', 'http://127.0.0.1/'],
    ['ucm@evil.example', 'http://127.0.0.1/'],
    [`${'u'.repeat(101)}:8080`, 'http://127.0.0.1/'],
  ] as const
  for (const [host, base] of cases) {
    const { body } = await app.inject({ url: path, headers: { host } })
    t.match(body, `<URL>${base}emapp/EMAppServlet?device=SEP000000010001</URL>`, host)
    t.match(body, `<Name>ChangePIN</Name><URL>${base}changecredential/ChangeCredentialServlet?device=SEP000000010001`)
  }
})

t.test('A1.4 Alphanumeric User ID: while it is False, digits alone are asked for and taken', async (t) => {
  const { phone, addUser, setParameter, whoIsOn } = await emCluster(t)
  await addUser({ userId: '1001', deviceProfiles: ['bob-profile'] })
  await setParameter(alphanumericUserId, 'False')
  const desk = phone()
  await desk.open(serviceUrl)
  t.match(desk.page(), { items: [{ inputFlags: 'N' }, {}] })
  await desk.press('Submit', { userid: 'bob', seq: '12345' })
  t.equal(desk.display(), 'Please try to login again (201)')
  await desk.open(serviceUrl)
  await desk.press('Submit', { userid: '1001', seq: '12345' })
  t.equal(whoIsOn(desk.name), '1001')
})

t.test('A1.4 Alphanumeric User ID: characters must be lowercase', async (t) => {
  const { phone, whoIsOn } = await emCluster(t)
  const desk = phone()
  await desk.open(serviceUrl)
  await desk.press('Submit', { userid: 'Bob', seq: '12345' })
  t.equal(desk.display(), 'Please try to login again (201)')
  t.equal(whoIsOn(desk.name), undefined)
})

t.test('A1.6 Character Display: a phone with an English locale takes English characters alone', async (t) => {
  const { phone, addUser, database, whoIsOn } = await emCluster(t)
  await addUser({ userId: 'rené', deviceProfiles: ['bob-profile'] })
  const desk = phone()
  const entered = { userid: 'rené', seq: '12345' }
  await desk.open(serviceUrl)
  await desk.press('Submit', entered)
  t.equal(desk.display(), 'Please try to login again (201)')
  await database.write(() => database.devices.update(desk.name, { userLocale: 'French_France' }))
  await desk.open(serviceUrl)
  await desk.press('Submit', entered)
  t.equal(whoIsOn(desk.name), 'rené')
})

t.test('a page comes in the character set that the phone takes', async (t) => {
  const { app, addUser, database } = await emCluster(t)
  await addUser({ userId: 'rené', deviceProfiles: ['bob-profile'] })
  await database.write(() =>
    database.logins.open({
      deviceName: 'SEP000000010001',
      userId: 'rené',
      deviceProfile: 'bob-profile',
      loginTime: 0,
      loginDuration: 0,
    }),
  )
  const ask = (charset: string) => app.inject({ url: path, headers: { 'accept-charset': charset } })
  const western = await ask('iso-8859-1')
  t.equal(western.headers['content-type'], 'text/xml; charset=iso-8859-1')
  t.match(western.rawPayload.toString('latin1'), 'rené is logged in')
  const usual = await ask('iso-8859-1,utf-8;q=0.8')
  t.equal(usual.headers['content-type'], 'text/xml; charset=utf-8')
  t.match(usual.body, 'rené is logged in')
  t.match(usual.headers, { 'cache-control': 'no-store', expires: '0', 'content-language': 'en' })
  t.notOk(usual.headers['set-cookie'])
})

t.test('a login type that is none of the three is 215; it is case-sensitive', async (t) => {
  const { phone } = await emCluster(t)
  const desk = phone()
  for (const type of ['', 'uid', 'EXT']) {
    await desk.open(`${serviceUrl}&loginType=${type}`)
    t.equal(desk.display(), 'LoginType invalid(215)')
  }
})

t.test('an extension of several users is 216', async (t) => {
  const { phone, addUser } = await emCluster(t)
  await addUser({ userId: 'alice', primaryExtension: '1000001', deviceProfiles: ['bob-profile'] })
  const desk = phone()
  await desk.open(`${serviceUrl}&loginType=DN`)
  await desk.press('Submit', { userid: '1000001', seq: '12345' })
  t.equal(desk.display(), 'DN has multiple users(216)')
})

t.test('a phone that is not in the device table is 11', async (t) => {
  const { phone } = await emCluster(t)
  const stranger = phone('SEP0000000000FF')
  await stranger.open(serviceUrl)
  t.equal(stranger.display(), 'Login is unavailable(11)')
  await stranger.open(`${serviceUrl}&doLogout=true`)
  t.equal(stranger.display(), 'Logout is unavailable(11)')
})

t.test('pages that could not be initialised are 210, the next ones are there', async (t) => {
  const { phone, mobility, told } = await emCluster(t)
  const desk = phone()
  mobility.faults.arm({ point: FaultPoint.pages, times: 2 })
  await desk.open(serviceUrl)
  t.equal(desk.display(), 'Login is unavailable(210)')
  await desk.open(`${serviceUrl}&doLogout=true`)
  t.equal(desk.display(), 'Logout is unavailable(210)')
  await desk.open(serviceUrl)
  t.equal(desk.display(), 'Enter UserID and PIN')
  t.match(told('loginRefused'), [{ deviceName: 'SEP000000010001', code: 210 }])
})

t.test('a directory that does not answer is 204', async (t) => {
  const { phone, mobility } = await emCluster(t)
  const desk = phone()
  mobility.faults.arm({ point: FaultPoint.directory, times: 1 })
  await desk.open(`${serviceUrl}&userid=bob&seq=12345`)
  t.equal(desk.display(), 'Login is unavailable (204)')
})

t.test('what nobody expected is 0, and the log tells', async (t) => {
  const { phone, mobility, logged } = await emCluster(t)
  const desk = phone()
  const broken = async (): Promise<never> => {
    throw new Error('the disk burns')
  }
  Object.assign(mobility, { deviceUsers: broken, logout: broken })
  await desk.open(serviceUrl)
  t.equal(desk.display(), 'Login is unavailable(0)')
  await desk.open(`${serviceUrl}&doLogout=true`)
  t.equal(desk.display(), 'Logout is unavailable(0)')
  t.match(logged.join(''), 'the disk burns')
})

t.test('a PIN that must be changed leads to Change Credential, with the user ID filled in', async (t) => {
  const { phone, database, whoIsOn } = await emCluster(t, { also: [[changeCredential as never, {}]] })
  await database.write(() => database.credentials.setState('bob', 'PIN', { mustChange: true }))
  const desk = phone()
  await desk.open(serviceUrl)
  await desk.press('Submit', { userid: 'bob', seq: '12345' })
  t.equal(desk.display(), 'PIN change is required')
  t.equal(whoIsOn(desk.name), undefined)
  t.match(desk.refresh()?.url, /changecredential\/ChangeCredentialServlet\?device=SEP000000010001&userid=bob$/u)
  await desk.wait()
  t.match(desk.page(), {
    object: 'CiscoIPPhoneInput',
    title: 'Change Credential',
    items: [{ queryStringParam: 'userid', defaultValue: 'bob' }],
  })
})

t.test('a user of another cluster reads 201, with EMCC too, as long as there is none', async (t) => {
  const { phone, addUser, database } = await emCluster(t)
  await database.write(() => database.deviceProfiles.insert({ name: 'kally-profile' }))
  await addUser({ userId: 'kally', homeCluster: false, deviceProfiles: ['kally-profile'] })
  const desk = phone()
  for (const url of [serviceUrl, `${serviceUrl}&EMCC=true`]) {
    await desk.open(url)
    await desk.press('Submit', { userid: 'kally', seq: '12345' })
    t.equal(desk.display(), 'Please try to login again (201)')
  }
  t.match(desk.visited.at(-1), 'EMCC=true', 'the form’s way back keeps what the phone said')
})

t.test('the login form’s ChangePIN softkey leads to Change Credential', async (t) => {
  const { phone } = await emCluster(t, { also: [[changeCredential as never, {}]] })
  const desk = phone()
  await desk.open(serviceUrl)
  await desk.press('ChangePIN')
  t.match(desk.page(), { object: 'CiscoIPPhoneInput', title: 'Change Credential' })
})

t.test('the refusals that EMApp finds itself read as the tables say', async (t) => {
  const codes = [0, 11, 22, 26, 201, 202, 207, 208, 210, 215] as const
  for (const code of codes) {
    const { name, ...row } = refusals[code]
    t.match(refused(code, 'login').facts, { title: name, code, phoneDisplay: row.login })
    if ('logout' in row) t.equal(refused(code, 'logout').facts.phoneDisplay, row.logout)
  }
})
