// Feature Configuration Guide, Troubleshoot Cisco Extension Mobility: what the user sees on the phone, and what helps.
import { Writable } from 'node:stream'
import t from 'tap'
import type { Test } from 'tap'
import { createCluster } from '../../../cluster-node/create-cluster.ts'
import { maximumConcurrentRequests, multipleLoginBehavior } from '../../../services/database/service-parameters.ts'
import { basic, configIn } from '../../cluster-node/fixtures/fake-parts.ts'
import { createPhone, realNetwork } from '../../fixtures/phone.ts'
import { bob, emCluster, serviceUrl } from './fixtures/em-phone.ts'

t.test(
  'A1.7 Error 201 Authentication Error: an unknown user, a wrong PIN and no PIN at all read the same',
  async (t) => {
    const { phone, addUser, database } = await emCluster(t)
    await addUser({ userId: 'alice', deviceProfiles: ['bob-profile'] })
    await database.write(() => database.endUsers.insert({ userId: 'kally', lastName: 'Kally' }))
    const bodies = new Set<string>()
    for (const userid of ['bob', 'nobody', 'kally']) {
      const desk = phone()
      await desk.open(serviceUrl)
      await desk.press('Submit', { userid, seq: '99999' })
      t.equal(desk.display(), 'Please try to login again (201)')
      bodies.add(JSON.stringify(desk.page()))
    }
    t.equal(bodies.size, 1)
  },
)

t.test('C Non-superuser on a foreign cluster: kally is not known there, and reads the same', async (t) => {
  const { phone } = await emCluster(t)
  const desk = phone()
  await desk.open(serviceUrl)
  await desk.press('Submit', { userid: 'kally', seq: '34567' })
  t.equal(desk.display(), 'Please try to login again (201)')
})

t.test('A1.7 Error 202 Blank User ID or PIN', async (t) => {
  const { phone, told } = await emCluster(t)
  for (const entered of [
    {},
    { userid: 'bob' },
    { seq: '12345' },
    { userid: ' ', seq: '12345' },
    { userid: 'bob', seq: ' ' },
  ]) {
    const desk = phone()
    await desk.open(serviceUrl)
    await desk.press('Submit', entered)
    t.equal(desk.display(), 'Please try to login again (202)')
  }
  t.equal(told('loginRefused').filter(({ code }) => code === 202).length, 5, 'and each is told once')
})

t.test('A1.7 Error 26 Busy Please Try Again: Requests Throttled counts it, fewer at once helps', async (t) => {
  const { phone, setParameter, counter } = await emCluster(t, { credentialCacheMs: 0 })
  await setParameter(maximumConcurrentRequests, '1')
  const [one, two] = [phone('SEP000000010001'), phone('SEP000000010002')]
  const login = `${serviceUrl}&userid=bob&seq=12345`
  await Promise.all([one.open(login), two.open(login)])
  t.same([one.display(), two.display()].filter((text) => text === 'Login is unavailable(26)').length, 1)
  t.equal(await counter('roamline_em_requests_throttled_total'), 1)
  t.equal(await counter('roamline_em_requests_in_progress'), 0)
})

t.test('A1.7 Error 6 Database Error', async (t) => {
  const { phone, mobility } = await emCluster(t)
  const desk = phone()
  mobility.faults.arm({ point: 'database', times: 1 })
  await desk.open(serviceUrl)
  t.equal(desk.display(), 'Login is unavailable(6)')
  await desk.open(serviceUrl)
  mobility.faults.arm({ point: 'database', times: 1 })
  await desk.press('Submit', bob)
  t.equal(desk.display(), 'Login is unavailable(6)')
  await desk.open(`${serviceUrl}&userid=bob&seq=12345`)
  mobility.faults.arm({ point: 'database', times: 1 })
  await desk.open(`${serviceUrl}&doLogout=true`)
  t.equal(desk.display(), 'Logout is unavailable(6)')
})

t.test('A1.7 Error 22 Dev Logon Disabled: Enable Extension Mobility helps', async (t) => {
  const { phone, database } = await emCluster(t)
  const desk = phone()
  await database.write(() => database.devices.update(desk.name, { extensionMobility: false }))
  await desk.open(serviceUrl)
  t.equal(desk.display(), 'Login is unavailable(22)', 'on the Services button')
  await desk.open(`${serviceUrl}&userid=bob&seq=12345`)
  t.equal(desk.display(), 'Login is unavailable(5)', 'on what was submitted all the same')
  await desk.open(`${serviceUrl}&doLogout=true`)
  t.equal(desk.display(), 'Logout is unavailable(20)')
  await database.write(() => database.devices.update(desk.name, { extensionMobility: true }))
  await desk.open(serviceUrl)
  t.equal(desk.display(), 'Enter UserID and PIN')
})

t.test('A1.7 Error 207 Device Name Empty: the phone service’s address is wrong', async (t) => {
  const { phone } = await emCluster(t)
  const desk = phone()
  await desk.open('http://10.0.0.1:8080/emapp/EMAppServlet')
  t.equal(desk.display(), 'Login is unavailable(207)')
  await desk.open('http://10.0.0.1:8080/emapp/EMAppServlet?device=&userid=bob&seq=12345')
  t.equal(desk.display(), 'Login is unavailable(207)')
  await desk.open('http://10.0.0.1:8080/emapp/EMAppServlet?DEVICE=SEP000000010001&doLogout=true')
  t.equal(desk.display(), 'Logout is unavailable(207)', 'names are case-sensitive')
})

t.test('A1.7 Error 25 User Logged in Elsewhere: Multiple Login Behavior helps', async (t) => {
  const { phone, setParameter, whoIsOn } = await emCluster(t)
  const [one, two] = [phone('SEP000000010001'), phone('SEP000000010002')]
  await one.open(`${serviceUrl}&userid=bob&seq=12345`)
  await two.open(serviceUrl)
  await two.press('Submit', bob)
  t.equal(two.display(), 'Multi-Login Not Allowed (25)')
  await setParameter(multipleLoginBehavior, 'Multiple Logins Allowed')
  await two.open(serviceUrl)
  await two.press('Submit', bob)
  t.same([whoIsOn(one.name), whoIsOn(two.name)], ['bob', 'bob'])
})

t.test('A1.7 Error 205 User Profile Absent: associating a device profile helps', async (t) => {
  const { phone, addUser, database } = await emCluster(t)
  await addUser({ userId: 'alice' })
  const desk = phone()
  const login = `${serviceUrl}&userid=alice&seq=12345`
  await desk.open(login)
  t.equal(desk.display(), 'Login is unavailable (205)')
  await database.write(() => database.endUsers.update('alice', { deviceProfiles: ['bob-profile'] }))
  await desk.open(login)
  t.match(desk.display(), /^alice is logged in/u)
})

/** A cluster with a process' doors, whose services can be stopped. */
async function realCluster(t: Test) {
  const seed = {
    deviceProfiles: [{ name: 'bob-profile', lines: [{ dn: '1000001' }] }],
    users: [{ userId: 'bob', pin: '12345', deviceProfiles: ['bob-profile'] }],
    phones: [{ name: 'SEP000000010001', extensionMobility: true, lines: [{ dn: '1000101' }] }],
  }
  const lines: string[] = []
  const logDestination = new Writable({ write: (chunk, _encoding, done) => done(void lines.push(String(chunk))) })
  const config = configIn(t.testdir(), { seed, log: { level: 'trace' } })
  const cluster = createCluster(config, { logDestination })
  t.teardown(() => cluster.close())
  const { http } = await cluster.start()
  const active = async (service: string, wanted: boolean): Promise<number> => {
    const headers = { ...basic('administrator', 'roamline'), 'content-type': 'application/json' }
    const body = JSON.stringify({ active: wanted })
    return (await fetch(`${http}/api/v1/services/${service}`, { method: 'PUT', headers, body })).status
  }
  const url = `${http}/emapp/EMAppServlet?device=#DEVICENAME#`
  return { cluster, http, url, lines, active, phone: createPhone({ name: 'SEP000000010001', network: realNetwork }) }
}

t.test(
  'A1.7 Error 208 EM Service Connection Error: Cisco Extension Mobility is stopped; starting it helps',
  async (t) => {
    const { phone, url, active } = await realCluster(t)
    t.equal(await active('extension-mobility', false), 200)
    for (const [more, display] of [
      ['', 'Login is unavailable(208)'],
      ['&userid=bob&seq=12345', 'Login is unavailable(208)'],
      ['&doLogout=true', 'Logout is unavailable(208)'],
    ]) {
      await phone.open(`${url}${more}`)
      t.equal(phone.display(), display)
    }
    await active('extension-mobility', true)
    await phone.open(url)
    t.equal(phone.display(), 'Enter UserID and PIN')
  },
)

t.test(
  'A1.7 HTTP Error (503) on selecting Extension Mobility: EMApp is stopped; starting it, or the cluster anew, helps',
  async (t) => {
    const { phone, url, active } = await realCluster(t)
    t.equal(await active('emapp', false), 200)
    await phone.open(url)
    t.equal(phone.display(), 'HTTP Error [503]')
    t.equal(await active('emapp', true), 200)
    await phone.open(url)
    await phone.press('Submit', bob)
    t.match(phone.display(), /^bob is logged in/u)
  },
)

t.test(
  'A1.7 HTTP Error (503) on the Services button: Cisco IP Phone Services is stopped; starting it helps',
  async (t) => {
    const { phone, http, active } = await realCluster(t)
    const button = `${http}/ccmcip/getservicesmenu.jsp?name=#DEVICENAME#`
    t.equal(await active('phone-services', false), 200)
    await phone.open(button)
    t.equal(phone.display(), 'HTTP Error [503]')
    t.equal(await active('phone-services', true), 200)
    await phone.open(button)
    t.equal(phone.display(), 'No services are configured.')
  },
)

t.test('A1.7 Host Not Found: the cluster’s web server is down', async (t) => {
  const { phone, url, cluster } = await realCluster(t)
  await cluster.close()
  await phone.open(url)
  t.equal(phone.display(), 'Host Not Found')
})

t.test('a PIN reaches neither log nor answer of a real cluster', async (t) => {
  const { phone, url, lines } = await realCluster(t)
  await phone.open(`${url}&userid=bob&seq=98765`)
  t.equal(phone.display(), 'Please try to login again (201)')
  await phone.open(`${url}&userid=bob&seq=98765%`)
  t.equal(phone.display(), 'HTTP Error [400]')
  t.notMatch(lines.join(''), '98765')
})
