import t from 'tap'
import type { Test } from 'tap'
import { rememberLastUser } from '../../../services/database/service-parameters.ts'
import { bob, emCluster, serviceUrl } from './fixtures/em-phone.ts'

t.test('bob logs in on a phone, and out again', async (t) => {
  const { phone, whoIsOn, told } = await emCluster(t)
  const desk = phone()
  await desk.open(serviceUrl)
  t.equal(desk.display(), 'Enter UserID and PIN')
  await desk.press('Submit', bob)
  t.equal(desk.display(), 'bob is logged in. The phone restarts.')
  t.equal(whoIsOn(desk.name), 'bob')
  t.same(desk.refresh(), { seconds: 1, url: 'Init:Services' }, 'the phone leaves the page before it restarts')
  await desk.wait()
  t.equal(desk.display(), '')

  await desk.open(serviceUrl)
  t.match(desk.display(), /^bob is logged in to this phone\. .*log out\?$/u)
  await desk.press('No')
  t.equal(whoIsOn(desk.name), 'bob')
  await desk.open(serviceUrl)
  await desk.press('Yes')
  t.equal(desk.display(), 'bob is logged out. The phone restarts.')
  t.same(desk.refresh(), { seconds: 1, url: 'Init:Services' })
  t.equal(whoIsOn(desk.name), undefined)
  t.match(told('logout'), [{ reason: 'manual' }])
})

t.test('a login is two requests, and so is a logout', async (t) => {
  const { phone, counter } = await emCluster(t)
  const desk = phone()
  const handled = (): Promise<number> => counter('roamline_em_requests_handled_total')
  await desk.open(serviceUrl)
  t.equal(await handled(), 1)
  await desk.press('Submit', bob)
  t.equal(await handled(), 2)
  t.equal(await counter('roamline_em_logins_successful_total'), 1)
  await desk.open(serviceUrl)
  await desk.press('Yes')
  t.equal(await handled(), 4)
  t.equal(await counter('roamline_em_logouts_successful_total'), 1)
})

t.test(
  'alice, who has several device profiles, chooses one; her PIN is asked for once and handed to nobody',
  async (t) => {
    const { phone, addUserWith, database, counter, logged } = await emCluster(t)
    await addUserWith(['alice-desk', 'alice-home'], { userId: 'alice', defaultProfile: 'alice-home', pin: '86420' })
    const desk = phone()
    await desk.open(serviceUrl)
    await desk.press('Submit', { userid: 'alice', seq: '86420' })
    t.equal(desk.display(), 'alice-home, alice-desk', 'the default one comes first')
    t.notMatch(JSON.stringify(desk.page()), '86420')
    await desk.choose('alice-desk')
    t.equal(desk.display(), 'alice is logged in. The phone restarts.')
    t.match(database.logins.on(desk.name), { userId: 'alice', deviceProfile: 'alice-desk' })
    t.equal(await counter('roamline_em_requests_handled_total'), 2, 'and it still is two requests')
    t.notMatch(logged.join(''), '86420')
  },
)

t.test('who chooses the profile with the PIN is not asked', async (t) => {
  const { phone, addUserWith, database } = await emCluster(t)
  await addUserWith(['alice-desk', 'alice-home'], { userId: 'alice' })
  const desk = phone()
  await desk.open(`${serviceUrl}&userid=alice&seq=12345&profile=alice-home`)
  t.match(database.logins.on(desk.name), { userId: 'alice', deviceProfile: 'alice-home' })
})

t.test('a menu has a hundred profiles at most', async (t) => {
  const { phone, addUserWith } = await emCluster(t)
  await addUserWith(
    Array.from({ length: 101 }, (_, at) => `alice-${at}`),
    { userId: 'alice' },
  )
  const desk = phone()
  await desk.open(`${serviceUrl}&userid=alice&seq=12345`)
  const page = desk.page()
  t.equal(page?.object === 'CiscoIPPhoneMenu' && page.items.length, 100)
})

t.test('a profile whose address no phone takes is left out', async (t) => {
  const { phone, addUserWith } = await emCluster(t)
  await addUserWith(['alice-desk', '李'.repeat(40)], { userId: 'alice' })
  const desk = phone()
  await desk.open(`${serviceUrl}&userid=alice&seq=12345`)
  t.equal(desk.display(), 'alice-desk')
})

t.test('the ticket of the profile menu', async (t) => {
  const { phone, addUserWith, whoIsOn, clock } = await emCluster(t)
  await addUserWith(['alice-desk', 'alice-home'], { userId: 'alice' })
  const ticketOf = async (name: string): Promise<string> => {
    const one = phone(name)
    await one.open(`${serviceUrl}&userid=alice&seq=12345`)
    const page = one.page()
    return (page?.object === 'CiscoIPPhoneMenu' && page.items[0]?.url) || ''
  }
  const desk = phone()
  const follow = async (url: string): Promise<string> => {
    await desk.open(url)
    return desk.display()
  }
  const again = 'Please try to login again (201)'

  t.test('is good for two minutes', async (t) => {
    const url = await ticketOf(desk.name)
    clock.advance(120_000)
    t.equal(await follow(url), again)
    t.equal(whoIsOn(desk.name), undefined)
  })
  t.test('is good for this phone', async (t) => {
    const url = await ticketOf(desk.name)
    t.equal(await follow(url.replace(desk.name, 'SEP000000010002')), again)
    t.equal(await follow(url), again, 'and spent by the attempt')
    t.equal(whoIsOn('SEP000000010002'), undefined)
  })
  t.test('is good for this user', async (t) => {
    const url = await ticketOf(desk.name)
    t.equal(await follow(url.replace('userid=alice', 'userid=bob')), again)
    t.equal(whoIsOn(desk.name), undefined)
  })
  t.test('is good for her profiles', async (t) => {
    const url = await ticketOf(desk.name)
    t.match(await follow(url.replace(/profile=alice-\w+/u, 'profile=bob-profile')), /unavailable/u)
    t.equal(whoIsOn(desk.name), undefined)
  })
  t.test('is good once', async (t) => {
    const url = await ticketOf(desk.name)
    t.match(await follow(url), /^alice is logged in/u)
    await desk.open(`${serviceUrl}&doLogout=true`)
    t.equal(await follow(url), again)
  })
  t.test('cannot be made up', async (t) => {
    t.equal(await follow(`${serviceUrl}&userid=alice&ticket=AAAAAAAAAAAAAAAAAAAAAA&profile=alice-desk`), again)
  })
})

t.test('POST with a form and HEAD do what GET does; HEAD keeps the page to itself', async (t) => {
  const { app, whoIsOn } = await emCluster(t)
  const url = '/emapp/EMAppServlet?device=SEP000000010001'
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const posted = await app.inject({ method: 'POST', url, headers: form, payload: 'userid=bob&seq=12345' })
  t.match(posted.body, /bob is logged in/u)
  t.equal(whoIsOn('SEP000000010001'), 'bob')
  const head = await app.inject({ method: 'HEAD', url: `${url}&doLogout=true` })
  t.match(head, { statusCode: 200, body: '', headers: { refresh: '1; url=Init:Services' } })
  t.equal(whoIsOn('SEP000000010001'), undefined)
  const inQuery = await app.inject({ method: 'POST', url: `${url}&userid=bob&seq=12345` })
  t.match(inQuery.body, /bob is logged in/u)
  const bare = await app.inject({
    method: 'POST',
    url: '/emapp/EMAppServlet',
    payload: 'device=SEP000000010001&doLogout=true',
  })
  t.match(bare.body, /bob is logged out/u, 'a body that does not say what it is, is a form')
})

t.test('an unknown field such as check=true is ignored', async (t) => {
  const { phone } = await emCluster(t)
  const [plain, checked] = [phone(), phone()]
  await plain.open(serviceUrl)
  await checked.open(`${serviceUrl}&check=true`)
  t.same(checked.page(), plain.page())
})

/** What the login form offers at this address after Bob was here. */
async function formsAfterBob(t: Test) {
  const { phone, setParameter } = await emCluster(t)
  const desk = phone()
  await desk.open(`${serviceUrl}&userid=bob&seq=12345`)
  await desk.open(`${serviceUrl}&doLogout=true`)
  return {
    setParameter,
    async offered(url: string): Promise<string | undefined> {
      await desk.open(url)
      const page = desk.page()
      return page?.object === 'CiscoIPPhoneInput' ? page.items[0]?.defaultValue : undefined
    },
  }
}

t.test('A1.4 Remember the Last User Logged In: the form shows who was there last, if it may', async (t) => {
  const { offered, setParameter } = await formsAfterBob(t)
  t.equal(await offered(serviceUrl), '', 'not remembered by default')
  await setParameter(rememberLastUser, 'True')
  t.equal(await offered(serviceUrl), 'bob')
})

t.test('A1.6 Remember the Last User Logged In: only for the default service URL and loginType=UID', async (t) => {
  const { offered, setParameter } = await formsAfterBob(t)
  await setParameter(rememberLastUser, 'True')
  t.equal(await offered(`${serviceUrl}&loginType=UID`), 'bob')
  t.equal(await offered(`${serviceUrl}&loginType=SP`), '')
  t.equal(await offered(`${serviceUrl}&loginType=DN`), '')
})

t.test('the address of the connection and a Via header reach the rules', async (t) => {
  const { app, mobility } = await emCluster(t)
  const origins: unknown[] = []
  const { deviceUsers } = mobility
  Object.assign(mobility, {
    deviceUsers: (names: readonly string[], origin: unknown) => {
      origins.push(origin)
      return deviceUsers(names, origin as never)
    },
  })
  const url = '/emapp/EMAppServlet?device=SEP000000010001'
  await app.inject({ url, remoteAddress: '10.0.0.7' })
  await app.inject({ url, remoteAddress: '2001:db8::7', headers: { via: '1.1 proxy' } })
  t.same(origins, [
    { door: 'phone', remoteAddress: '10.0.0.7', via: false },
    { door: 'phone', remoteAddress: '2001:db8::7', via: true },
  ])
})
