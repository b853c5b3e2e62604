// The real host: it alone knows whether the service is deactivated or the cluster ends.
import t from 'tap'
import type { Test } from 'tap'
import { createCluster } from '../../../cluster-node/create-cluster.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { configIn } from '../../cluster-node/fixtures/fake-parts.ts'

const phone = 'SEP000000010001'
const hour = 3_600_000

const seed = {
  deviceProfiles: [{ name: 'bob-profile', lines: [{ dn: '1000001' }] }],
  users: [{ userId: 'bob', pin: '12345', deviceProfiles: ['bob-profile'], homeCluster: true }],
  phones: [{ name: phone, extensionMobility: true, lines: [{ dn: '1000101' }] }],
}

/** Runs until the test ends; its clock is `clock`. */
async function start(t: Test, folder: string, clock: { now(): number }) {
  const cluster = createCluster(configIn(folder, { seed, log: { level: 'silent' } }), { clock })
  t.teardown(() => cluster.close())
  await cluster.start()
  const find = () => {
    const mobility = cluster.find('extension-mobility')
    if (mobility === undefined) throw new Error('Extension Mobility does not run')
    return mobility
  }
  return { cluster, find }
}

const proof = { kind: 'pin', pin: '12345' } as const

t.test('the end of the cluster is no stop of the service: the interval counts on', async (t) => {
  let now = Date.UTC(2026, 10, 21, 8)
  const clock = { now: () => now }
  const folder = t.testdir()
  const first = await start(t, folder, clock)
  await first.find().login({ deviceName: phone, userId: 'bob', proof, exclusiveDuration: 60 })
  await first.cluster.close()
  now += hour
  const second = await start(t, folder, clock)
  t.ok(await waitFor('bob is logged out', () => second.find().logins().length === 0))
})

t.test('a deactivated service logs bob out at the next daily moment only', async (t) => {
  let now = Date.UTC(2026, 10, 21, 8)
  const clock = { now: () => now }
  const folder = t.testdir()
  const first = await start(t, folder, clock)
  await first.find().login({ deviceName: phone, userId: 'bob', proof, exclusiveDuration: 60 })
  await first.cluster.services.setActive('extension-mobility', false)
  await first.cluster.services.setActive('extension-mobility', true)
  await first.cluster.close()
  now += 2 * hour
  const second = await start(t, folder, clock)
  // Something that takes longer than a timer which is due.
  await second.find().authenticate({ userId: 'bob', proof })
  t.match(second.find().logins(), [{ userId: 'bob' }], 'his time is over, his phone has not heard of it')
  await second.cluster.close()
  now += 22 * hour
  const third = await start(t, folder, clock)
  await waitFor('bob is logged out', () => third.find().logins().length === 0)
})
