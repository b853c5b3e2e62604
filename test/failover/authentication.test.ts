// Who does not prove that he belongs to the network is told so, his victims are told so, and he gets nothing else.
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { loadLab } from '../../scripts/lab/lab-file.ts'
import type { Lab } from '../../scripts/lab/lab.ts'
import { projectRoot } from '../../scripts/lab/node-child.ts'
import { startLab } from '../fixtures/lab.ts'
import type { LabFixture } from '../fixtures/lab.ts'
import { waitFor } from '../fixtures/wait-for.ts'
import { alarmsOf, warnsOf } from './fixtures/alarms.ts'
import { ilsOf } from './fixtures/reading.ts'
import { bob, hubsOf, slowly } from './fixtures/two-hubs.ts'

t.setTimeout(240_000)

const passwordAlarm = 'ILSPwdAuthenticationFailed'
const certificateAlarm = 'ILSTLSAuthenticationFailed'

t.test('by password', async (t) => {
  const lab = await startLab(t, { lab: labWith({ authentication: 'password' }) })
  await works(lab)
  await t.test('a cluster with another password gets the alarm and nothing else', (t) =>
    intrude(t, lab, { alarm: passwordAlarm, ils: { password: 'guessed' } }),
  )
  await t.test('so does one that has a certificate instead', (t) =>
    intrude(t, lab, { alarm: certificateAlarm, ils: { authentication: 'certificates' } }),
  )
})

t.test('by certificates', async (t) => {
  const lab = await startLab(t, { lab: labWith({ authentication: 'certificates' }) })
  await works(lab)
  await t.test('a cluster with a certificate of a foreign CA gets the alarm and nothing else', (t) =>
    intrude(t, lab, { alarm: certificateAlarm, ils: {} }),
  )
  await t.test('so does one that falls back to a password', (t) =>
    intrude(t, lab, { alarm: certificateAlarm, ils: { authentication: 'password', password: 'three-clusters-ils' } }),
  )
})

t.test('by both', async (t) => {
  const lab = await startLab(t, { lab: labWith({ authentication: 'both' }) })
  await works(lab)
  await t.test('a cluster that knows the password and has a foreign certificate gets the alarm and nothing else', (t) =>
    intrude(t, lab, { alarm: certificateAlarm, ils: {} }),
  )
  await t.test('so does one with another password', (t) =>
    intrude(t, lab, { alarm: passwordAlarm, ils: { password: 'guessed' } }),
  )
})

/** The hub with cluster1 and cluster2, which do not call each other here. */
function labWith(ils: Partial<Lab['ils']>): Lab {
  const lab = loadLab(join(projectRoot, 'labs', 'three-clusters.yaml'))
  const clusters = lab.clusters.slice(0, 2).map((cluster) => ({ ...cluster, trunks: [], routePatterns: [] }))
  return { ...lab, ils: { ...lab.ils, heartbeatMs: 300, ...ils }, clusters }
}

/** Bob’s login at cluster2 is known at cluster1, and ends again. */
async function works(lab: LabFixture): Promise<void> {
  const [cluster1, cluster2] = [lab.cluster('cluster1'), lab.cluster('cluster2')]
  const { bobIsAt } = hubsOf(lab)
  await cluster2.login({ deviceName: 'SEP000000020002', ...bob })
  await bobIsAt('cluster2', cluster1)
  await cluster2.logout('SEP000000020002')
  await bobIsAt('cluster1', cluster1)
}

interface Intrusion {
  readonly alarm: string
  /** What the intruder has other than the network. */
  readonly ils: Readonly<Record<string, unknown>>
}

/** A stranger calls itself cluster9. */
async function intrude(t: Test, lab: LabFixture, { alarm, ils }: Intrusion): Promise<void> {
  const before = await ilsOf(lab.hub('hub'))
  const cluster9 = { name: 'cluster9', hub: 'hub', services: { ils } }
  const { superUserSync: _, phoneServices: __, ...around } = lab.lab
  const beside = await startLab(t, { lab: { ...around, hubs: [], clusters: [cluster9] }, beside: lab, unsettled: true })
  const intruder = beside.cluster('cluster9')
  const told = alarmsOf(t, intruder)
  await waitFor('the hub is alarmed', () => warnsOf(lab.hub('hub'), alarm, 'cluster9'), slowly)
  await waitFor('the intruder too', () => told.has(`${alarm} hub`), slowly)
  await works(lab)
  const [page, hub] = await Promise.all([ilsOf(intruder), ilsOf(lab.hub('hub'))])
  t.equal(page.learned.records, 0, 'it learned nothing')
  t.same(
    page.peers.filter(({ status, usn }) => status !== 'Authentication failed' || usn !== 0),
    [],
    'of nobody',
  )
  t.equal(page.peers.length, 1)
  t.notOk(
    hub.peers.some(({ clusterId, usn }) => clusterId === 'cluster9' && usn > 0),
    'nor did anybody learn of it',
  )
  t.same(hub.learned.superusers, before.learned.superusers)
  await beside.stop()
}
