import t from 'tap'
import { dialPlanCluster } from '../../../fixtures/dial-plan-cluster.ts'

const path = '/api/v1/lines'

t.test('what a directory number advertises is changed and told with its line', async (t) => {
  const cluster = await dialPlanCluster(t)
  const changes = {
    enterpriseAlternateNumber: { mask: '8555XXXX', partition: '', advertise: true },
    e164AlternateNumber: { mask: '+1408555XXXX', advertise: true },
    advertisedFailover: '+E.164 Alternate Number',
    directoryUris: [{ uri: 'Bob@roamline.example', advertise: true }],
  }
  const told = {
    dn: '1000001',
    deviceProfiles: ['bob-profile'],
    enterpriseAlternateNumber: { mask: '8555XXXX', number: '85550001', partition: '', advertise: true },
    e164AlternateNumber: { mask: '+1408555XXXX', number: '+14085550001', advertise: true },
    advertisedFailover: '+E.164 Alternate Number',
    directoryUris: [{ uri: 'bob@roamline.example', partition: '', advertise: true }],
  }
  t.match(await cluster.ask(`PATCH ${path}/1000-001`, changes), { status: 200, body: told })
  t.strictSame(cluster.changes, [{ part: 'number', dn: '1000001', partition: '' }])
  t.strictSame(cluster.callmanager.reached, [[]], 'digit analysis reads again, no phone shows anything else')
  t.match((await cluster.ask(`GET ${path}/1000-001`, undefined, 'reader')).body, [told])
  const all = (await cluster.ask(`GET ${path}`)).body as { dn: string; directoryUris: unknown[] }[]
  t.match(
    all.find(({ dn }) => dn === '1000001'),
    told,
  )
  t.match(
    all.find(({ dn }) => dn === '1000101'),
    { advertisedFailover: 'None', directoryUris: [], enterpriseAlternateNumber: undefined },
  )
  const without = await cluster.ask(`PATCH ${path}/1000001`, {
    e164AlternateNumber: null,
    advertisedFailover: 'None',
  })
  t.match(without, { status: 200, body: { e164AlternateNumber: undefined, directoryUris: { length: 1 } } })
})

t.test('a change that cannot be is refused with a sentence and tells nobody', async (t) => {
  const cluster = await dialPlanCluster(t)
  const refuses = async (changes: unknown, status: number, detail: RegExp, where = '1000001') =>
    t.match(await cluster.ask(`PATCH ${path}/${where}`, changes), { status, body: { detail } })
  await refuses({ e164AlternateNumber: { mask: '1408555XXXX' } }, 422, /begins with \+/u)
  await refuses({ enterpriseAlternateNumber: { mask: '8XXX', partition: 'Nowhere' } }, 422, /Nowhere/u)
  await refuses({ enterpriseAlternateNumber: { mask: '1000101', partition: '' } }, 409, /is a directory number/u)
  await refuses({ directoryUris: [{ uri: 'bob' }] }, 422, /user@host/u)
  await refuses({ directoryUris: Array.from({ length: 6 }, (_, at) => ({ uri: `bob${at}@r` })) }, 400, /directoryUris/u)
  await refuses({ advertisedFailover: 'Enterprise Alternate Number' }, 422, /does not have/u)
  await refuses({ label: 'Bob' }, 400, /label/u)
  await refuses({}, 404, /9/u, '9')
  await refuses({}, 422, /dialled/u, 'bob')
  t.equal((await cluster.ask(`PATCH ${path}/1000001`, {}, 'reader')).status, 403)
  t.strictSame(cluster.changes, [])
  t.equal(cluster.callmanager.configurationChanges, 0)
  t.strictSame([...cluster.database.globalDialPlan.numbers()], [])
})

t.test('of a number in several partitions one must be named', async (t) => {
  const cluster = await dialPlanCluster(t)
  await cluster.ask('POST /api/v1/partitions', { name: 'Internal' })
  const lines = [{ dn: '1000001', partition: 'Internal' }]
  await cluster.ask('PATCH /api/v1/devices/SEP000000010001', { lines })
  const changes = { directoryUris: [{ uri: 'bob@roamline.example' }] }
  t.match(await cluster.ask(`PATCH ${path}/1000001`, changes), {
    status: 409,
    body: { detail: /<None>, Internal.*partition=/u },
  })
  t.match(await cluster.ask(`PATCH ${path}/1000001?partition=Internal`, changes), {
    status: 200,
    body: { partition: 'Internal', directoryUris: { length: 1 } },
  })
  t.match(
    await cluster.ask(`PATCH ${path}/1000001?partition=`, { directoryUris: [{ uri: 'builder@roamline.example' }] }),
    {
      status: 200,
      body: { partition: '', directoryUris: [{ uri: 'builder@roamline.example' }] },
    },
  )
  t.match((await cluster.ask(`GET ${path}/1000001`)).body, [
    { partition: '', directoryUris: [{ uri: 'builder@roamline.example' }] },
    { partition: 'Internal', directoryUris: [{ uri: 'bob@roamline.example' }] },
  ])
})

t.test('ILS is told of each advertised number that goes, whichever door it leaves by', async (t) => {
  const cluster = await dialPlanCluster(t)
  for (const dn of ['1000101', '1000001']) {
    await cluster.ask(`PATCH ${path}/${dn}`, { directoryUris: [{ uri: `${dn}@roamline.example`, advertise: true }] })
  }
  cluster.changes.length = 0
  await cluster.ask('DELETE /api/v1/devices/SEP000000010002')
  t.strictSame(cluster.changes, [], 'a number that nobody advertised')
  await cluster.ask('PATCH /api/v1/devices/SEP000000010001', { lines: [] })
  t.strictSame(cluster.changes, [{ part: 'number', dn: '1000101', partition: '' }])
  await cluster.ask('PATCH /api/v1/users/bob', { primaryExtension: '' })
  await cluster.ask('PATCH /api/v1/device-profiles/bob-profile', { lines: [{ dn: '1000777' }] })
  t.strictSame(cluster.changes.slice(1), [{ part: 'number', dn: '1000001', partition: '' }])
})
