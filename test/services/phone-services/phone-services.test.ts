import t from 'tap'
import type { Test } from 'tap'
import { synchronizeAutoDeviceProfile } from '../../../services/database/service-parameters.ts'
import type { NewPhoneService } from '../../../services/database/api.ts'
import { phoneServices } from '../../../services/phone-services/index.ts'
import { servicesMenu } from '../../../services/phone-services/services-menu.ts'
import { parsePhonePage } from '../../../services/wire/phone-xml/index.ts'
import { loneCluster } from '../../fixtures/lone-cluster.ts'
import { createPhone, networkOf } from '../../fixtures/phone.ts'

const servicesButton = 'http://10.0.0.1:8080/ccmcip/getservicesmenu.jsp?name=#DEVICENAME#'
const directoriesButton = `${servicesButton}&type=1`
const em: NewPhoneService = {
  name: 'Extension Mobility',
  url: 'http://10.0.0.1:8080/emapp/EMAppServlet?device=#DEVICENAME#',
}
const none = 'No services are configured.'

async function setUp(t: Test) {
  const cluster = await loneCluster(t, { also: [[phoneServices as never, {}]] })
  const { database } = cluster
  const desk = createPhone({ name: 'SEP000000010001', network: networkOf(cluster.app) })
  return {
    ...cluster,
    desk,
    async pressServices(): Promise<string> {
      await desk.open(servicesButton)
      return desk.display()
    },
    addService: (service: NewPhoneService) => database.write(() => database.phoneServices.insert(service)),
    subscribePhone: (...services: readonly string[]) =>
      database.write(() => database.devices.update(desk.name, { phoneServices: services })),
    subscribeProfile: (...services: readonly string[]) =>
      database.write(() => database.deviceProfiles.update('bob-profile', { phoneServices: services })),
    login: () => cluster.mobility.login({ deviceName: desk.name, userId: 'bob', proof: { kind: 'pin', pin: '12345' } }),
    logout: () => cluster.mobility.logout(desk.name, 'manual'),
  }
}

t.test('each button shows the services of its type, with the phone’s name filled in', async (t) => {
  const { desk, addService, subscribePhone } = await setUp(t)
  await addService(em)
  await addService({ name: 'Weather', url: 'http://weather.example/today' })
  await addService({ name: 'Personal Directory', url: 'http://10.0.0.1/pd', type: 'Directories' })
  await addService({ name: 'Voicemail', url: 'http://10.0.0.1/vm', type: 'Messages' })
  await addService({ name: 'Game', url: 'http://10.0.0.1/game', category: 'Java MIDlet' })
  await addService({ name: 'Off', url: 'http://10.0.0.1/off', enabled: false })
  await subscribePhone(em.name, 'Weather', 'Personal Directory', 'Voicemail', 'Game', 'Off')
  await desk.open(servicesButton)
  t.match(desk.page(), {
    object: 'CiscoIPPhoneMenu',
    title: 'Services',
    items: [
      { name: em.name, url: 'http://10.0.0.1:8080/emapp/EMAppServlet?device=SEP000000010001' },
      { name: 'Weather', url: 'http://weather.example/today' },
    ],
  })
  t.equal(desk.display(), 'Extension Mobility, Weather', 'no MIDlet, and nothing that is disabled')
  await desk.open(directoriesButton)
  t.equal(desk.display(), 'Personal Directory')
  await desk.open(`${servicesButton}&type=2`)
  t.equal(desk.display(), 'Voicemail')
})

t.test('an enterprise subscription is on every phone', async (t) => {
  const { pressServices, addService } = await setUp(t)
  t.equal(await pressServices(), none)
  await addService({ ...em, enterpriseSubscription: true })
  t.equal(await pressServices(), em.name)
})

t.test('over HTTPS a service is reached by its secure address, if it has one', async (t) => {
  const { addService, subscribePhone, database, desk } = await setUp(t)
  await addService({ ...em, secureUrl: 'https://10.0.0.1:8443/emapp/EMAppServlet?device=#DEVICENAME#' })
  await addService({ name: 'Weather', url: 'http://weather.example/today' })
  await subscribePhone(em.name, 'Weather')
  const urls = (secure: boolean): readonly string[] => {
    const page = parsePhonePage(servicesMenu(database.devices, { deviceName: desk.name, type: 'Services', secure }))
    return page.object === 'CiscoIPPhoneMenu' ? page.items.map(({ url }) => url) : []
  }
  const device = `device=${desk.name}`
  t.same(urls(true), [`https://10.0.0.1:8443/emapp/EMAppServlet?${device}`, 'http://weather.example/today'])
  t.same(urls(false), [`http://10.0.0.1:8080/emapp/EMAppServlet?${device}`, 'http://weather.example/today'])
})

t.test('a phone that is not known, or says no name, gets a page that says so', async (t) => {
  const { desk } = await setUp(t)
  await desk.open('http://10.0.0.1:8080/ccmcip/getservicesmenu.jsp?name=SEP0000000000FF')
  t.equal(desk.display(), 'This phone is not known here.')
  await desk.open('http://10.0.0.1:8080/ccmcip/getservicesmenu.jsp')
  t.equal(desk.display(), 'The phone did not say its name.')
})

t.test('a service whose address no phone takes is left out', async (t) => {
  const { pressServices, addService, subscribePhone } = await setUp(t)
  await addService({ name: 'Long', url: `http://10.0.0.1/${'x'.repeat(300)}` })
  await addService({ name: 'Weather', url: 'http://weather.example/today' })
  await subscribePhone('Long', 'Weather')
  t.equal(await pressServices(), 'Weather')
})

t.test(
  'A1.7 Phone services unavailable after login: subscribing the profile helps, and so does subscribing the phone',
  async (t) => {
    const { desk, pressServices, addService, subscribePhone, subscribeProfile, login } = await setUp(t)
    await addService(em)
    await login()
    t.equal(await pressServices(), none, 'bob has no way to log out')
    await subscribeProfile(em.name)
    t.equal(await pressServices(), em.name)
    await subscribeProfile()
    t.equal(await pressServices(), none)
    await subscribePhone(em.name)
    t.equal(await pressServices(), em.name)
    await desk.choose(em.name)
    t.match(desk.visited.at(-1), /EMAppServlet\?device=SEP000000010001$/u)
  },
)

t.test(
  'A1.7 Phone services unavailable after logout: synchronising the auto device profile and subscribing the phone help',
  async (t) => {
    const { pressServices, addService, subscribePhone, subscribeProfile, login, logout, database } = await setUp(t)
    const { service, name } = synchronizeAutoDeviceProfile
    const synchronize = (value: string) => database.write(() => database.serviceParameters.set(service, name, value))
    await addService(em)
    await subscribeProfile(em.name)
    await synchronize('False')
    await login()
    t.equal(await pressServices(), em.name)
    await logout()
    t.equal(await pressServices(), none)
    await login()
    await subscribePhone(em.name)
    await logout()
    t.equal(await pressServices(), none, 'the phone returns to an auto device profile that knows nothing of it')
    await synchronize('True')
    await subscribePhone()
    await subscribePhone(em.name)
    t.equal(await pressServices(), em.name)
  },
)

const authenticate = '/ccmcip/authenticate.jsp'

t.test('a phone may be pushed to by its owner and by whoever is logged in, with their PIN', async (t) => {
  const { app, addUser, database, desk, login, logout } = await setUp(t)
  await addUser({ userId: 'alice', pin: '86420' })
  await database.write(() => database.devices.update(desk.name, { owner: 'alice' }))
  const ask = async (UserID: string, Password: string, devicename = desk.name): Promise<string> => {
    const query = new URLSearchParams({ UserID, Password, devicename }).toString()
    return (await app.inject({ url: `${authenticate}?${query}` })).body
  }
  t.equal(await ask('alice', '86420'), 'AUTHORIZED')
  t.equal(await ask('alice', '99999'), 'UN-AUTHORIZED')
  t.equal(await ask('alice', '86420', 'SEP000000010002'), 'UN-AUTHORIZED')
  t.equal(await ask('bob', '12345'), 'UN-AUTHORIZED')
  await login()
  t.equal(await ask('bob', '12345'), 'AUTHORIZED')
  await logout()
  t.equal(await ask('bob', '12345'), 'UN-AUTHORIZED')
  t.equal(await ask('nobody', '12345'), 'UN-AUTHORIZED')
  t.equal(await ask('', ''), 'UN-AUTHORIZED')
})

t.test('guessing a PIN by push locks the account as guessing on the phone does', async (t) => {
  const { app, addUser, database, desk } = await setUp(t)
  await addUser({ userId: 'alice', pin: '86420' })
  await database.write(() => {
    database.devices.update(desk.name, { owner: 'alice' })
    database.credentialPolicies.update('Default Credential Policy', { failedLogonAttempts: 3 })
  })
  const ask = async (pin: string) =>
    (await app.inject({ url: `${authenticate}?UserID=alice&Password=${pin}&devicename=${desk.name}` })).body
  for (const pin of ['1', '2', '3', '86420']) t.equal(await ask(pin), 'UN-AUTHORIZED', pin)
})

t.test('a directory that does not answer is ERROR', async (t) => {
  const { app, hasher, addUser, database, desk, logged } = await setUp(t)
  await addUser({ userId: 'alice' })
  await database.write(() => database.devices.update(desk.name, { owner: 'alice' }))
  Object.assign(hasher, {
    verify: async () => {
      throw new Error('the directory burns')
    },
  })
  const { body } = await app.inject({ url: `${authenticate}?UserID=alice&Password=12345&devicename=${desk.name}` })
  t.equal(body, 'ERROR')
  t.match(logged.join(''), 'the directory burns')
  t.notMatch(logged.join(''), '12345')
})

t.test('bad input is refused and tells no PIN', async (t) => {
  const { app } = await setUp(t)
  for (const query of ['UserID=bob&Password=12345&Password=2', 'UserID=bob&Password=12345%', 'name=%00']) {
    for (const path of [authenticate, '/ccmcip/getservicesmenu.jsp']) {
      const reply = await app.inject({ url: `${path}?${query}` })
      t.equal(reply.statusCode, 400)
      t.notMatch(reply.body, '12345')
    }
  }
})

t.test('a type that is no number of a button is Services, also where every object has such a member', async (t) => {
  const { app } = await setUp(t)
  for (const type of ['7', '', '__proto__', 'constructor', 'toString']) {
    const { statusCode, body } = await app.inject(`/ccmcip/getservicesmenu.jsp?name=SEP000000010001&type=${type}`)
    t.equal(statusCode, 200, type)
    t.match(body, '<Title>Services</Title>', type)
  }
})

t.test('a service whose address no phone takes costs the others nothing', async (t) => {
  const { addService, subscribePhone, pressServices } = await setUp(t)
  await addService(em)
  await addService({ name: 'Control', url: 'http://10.0.0.1/\u0001' })
  await addService({ name: 'Blank', url: 'http://10.0.0.1/a b' })
  await addService({ name: 'Long', url: `http://10.0.0.1/${'a'.repeat(256)}` })
  await subscribePhone(em.name, 'Control', 'Blank', 'Long')
  t.equal(await pressServices(), em.name)
})

t.test(
  'whose name is not the owner’s in the tables may not push, though some would fold it into the same',
  async (t) => {
    const { app, database, addUser } = await setUp(t)
    await addUser({ userId: '\u212Aally', pin: '86420' })
    await addUser({ userId: 'kally', pin: '97531' })
    await database.write(() => database.devices.update('SEP000000010001', { owner: 'kally' }))
    const ask = async (userId: string, pin: string) => {
      const query = `UserID=${encodeURIComponent(userId)}&Password=${pin}&devicename=SEP000000010001`
      return (await app.inject(`/ccmcip/authenticate.jsp?${query}`)).body
    }
    t.equal(await ask('KALLY', '97531'), 'AUTHORIZED')
    t.equal(await ask('\u212Aally', '86420'), 'UN-AUTHORIZED')
  },
)

t.test('a flood of questions who pushes is answered ERROR beyond a bound, and fills no log', async (t) => {
  const { app, logged } = await setUp(t)
  const ask = async (number: number) =>
    (await app.inject(`/ccmcip/authenticate.jsp?UserID=bob&Password=${number}&devicename=SEP000000010001`)).body
  const answers = await Promise.all(Array.from({ length: 100 }, (_, number) => ask(number)))
  t.same(new Set(answers), new Set(['UN-AUTHORIZED', 'ERROR']))
  t.same(
    logged.filter((line) => line.includes('"level":50')),
    [],
  )
})
