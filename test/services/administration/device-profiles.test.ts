import t from 'tap'
import { loneCluster } from '../../fixtures/lone-cluster.ts'

const phone = 'SEP000000010001'
const path = '/api/v1/device-profiles'

t.test('a device profile is added with its lines, changed and deleted', async (t) => {
  const cluster = await loneCluster(t)
  const added = await cluster.ask(`POST ${path}`, {
    name: 'alice-profile',
    lines: [{ dn: '2000-001', label: 'Alice' }],
  })
  t.match(added, {
    status: 201,
    headers: { location: `${path}/alice-profile` },
    body: { name: 'alice-profile', lines: [{ index: 1, dn: '2000001', label: 'Alice', partition: '' }] },
  })
  t.match((await cluster.ask(`GET ${path}`, undefined, 'reader')).body, [
    { name: 'alice-profile' },
    { name: 'bob-profile' },
  ])
  const changed = await cluster.ask(`PATCH ${path}/alice-profile`, { description: 'Alice, anywhere' })
  t.match(changed.body, { description: 'Alice, anywhere', lines: [{ dn: '2000001' }] })
  t.equal((await cluster.ask(`DELETE ${path}/alice-profile`)).status, 204)
  t.equal((await cluster.ask(`GET ${path}/alice-profile`)).status, 404)
  t.equal(cluster.callmanager.configurationChanges, 3)
})

t.test('the superusers who control a profile are told to ILS when it changes', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.addUser({ userId: 'alice', deviceProfiles: ['bob-profile'] })
  await cluster.ask(`PATCH ${path}/BOB-profile`, { lines: [{ dn: '1000009' }] })
  t.same(cluster.ils.told, ['superuser bob'])
  await cluster.ask(`DELETE ${path}/bob-profile`)
  t.same(cluster.ils.told, ['superuser bob', 'superuser bob'])
})

t.test('a profile somebody is logged in with is not deleted', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.mobility.login({ deviceName: phone, userId: 'bob', proof: { kind: 'pin', pin: '12345' } })
  t.match(await cluster.ask(`DELETE ${path}/bob-profile`), { status: 409, body: { title: 'In use', detail: /bob/u } })
  t.ok(cluster.database.deviceProfiles.find('bob-profile'))
  t.equal(cluster.database.logins.list().length, 1)
})

t.test('what cannot be is refused', async (t) => {
  const cluster = await loneCluster(t)
  const refused: [string, object | undefined, object][] = [
    [`POST ${path}`, { name: 'Bob-Profile' }, { status: 409 }],
    [`POST ${path}`, { name: phone }, { status: 409 }],
    [`POST ${path}`, { name: 'b'.repeat(51) }, { status: 400, body: { detail: /name/u } }],
    [`POST ${path}`, { name: 'x', lines: [{ dn: 'bob' }] }, { status: 422, body: { title: 'Not a directory number' } }],
    [
      `POST ${path}`,
      { name: 'x', lines: [{ dn: '1', partition: 'no-such' }] },
      { status: 422, body: { detail: /no-such/u } },
    ],
    [`POST ${path}`, { name: 'x', lines: [{ dn: '1', index: 0 }] }, { status: 400 }],
    [`POST ${path}`, { name: 'x', lines: [{ dn: '1' }, { dn: '1' }] }, { status: 409 }],
    [`POST ${path}`, { name: 'x', lines: [{}] }, { status: 400, body: { detail: /dn/u } }],
    [`PATCH ${path}/no-such`, { description: 'x' }, { status: 404 }],
    [`DELETE ${path}/no-such`, undefined, { status: 404 }],
  ]
  for (const [request, body, expected] of refused) {
    t.match(await cluster.ask(request, body), expected, `${request} ${JSON.stringify(body)}`)
  }
  t.equal((await cluster.ask(`DELETE ${path}/bob-profile`, undefined, 'reader')).status, 403)
  t.same(
    cluster.database.deviceProfiles.list().map((profile) => profile.name),
    ['bob-profile'],
  )
})
