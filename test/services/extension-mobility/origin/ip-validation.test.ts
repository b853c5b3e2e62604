import { isIP } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import type { RequestOrigin } from '../../../../services/extension-mobility/api.ts'
import { createIpValidation } from '../../../../services/extension-mobility/origin/ip-validation.ts'
import { normalizeIpAddress } from '../../../../services/extension-mobility/origin/ip-address.ts'
import type { Registration } from '../../../../services/callmanager/api.ts'
import { loneCluster } from '../../../fixtures/lone-cluster.ts'
import type { LoneCluster } from '../../../fixtures/lone-cluster.ts'
import { atPhone, logIn, logOut, other, phone, setParameter } from '../fixtures/requests.ts'

const from = (remoteAddress: string, via = false): RequestOrigin => ({ door: 'phone', remoteAddress, via })

/** Phones register from 10.1.1.1, 10.1.1.2 and so on. */
function addressOf(deviceName: string): string {
  return `10.1.1.${deviceName.at(-1)}`
}

function registrationOf(deviceName: string): Registration {
  const ipAddress = addressOf(deviceName)
  return { deviceName, state: 'registered', since: '2026-11-21T08:00:00.000Z', lines: [], ipAddress }
}

async function validatingCluster(t: Test): Promise<LoneCluster> {
  const cluster = await loneCluster(t)
  cluster.callmanager.registration = registrationOf
  cluster.callmanager.registrations = () => [phone, other].map(registrationOf)
  await setParameter(cluster, 'Validate IP Address', 'True')
  return cluster
}

/** The validation alone, with a resolver and a CallManager of the test's own. */
function validation(cluster: LoneCluster, hosts: Record<string, readonly string[]> = {}, callManagerRuns = true) {
  const asked: string[] = []
  const checked = createIpValidation({
    database: cluster.database,
    context: {
      clock: cluster.clock,
      find: (name) => (name === 'callmanager' && !callManagerRuns ? undefined : cluster.context.find(name)),
    },
    lookup: async (host) => {
      asked.push(host)
      const addresses = hosts[host]
      if (addresses === undefined) throw new Error(`${host}: not found`)
      return addresses
    },
  })
  const check = async (remoteAddress: string, deviceName?: string) =>
    checked.check(from(remoteAddress), 'login', deviceName)
  return { asked, check }
}

t.test('A1.4 Validate IP Address: while it is False a request may come from anywhere', async (t) => {
  const cluster = await loneCluster(t)
  await logIn(cluster, { origin: from('203.0.113.9', true) })
  await logOut(cluster, phone, from(''))
})

t.test('A1.4 Validate IP Address: a registered phone is trusted, anything else is 28', async (t) => {
  const cluster = await validatingCluster(t)
  await logIn(cluster, { origin: atPhone })
  const refused = { code: 28, facts: { phoneDisplay: 'Login is unavailable(28)' } }
  await t.rejects(logIn(cluster, { origin: from('10.1.1.2') }), refused, 'the address of another phone')
  await t.rejects(logIn(cluster, { origin: from('') }), refused, 'no address')
  await t.rejects(logIn(cluster, { origin: from('the phone') }), refused, 'what is no address')
  await t.rejects(logOut(cluster, phone, from('203.0.113.9')), {
    code: 28,
    facts: { phoneDisplay: 'Logout is unavailable(28)' },
  })
  t.match(await logOut(cluster), { userId: 'bob' })
})

t.test('A1.4 Validate IP Address: an address that was allowed stays known for the phone', async (t) => {
  const cluster = await validatingCluster(t)
  await logIn(cluster)
  cluster.callmanager.registration = () => undefined
  t.match(await logOut(cluster), { userId: 'bob' }, 'the phone is restarting, the cache knows it')
  await t.rejects(logOut(cluster, other, from('10.1.1.2')), { code: 28 })
})

t.test(
  'A1.4 Validate IP Address: queries are validated too, a phone of the cluster may ask about people',
  async (t) => {
    const cluster = await validatingCluster(t)
    const { mobility } = cluster
    t.match(await mobility.deviceUsers([phone], atPhone), [{ exists: true }])
    t.match(await mobility.userDevices(['bob'], from('10.1.1.2')), [{ exists: true }])
    const asked: Promise<unknown>[] = [
      mobility.deviceUsers([phone], from('10.1.1.2')),
      mobility.userDevices(['bob'], from('203.0.113.9')),
      mobility.deviceProfiles(['bob'], from('203.0.113.9')),
      mobility.logoutAll('manual', from('203.0.113.9')),
    ]
    for (const one of asked) await t.rejects(one, { code: 28 })
  },
)

t.test('A1.4 Validate IP Address: 29 when CallManager cannot tell who is registered', async (t) => {
  const cluster = await validatingCluster(t)
  const { check } = validation(cluster, {}, false)
  await t.rejects(check('10.1.1.1', phone), { code: 29, facts: { phoneDisplay: 'Login is unavailable(29)' } })
  await setParameter(cluster, 'Trusted List of IPs', '10.1.1.1')
  await check('10.1.1.1', phone)
})

t.test('A1.4 Trusted List of IPs: addresses, IPv6 in any spelling, and IPv4 in IPv6', async (t) => {
  const cluster = await validatingCluster(t)
  await setParameter(cluster, 'Trusted List of IPs', '203.0.113.9; 2001:0DB8:0:0:0:0:0:1')
  await logIn(cluster, { origin: from('203.0.113.9') })
  await logIn(cluster, { origin: from('::ffff:203.0.113.9') })
  await logIn(cluster, { origin: from('2001:db8::1') })
  await t.rejects(logIn(cluster, { origin: from('203.0.113.10') }), { code: 28 })
})

t.test('A1.4 Trusted List of IPs: host names are resolved, and asked for again after a minute', async (t) => {
  const cluster = await validatingCluster(t)
  const hosts: Record<string, readonly string[]> = { 'portal.example': ['203.0.113.5', '2001:db8::5'] }
  const { asked, check } = validation(cluster, hosts)
  await setParameter(cluster, 'Trusted List of IPs', 'portal.example;nowhere.example')
  await Promise.all([check('203.0.113.5'), check('2001:DB8::5')])
  t.same(asked, ['portal.example', 'nowhere.example'], 'two at once wait for one answer')
  await check('203.0.113.5')
  t.equal(asked.length, 2, 'the answer is remembered')
  hosts['portal.example'] = ['203.0.113.6']
  await t.rejects(check('203.0.113.6'), { code: 28 })
  cluster.clock.advance(60_000)
  await check('203.0.113.6')
  await t.rejects(check('203.0.113.5'), { code: 28 })
})

t.test('A1.4 Trusted List of IPs: whoever was allowed by an old list is looked at again', async (t) => {
  const cluster = await validatingCluster(t)
  await setParameter(cluster, 'Trusted List of IPs', '203.0.113.9')
  await logIn(cluster, { origin: from('203.0.113.9') })
  await setParameter(cluster, 'Trusted List of IPs', '')
  await t.rejects(logIn(cluster, { origin: from('203.0.113.9') }), { code: 28 })
})

t.test('A1.4 Allow Proxy: a request with a Via header is 30 unless it is True', async (t) => {
  const cluster = await validatingCluster(t)
  const proxied = { ...atPhone, via: true }
  await t.rejects(logIn(cluster, { origin: proxied }), {
    code: 30,
    facts: { phoneDisplay: 'Login is unavailable(30)' },
  })
  await setParameter(cluster, 'Allow Proxy', 'True')
  await logIn(cluster, { origin: proxied })
  await setParameter(cluster, 'Allow Proxy', 'False')
  await t.rejects(logOut(cluster, phone, proxied), { code: 30 })
  await setParameter(cluster, 'Validate IP Address', 'False')
  t.match(await logOut(cluster, phone, proxied), { userId: 'bob' })
})

t.test('A1.4 Extension Mobility Cache Size: the phone used longest ago makes room', async (t) => {
  const cluster = await validatingCluster(t)
  await setParameter(cluster, 'Extension Mobility Cache Size', '1000')
  const names = Array.from({ length: 1001 }, (_, number) => `SEP0000000A${String(number).padStart(4, '0')}`)
  await cluster.database.write(() => {
    for (const name of names) cluster.database.devices.insert({ name, extensionMobility: true })
  })
  const registered = new Set(names)
  cluster.callmanager.registration = (name) =>
    registered.has(name) ? { ...registrationOf(name), ipAddress: '10.2.2.2' } : undefined
  const { check } = validation(cluster)
  const [first = '', second = '', ...rest] = names
  for (const name of [first, second, ...rest.slice(0, -1)]) await check('10.2.2.2', name)
  await check('10.2.2.2', first)
  await check('10.2.2.2', names.at(-1))
  registered.clear()
  await check('10.2.2.2', first)
  await t.rejects(check('10.2.2.2', second), { code: 28 }, 'the first was used again, so the second had to go')
})

t.test('what is no phone of this cluster is not remembered', async (t) => {
  const cluster = await validatingCluster(t)
  const registered = new Set(['SEP0'])
  cluster.callmanager.registration = (name) =>
    registered.has(name) ? { ...registrationOf(name), ipAddress: '10.2.2.2' } : undefined
  const { check } = validation(cluster)
  await check('10.2.2.2', 'SEP0')
  registered.clear()
  await t.rejects(check('10.2.2.2', 'SEP0'), { code: 28 })
})

t.test('a host name of this machine is resolved by the machine', async (t) => {
  const cluster = await validatingCluster(t)
  await setParameter(cluster, 'Trusted List of IPs', 'localhost')
  t.match(await logIn(cluster, { origin: from('127.0.0.1') }), { userId: 'bob' })
})

t.test('addresses have one spelling', async (t) => {
  for (const [given, expected] of [
    ['10.0.0.1', '10.0.0.1'],
    [' 10.0.0.1 ', '10.0.0.1'],
    ['::FFFF:10.0.0.1', '10.0.0.1'],
    ['::ffff:a00:1', '10.0.0.1'],
    ['2001:0db8:0000::0001', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['', undefined],
    ['10.0.0.256', undefined],
    ['10.0.0', undefined],
    ['localhost', undefined],
  ] as const) {
    t.equal(normalizeIpAddress(given), expected, given)
  }
  t.equal(isIP(normalizeIpAddress('::1') ?? ''), 6)
})

t.test('a host name that cannot be resolved is asked for again after ten seconds, not by every login', async (t) => {
  const cluster = await validatingCluster(t)
  const hosts: Record<string, readonly string[]> = {}
  const { asked, check } = validation(cluster, hosts)
  await setParameter(cluster, 'Trusted List of IPs', 'portal.example')
  await t.rejects(check('203.0.113.5'), { code: 28 })
  hosts['portal.example'] = ['203.0.113.5']
  await t.rejects(check('203.0.113.5'), { code: 28 })
  t.same(asked, ['portal.example'])
  cluster.clock.advance(10_000)
  await check('203.0.113.5')
})
