// The JSON doors: calls, locations, metrics.
import t from 'tap'
import { request } from 'undici'
import type { Call } from '../../../services/callmanager/api.ts'
import { startClusters } from './fixtures/clusters.ts'
import { bobBorrowsAtHome, kallysHome } from './fixtures/people.ts'

const dialPlan = {
  trunks: [{ name: 'to-cluster2', remoteCluster: 'cluster2' }],
  routePatterns: [{ pattern: '2XXXXXX', trunk: 'to-cluster2' }],
}

t.test('active calls are listed, ended ones on request, each can be asked for', async (t) => {
  const { cluster3 } = await startClusters(t, { cluster3: kallysHome })
  const failed = await cluster3.dial('3000001', '9')
  const active = await cluster3.dial('3000001', '3000102')
  t.match(await cluster3.activeCalls(), [{ id: active.id, state: 'connected' }])
  const { body: all } = await cluster3.ask<readonly Call[]>('GET', 'calls?all=true')
  t.match(all, [{ id: failed.id }, { id: active.id }])
  t.equal((await cluster3.ask('GET', 'calls?all=perhaps')).status, 400)
  t.strictSame(await cluster3.call(active.id), active)
  t.equal((await cluster3.ask('GET', 'calls/unknown')).status, 404)
  t.equal((await cluster3.ask('GET', 'calls/no%20id')).status, 400)
})

t.test('a call is released from the door: 204, once more 204, an unknown one 404', async (t) => {
  const { cluster3 } = await startClusters(t, { cluster3: kallysHome })
  const { id } = await cluster3.dial('3000001', '3000102')
  t.equal(await cluster3.release(id), 204)
  const over = await cluster3.call(id)
  t.match(over, { state: 'ended', cause: 16, causeText: 'normal clearing' })
  t.match(over.endedAt, /^\d{4}-/u)
  t.equal(await cluster3.release(id), 204)
  t.equal(await cluster3.release('unknown'), 404)
  t.strictSame(
    cluster3.events.filter(({ type }) => type.startsWith('call')).map(({ type, id: call }) => [type, call]),
    [
      ['callStarted', id],
      ['callConnected', id],
      ['callEnded', id],
    ],
  )
})

t.test('of ended calls the last thousand are remembered', async (t) => {
  const { cluster3 } = await startClusters(t, { cluster3: kallysHome })
  const { control, calls } = cluster3.callManager
  const first = await control.place('3000001', '9')
  for (let n = 0; n < 1000; n += 1) await control.place('3000001', '9')
  t.equal(calls.get(first.id), undefined)
  t.equal(calls.all().length, 1000)
})

t.test('the doors want a user with the right role', async (t) => {
  const { cluster3 } = await startClusters(t, { cluster3: kallysHome })
  const asked = async (userId: string, path: string, method: 'GET' | 'POST' = 'GET') => {
    const authorization = `Basic ${Buffer.from(`${userId}:roamline`).toString('base64')}`
    const headers = { authorization, 'content-type': 'application/json' }
    const options = { method, headers, ...(method === 'POST' && { body: '{"from":"3000001","to":"1"}' }) }
    const { statusCode, body } = await request(`${cluster3.http}/api/v1/${path}`, options)
    await body.dump()
    return statusCode
  }
  t.equal(await asked('administrator', 'calls'), 200)
  t.equal(await asked('emproxy', 'calls', 'POST'), 403)
  t.equal(await asked('emproxy', 'locations'), 403)
  t.equal(await asked('nobody', 'calls'), 401)
})

t.test('a superuser’s number is where ILS says', async (t) => {
  const { cluster3 } = await startClusters(t, { cluster3: kallysHome })
  cluster3.ils.bobIs({ cluster: 'cluster2', source: 'learned', deviceNames: ['SEP000000020003'] })
  const { status, body } = await cluster3.ask('GET', 'locations/1000-001')
  t.equal(status, 200)
  t.strictSame(body, {
    dn: '1000001',
    userId: 'bob',
    cluster: 'cluster2',
    deviceNames: ['SEP000000020003'],
    source: 'learned',
    since: '2026-11-21T07:00:00.000Z',
  })
})

t.test('another number is on the phones here, or where the dial plan has it, or unknown', async (t) => {
  const { cluster1 } = await startClusters(t, {
    cluster1: {
      ...bobBorrowsAtHome,
      ...dialPlan,
      deviceProfiles: [...(bobBorrowsAtHome.deviceProfiles ?? []), { name: 'spare', lines: [{ dn: '1000999' }] }],
    },
  })
  const where = async (dn: string) => (await cluster1.ask('GET', `locations/${dn}`)).body
  const shared = await where('1000001')
  t.match(shared, { cluster: 'cluster1', source: 'local', userId: 'bob' })
  t.strictSame(shared.deviceNames, ['SEP000000010001', 'SEP000000010002'])
  t.ok(Date.parse(String(shared.since)) > 0)
  t.match(await where('2000001'), { cluster: 'cluster2', source: 'home', deviceNames: [], userId: '' })
  t.match(await where('1000999'), { cluster: 'cluster1', source: 'home', deviceNames: [] }, 'configured, on no phone')
  t.match(await where('7777777'), { status: 404 })
  t.match(await where('bob'), { status: 404 })
})

t.test('all locations: superusers’ numbers and those of phones here, each once', async (t) => {
  const { cluster1 } = await startClusters(t, { cluster1: bobBorrowsAtHome })
  cluster1.ils.bobIs({ cluster: 'cluster2', source: 'learned' })
  await cluster1.database.write(() =>
    cluster1.database.devices.insert({ name: 'SEP000000010007', lines: [{ dn: '1000107' }] }),
  )
  cluster1.callManager.configurationChanged()
  const { body } = await cluster1.ask<readonly { dn: string; source: string }[]>('GET', 'locations')
  t.match(body, [
    { dn: '1000001', cluster: 'cluster2', source: 'learned' },
    { dn: '1000107', cluster: 'cluster1', source: 'local' },
  ])
  t.equal(body.length, 2)
})

t.test('metrics count phones, active calls and completed ones by cause, over a deactivation too', async (t) => {
  const { cluster3 } = await startClusters(t, { cluster3: kallysHome })
  await cluster3.dial('3000001', '9')
  await cluster3.dial('3000001', '3000102')
  const metrics = async () => (await request(`${cluster3.http}/metrics`)).body.text()
  const before = await metrics()
  t.match(before, /roamline_callmanager_registered_phones(\{[^}]*\})? 2/u)
  t.match(before, /roamline_callmanager_calls_active(\{[^}]*\})? 1/u)
  t.match(before, /roamline_callmanager_calls_completed_total\{[^}]*cause="1"[^}]*\} 1/u)
  await cluster3.setActive(false)
  t.notMatch(await metrics(), /registered_phones/u)
  await cluster3.setActive(true)
  const after = await metrics()
  t.match(after, /roamline_callmanager_calls_active(\{[^}]*\})? 0/u)
  t.match(after, /calls_completed_total\{[^}]*cause="41"[^}]*\} 1/u)
})
