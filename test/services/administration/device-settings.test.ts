// Settings and buttons that phones, device profiles and default device profiles have in common.
import t from 'tap'
import { deviceSettingChoices } from '../../../services/database/device-settings.ts'
import { loneCluster } from '../../fixtures/lone-cluster.ts'

const phone = 'SEP000000010001'
const records = [`/api/v1/devices/${phone}`, '/api/v1/device-profiles/bob-profile']

t.test('A3.3: every setting of the device profile table can be set on phones and profiles, and is told', async (t) => {
  const cluster = await loneCluster(t)
  const settings = {
    ...Object.fromEntries(Object.entries(deviceSettingChoices).map(([name, values]) => [name, values[1]])),
    // Off and Forceful do not go together.
    mlppIndication: 'On',
    mlppPreemption: 'Forceful',
    userHoldMohAudioSource: 'Bach',
    userLocale: 'French_France',
    phoneButtonTemplate: 'Standard 8845 SIP',
    softkeyTemplate: 'Standard User',
    ignorePresentationIndicators: true,
    doNotDisturb: true,
    modules: ['Module A', 'Module B'],
    mlppDomain: '000001',
  }
  for (const path of records) {
    t.match(await cluster.ask(`PATCH ${path}`, settings), { status: 200, body: settings }, path)
    t.match(
      (await cluster.ask(`PATCH ${path}`, { privacy: 'Off' })).body,
      { ...settings, privacy: 'Off' },
      'the rest stays',
    )
  }
})

t.test('A3.3: what the table does not allow is refused and changes nothing', async (t) => {
  const cluster = await loneCluster(t)
  const refused: readonly (readonly [change: object, status: number, detail: RegExp])[] = [
    [{ mlppIndication: 'Off', mlppPreemption: 'Forceful' }, 422, /MLPP Indication Off cannot be combined/u],
    [{ modules: ['a', 'b', 'c'] }, 400, /modules/u],
    [{ singleButtonBarge: 'On' }, 400, /singleButtonBarge must be one of "Default", "Off", "Barge"/u],
    [{ emccCallingSearchSpace: 'no-such' }, 422, /no-such/u],
    [{ model: 'Cisco 7960', protocol: 'SCCP', dndOption: 'Call Reject' }, 422, /only the DND Option Ringer Off/u],
    [{ model: 'Cisco Dual Mode for iPhone', dndOption: 'Ringer Off' }, 422, /only the DND Option Call Reject/u],
    [{ colour: 'blue' }, 400, /colour is unknown/u],
  ]
  for (const path of records) {
    const before = (await cluster.ask(`GET ${path}`)).body
    for (const [change, status, detail] of refused) {
      t.match(await cluster.ask(`PATCH ${path}`, change), { status, body: { detail } }, JSON.stringify(change))
    }
    t.same((await cluster.ask(`GET ${path}`)).body, before)
    await cluster.ask(`PATCH ${path}`, { mlppIndication: 'Off' })
    t.equal((await cluster.ask(`PATCH ${path}`, { mlppPreemption: 'Forceful' })).status, 422, 'in two steps neither')
  }
})

t.test('A3.3 Device Profile Name: at most 50 characters', async (t) => {
  const cluster = await loneCluster(t)
  t.equal((await cluster.ask('POST /api/v1/device-profiles', { name: 'x'.repeat(50) })).status, 201)
  t.match(await cluster.ask('POST /api/v1/device-profiles', { name: 'x'.repeat(51) }), { status: 400 })
})

t.test('A3.3 Login User ID: is a user who exists', async (t) => {
  const cluster = await loneCluster(t)
  t.match(await cluster.ask('PATCH /api/v1/device-profiles/bob-profile', { loginUserId: 'bob' }), {
    body: { loginUserId: 'bob' },
  })
  const refused = await cluster.ask('PATCH /api/v1/device-profiles/bob-profile', { loginUserId: 'nobody' })
  t.match(refused, { status: 422, body: { detail: /nobody/u } })
})

t.test('speed dials and BLF buttons are replaced as a whole, in the place that they say', async (t) => {
  const cluster = await loneCluster(t)
  const [path = ''] = records
  const given = {
    speedDials: [
      { number: '2000-001', label: 'Alice' },
      { index: 7, number: '3000001' },
    ],
    blfSpeedDials: [{ number: '2000001' }],
  }
  t.match((await cluster.ask(`PATCH ${path}`, given)).body, {
    speedDials: [
      { index: 1, number: '2000001', label: 'Alice' },
      { index: 7, number: '3000001', label: '' },
    ],
    blfSpeedDials: [{ index: 1, number: '2000001' }],
  })
  const twice = await cluster.ask(`PATCH ${path}`, { speedDials: [{ index: 2, number: '1' }, { number: '2' }] })
  t.match(twice, { status: 422, body: { detail: /Two speed dials have index 2/u } })
  t.match(await cluster.ask(`PATCH ${path}`, { speedDials: [{ number: 'bob' }] }), { status: 422 })
  t.match((await cluster.ask(`PATCH ${path}`, { speedDials: [] })).body, { speedDials: [], blfSpeedDials: [{}] })
})

t.test('A1.5 Intercom: an empty default device becomes the current phone, and is unset with the phone', async (t) => {
  const cluster = await loneCluster(t)
  const intercomLines = [{ dn: '7001', target: '7002' }]
  t.match((await cluster.ask(`PATCH /api/v1/devices/${phone}`, { intercomLines })).body, {
    intercomLines: [{ dn: '7001', target: '7002', defaultDevice: phone }],
  })
  const profile = '/api/v1/device-profiles/bob-profile'
  t.match((await cluster.ask(`PATCH ${profile}`, { intercomLines })).body, { intercomLines: [{ defaultDevice: '' }] })
  const deviceName = 'SEP000000010002'
  await cluster.mobility.login({ deviceName, userId: 'bob', proof: { kind: 'pin', pin: '12345' } })
  t.match((await cluster.ask(`PATCH ${profile}`, { intercomLines })).body, {
    intercomLines: [{ defaultDevice: deviceName }],
  })
  t.equal((await cluster.ask(`DELETE /api/v1/devices/${deviceName}`)).status, 204)
  t.match((await cluster.ask(`GET ${profile}`)).body, { intercomLines: [{ defaultDevice: '' }] })
})

t.test('a phone has a log out profile, an address of its kind, and security settings', async (t) => {
  const cluster = await loneCluster(t)
  const path = `/api/v1/devices/${phone}`
  const settings = {
    logoutProfile: 'bob-profile',
    addressingMode: 'IPv6 Only',
    ipAddress: '2001:db8::7',
    securityMode: 'Encrypted',
    protectedDevice: true,
  }
  t.match(await cluster.ask(`PATCH ${path}`, settings), { status: 200, body: settings })
  const wrong = await cluster.ask(`PATCH ${path}`, { ipAddress: '10.0.0.7' })
  t.match(wrong, { status: 422, body: { detail: /10\.0\.0\.7.*IPv6 Only/u } })
  t.equal((await cluster.ask(`PATCH ${path}`, { ipAddress: 'here' })).status, 422)
  t.equal((await cluster.ask(`PATCH ${path}`, { logoutProfile: 'no-such' })).status, 422)
  t.match((await cluster.ask(`GET ${path}`)).body, settings)
})

t.test('A1.6 Secure Tone: a phone that becomes a protected device logs its user out', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.mobility.login({ deviceName: phone, userId: 'bob', proof: { kind: 'pin', pin: '12345' } })
  t.equal((await cluster.ask(`PATCH /api/v1/devices/${phone}`, { protectedDevice: true })).status, 200)
  t.match(cluster.told('logout'), [{ deviceName: phone, userId: 'bob', reason: 'administrator' }])
})

t.test('a line forwards all calls, and 422 says where not to', async (t) => {
  const cluster = await loneCluster(t)
  const path = `/api/v1/devices/${phone}`
  const forwarded = await cluster.ask(`PATCH ${path}`, { lines: [{ dn: '1000101', forwardAll: '2000-001' }] })
  t.match(forwarded, { status: 200, body: { lines: [{ forwardAll: '2000001', forwardAllCallingSearchSpace: '' }] } })
  t.equal((await cluster.ask(`PATCH ${path}`, { lines: [{ dn: '1000101', forwardAll: 'bob' }] })).status, 422)
})
