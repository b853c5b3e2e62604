import t from 'tap'
import { openPeopledDatabase, phone1, phone2 } from '../fixtures/test-database.ts'

t.test('phone services are kept by name, with defaults for what is not said', async (t) => {
  const { phoneServices, write } = await openPeopledDatabase(t)
  const weather = {
    name: 'Weather',
    description: 'Sun or rain',
    url: 'http://c1/weather',
    secureUrl: 'https://c1/weather',
    category: 'Java MIDlet',
    type: 'Directories',
    vendor: 'Roamline',
    version: '1.0',
    enterpriseSubscription: true,
    enabled: false,
  } as const
  t.same(await write(() => phoneServices.insert(weather)), weather)
  t.same(phoneServices.find('Weather'), weather)
  t.same(await write(() => phoneServices.insert({ name: 'Clock', url: 'http://c1/clock' })), {
    name: 'Clock',
    description: '',
    url: 'http://c1/clock',
    secureUrl: '',
    category: 'XML Service',
    type: 'Services',
    vendor: '',
    version: '',
    enterpriseSubscription: false,
    enabled: true,
  })
  t.same(
    phoneServices.list().map(({ name }) => name),
    ['Clock', 'Extension Mobility', 'Weather'],
  )
  t.equal(phoneServices.find('Horoscope'), undefined)
  await t.rejects(
    write(() => phoneServices.insert(weather)),
    { code: 'DATABASE_DUPLICATE', message: /Weather/u },
  )
  await t.rejects(
    write(() => phoneServices.insert({ ...weather, name: 'Odd', category: 'Fax' as 'XML Service' })),
    { code: 'DATABASE_INVALID' },
  )
})

t.test('a changed URL reaches the subscriptions', async (t) => {
  const database = await openPeopledDatabase(t)
  const urls = () =>
    database.sql
      .prepare('SELECT DISTINCT serviceurl FROM telecastersubscribedservice')
      .all()
      .map((row) => row['serviceurl'])
  t.strictSame(urls(), ['http://c1/emapp'])
  await database.write(() => database.phoneServices.update('Extension Mobility', { url: 'http://c1/other' }))
  t.strictSame(urls(), ['http://c1/other'])
  t.equal(database.devices.effective(phone1)?.phoneServices[0]?.url, 'http://c1/other')
  await t.rejects(
    database.write(() => database.phoneServices.update('Horoscope', { enabled: false })),
    { code: 'DATABASE_NOT_FOUND' },
  )
})

t.test('a removed service ends its subscriptions, a disabled one leaves the buttons and keeps them', async (t) => {
  const database = await openPeopledDatabase(t)
  const shown = () => database.devices.effective(phone2)?.phoneServices.map(({ name }) => name)
  await database.write(() => database.phoneServices.update('Extension Mobility', { enabled: false }))
  t.strictSame(shown(), [])
  t.strictSame(database.devices.find(phone2)?.phoneServices, ['Extension Mobility'])
  await database.write(() => database.phoneServices.update('Extension Mobility', { enabled: true }))
  t.strictSame(shown(), ['Extension Mobility'])
  t.equal(await database.write(() => database.phoneServices.remove('Extension Mobility')), true)
  t.strictSame(database.devices.find(phone2)?.phoneServices, [])
  t.equal(await database.write(() => database.phoneServices.remove('Extension Mobility')), false)
})

t.test('an enterprise subscription is on every phone, whatever it subscribes to', async (t) => {
  const database = await openPeopledDatabase(t)
  const shown = () => database.devices.effective(phone1)?.phoneServices.map(({ name }) => name)
  await database.write(() => {
    database.phoneServices.insert({ name: 'Directory', url: 'http://c1/d', enterpriseSubscription: true })
  })
  t.strictSame(shown(), ['Extension Mobility', 'Directory'])
  await database.write(() => database.devices.update(phone1, { phoneServices: ['Directory'] }))
  t.strictSame(shown(), ['Directory'], 'and only once')
  await database.write(() => database.devices.update(phone1, { phoneServices: [] }))
  t.strictSame(shown(), ['Directory'])
})
