import t from 'tap'
import { loneCluster } from '../../fixtures/lone-cluster.ts'

const phone = 'SEP000000010001'
const path = '/api/v1/devices'
const proof = { kind: 'pin', pin: '12345' } as const

t.test('a phone is told with its registration, its login and the lines it shows now', async (t) => {
  const cluster = await loneCluster(t)
  t.match((await cluster.ask(`GET ${path}/${phone.toLowerCase()}`, undefined, 'reader')).body, {
    name: phone,
    extensionMobility: true,
    answerMode: 'immediately',
    lines: [{ dn: '1000101' }],
    effectiveLines: [{ dn: '1000101' }],
    registration: { state: 'registered', since: '2026-11-21T08:00:00.000Z', lines: ['1000101'] },
    login: undefined,
  })
  await cluster.mobility.login({ deviceName: phone, userId: 'bob', proof })
  t.match((await cluster.ask(`GET ${path}/${phone}`)).body, {
    lines: [{ dn: '1000101' }],
    effectiveLines: [{ dn: '1000001', display: 'Bob' }],
    login: { userId: 'bob', deviceProfile: 'bob-profile', loginTime: '2026-11-21T08:00:00.000Z' },
  })
  t.equal(((await cluster.ask(`GET ${path}`)).body as unknown[]).length, 3)
})

t.test('a phone is added, changed and deleted, and CallManager told each time', async (t) => {
  const cluster = await loneCluster(t)
  const added = await cluster.ask(`POST ${path}`, {
    name: 'SEP00000001000A',
    owner: 'bob',
    lines: [{ dn: '1000-10A' }],
  })
  t.match(added, {
    status: 201,
    headers: { location: `${path}/SEP00000001000A` },
    body: { owner: 'bob', lines: [{ dn: '100010A' }], extensionMobility: false },
  })
  t.match((await cluster.ask(`PATCH ${path}/SEP00000001000A`, { answerMode: 'never' })).body, { answerMode: 'never' })
  t.equal((await cluster.ask(`DELETE ${path}/SEP00000001000A`)).status, 204)
  t.equal(cluster.callmanager.configurationChanges, 3)
  t.strictSame(new Set(cluster.callmanager.reached.flat()), new Set(['SEP00000001000A']), 'and which phone it is')
  t.same(cluster.database.lines.find('100010A'), [])
})

t.test('a phone that is deleted, or loses Extension Mobility, logs its user out', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.mobility.login({ deviceName: phone, userId: 'bob', proof })
  t.equal((await cluster.ask(`PATCH ${path}/${phone}`, { extensionMobility: false })).status, 200)
  t.match(cluster.told('logout'), [{ deviceName: phone, userId: 'bob', reason: 'administrator' }])
  t.same(cluster.callmanager.restarts, [`${phone} 19`, `${phone} 19`])
  const second = 'SEP000000010002'
  await cluster.mobility.login({ deviceName: second, userId: 'bob', proof })
  t.equal((await cluster.ask(`DELETE ${path}/${second}`)).status, 204)
  t.match(cluster.told('logout')[1], { deviceName: second, userId: 'bob', reason: 'administrator' })
  t.same(cluster.ils.told, ['login bob', 'logout bob', 'login bob', 'logout bob'])
  t.equal(cluster.callmanager.restarts.length, 3, 'a phone that is gone does not restart')
})

t.test('what cannot be is refused', async (t) => {
  const cluster = await loneCluster(t)
  const refused: [string, object | undefined, object][] = [
    [`POST ${path}`, { name: phone }, { status: 409 }],
    [`POST ${path}`, { name: '' }, { status: 400, body: { detail: /name/u } }],
    [`POST ${path}`, { name: 'Bob desk' }, { status: 400, body: { detail: /letters, digits, dot, hyphen/u } }],
    [`POST ${path}`, { name: '../SEP1' }, { status: 400, body: { detail: /letters, digits, dot, hyphen/u } }],
    [`POST ${path}`, { name: 'SEP1', owner: 'nobody' }, { status: 422, body: { detail: /nobody/u } }],
    [`POST ${path}`, { name: 'SEP1', phoneServices: ['no-such'] }, { status: 422, body: { detail: /no-such/u } }],
    [`PATCH ${path}/${phone}`, { answerMode: 'sometimes' }, { status: 400, body: { detail: /answerMode/u } }],
    [`PATCH ${path}/${phone}`, { extensionMobility: 'yes' }, { status: 400 }],
    [`PATCH ${path}/SEP1`, { description: 'x' }, { status: 404, body: { detail: /SEP1/u } }],
    [`GET ${path}/SEP1`, undefined, { status: 404 }],
    [`DELETE ${path}/SEP1`, undefined, { status: 404 }],
  ]
  for (const [request, body, expected] of refused) {
    t.match(await cluster.ask(request, body), expected, `${request} ${JSON.stringify(body)}`)
  }
  t.equal((await cluster.ask(`PATCH ${path}/${phone}`, {}, 'reader')).status, 403)
})
