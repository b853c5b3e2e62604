import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bulkCluster } from './bulk-lab.ts'

t.test('phones are added, and a row that cannot be is left out whole and reported', async (t) => {
  const cluster = await bulkCluster(t)
  const report = await cluster.write(
    'phones',
    [
      'name,description,extensionMobility,owner,lines.1.dn,lines.1.label,lines.2.dn,modules',
      'SEP00000001AA01,Reception,true,bob,1000-201,Front,1000202,Module A;Module B',
      'SEP000000010001,there already,,,1000203,,,',
      'SEP00000001AA02,nobody owns it,,nobody,1000204,,,',
      'SEP00000001AA03,last,false,,,,,',
    ].join('\r\n'),
  )
  t.match(report, { kind: 'phones', state: 'done', total: 4, done: 4, added: 2, updated: 0 })
  t.match(report.failed, [
    { line: 3, key: 'SEP000000010001', reason: /already|taken/iu },
    { line: 4, key: 'SEP00000001AA02', reason: /nobody/u },
  ])
  const { devices, lines } = cluster.database
  t.match(devices.find('SEP00000001AA01'), {
    owner: 'bob',
    extensionMobility: true,
    modules: ['Module A', 'Module B'],
    lines: [
      { index: 1, dn: '1000201', label: 'Front' },
      { index: 2, dn: '1000202' },
    ],
  })
  t.notOk(devices.find('SEP00000001AA02'))
  t.same(lines.find('1000204'), [], 'nothing of the row that failed is left')
  t.ok(devices.find('SEP00000001AA03'))
  t.strictSame(cluster.callmanager.reached, [['SEP00000001AA01', 'SEP00000001AA03']], 'CallManager hears of it once')
})

t.test('users get their PIN as a hash, and neither disk, log nor report holds it in clear', async (t) => {
  const cluster = await bulkCluster(t)
  const report = await cluster.write(
    'users',
    [
      'userId,lastName,pin,pinMustChange,deviceProfiles,defaultProfile,primaryExtension',
      'alice,Liddell,86420975,true,bob-profile,bob-profile,2000-001',
      'kally,Kumar,97531864,perhaps,,,',
    ].join('\n'),
  )
  t.match(report, { added: 1, failed: [{ line: 3, key: 'kally', reason: /pinMustChange must be true or false/u }] })
  t.match((await cluster.ask('GET /api/v1/users/alice')).body, {
    pinMustChange: true,
    primaryExtension: '2000001',
    deviceProfiles: ['bob-profile'],
    defaultProfile: 'bob-profile',
  })
  const stored = cluster.database.credentials.find('alice', 'PIN')
  t.ok(stored && (await cluster.hasher.verify('86420975', stored)))
  const folder = join(cluster.directory, 'bulk')
  const kept = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'))
  t.notMatch(readdirSync(folder).join(' '), /spool/u)
  t.notMatch(JSON.stringify([report, kept, cluster.logged, cluster.heard]), /86420975|97531864/u)
})

t.test('records that are there are refused, or changed when the sender says so', async (t) => {
  const cluster = await bulkCluster(t)
  const file = 'name,description\nbob-profile,anywhere\nalice-profile,here\n'
  t.match(await cluster.write('device-profiles', file), { added: 1, failed: [{ line: 2, key: 'bob-profile' }] })
  t.match(await cluster.write('device-profiles?existing=update', file), { added: 0, updated: 2, failed: [] })
  t.match(cluster.database.deviceProfiles.find('bob-profile'), {
    description: 'anywhere',
    lines: [{ dn: '1000001' }],
  })
})

t.test('associations add to what a user has, and take away', async (t) => {
  const cluster = await bulkCluster(t)
  await cluster.write('device-profiles', 'name\ntravel\nhome\n')
  const added = await cluster.write(
    'associations',
    'userId,deviceProfiles,defaultProfile,groups\nbob,travel;home,travel,Standard CCM End Users\nnobody,travel,,\n',
  )
  t.match(added, { updated: 1, failed: [{ line: 3, key: 'nobody', reason: /no user nobody/u }] })
  t.match(cluster.database.endUsers.find('bob'), { defaultProfile: 'travel', superuser: true })
  t.same(cluster.database.endUsers.find('bob')?.deviceProfiles.toSorted(), ['bob-profile', 'home', 'travel'])
  await cluster.write('associations', 'userId,action,deviceProfiles\nbob,remove,TRAVEL\n')
  t.match(cluster.database.endUsers.find('bob'), { defaultProfile: '' })
  t.same(cluster.database.endUsers.find('bob')?.deviceProfiles.toSorted(), ['bob-profile', 'home'])
})

t.test('a combined row writes profile, user and phone, or none of them', async (t) => {
  const cluster = await bulkCluster(t)
  const header =
    'deviceProfile.name,deviceProfile.lines.1.dn,user.userId,user.lastName,user.deviceProfiles,phone.name,phone.owner'
  const report = await cluster.write(
    'combined',
    [
      header,
      'alice-profile,2000001,alice,Liddell,alice-profile,SEP00000001AA01,alice',
      'kally-profile,3000001,kally,Kumar,kally-profile,SEP000000010001,kally',
    ].join('\n'),
  )
  t.match(report, { added: 1, failed: [{ line: 3, key: 'kally' }] })
  const { deviceProfiles, devices, endUsers } = cluster.database
  t.match(endUsers.find('alice'), { deviceProfiles: ['alice-profile'] })
  t.match(devices.find('SEP00000001AA01'), { owner: 'alice' })
  t.notOk(endUsers.find('kally'))
  t.notOk(deviceProfiles.find('kally-profile'))
})

t.test('a header that cannot be is refused before anything is written', async (t) => {
  const cluster = await bulkCluster(t)
  const refused: readonly (readonly [kind: string, header: string, detail: RegExp])[] = [
    ['phones', 'name,colour', /no column "colour"; N is a place in a list, .*there are: name, .*lines\.N\.dn/u],
    ['phones', 'name,lines', /"lines" is a list; .*: lines\.1\.dn\.$/u],
    ['phones', 'name,lines.0.dn', /lines\.0\.dn/u],
    ['phones', 'name,__proto__.x', /__proto__/u],
    ['phones', 'description', /column name is missing/u],
    ['phones', 'name,name', /name is there twice/u],
    ['phones', 'name,', /Column 2 has no name/u],
    ['combined', 'phone.description', /column phone\.name is missing/u],
    ['users', '', /must begin with a row/u],
  ]
  for (const [kind, header, detail] of refused) {
    t.match(
      await cluster.send(kind, `${header}\nSEP00000001AA01,x\n`.replace(/^\n.*\n/u, '')),
      { status: 422, body: { detail } },
      header,
    )
  }
  t.same((await cluster.ask('GET /api/v1/bulk/jobs')).body, [])
  t.notOk(cluster.database.devices.find('SEP00000001AA01'))
})

t.test('what is no CSV is refused: bad UTF-8, too much, another type, another kind', async (t) => {
  const cluster = await bulkCluster(t)
  const bad = Buffer.concat([Buffer.from('name,description\nSEP00000001AA01,'), Buffer.of(0xff, 0xfe, 0x0a)])
  t.match(await cluster.send('phones', bad), { status: 422, body: { title: 'Not UTF-8' } })
  const large = Buffer.alloc(64 * 1024 * 1024 + 1, 'a')
  t.match(await cluster.send('phones', large), { status: 413, body: { detail: /64 MiB/u } })
  t.match(await cluster.send('phones', '{}', 'application/json'), { status: 415, body: { detail: /text\/csv/u } })
  t.match(await cluster.send('aliens', 'name\n'), { status: 400 })
  t.same((await cluster.ask('GET /api/v1/bulk/jobs')).body, [])
  t.same(readdirSync(join(cluster.directory, 'bulk')), [], 'nothing is left on disk')
})

t.test('a file with a broken quote or an endless row is refused whole, and says which line', async (t) => {
  const cluster = await bulkCluster(t)
  const broken: readonly (readonly [csv: string, detail: RegExp])[] = [
    ['name,description\nSEP00000001AA01,x\nSEP00000001AA02,"begins" wrong\n', /^Line 3: something follows the quote/u],
    ['name,description\nSEP00000001AA01,"unfinished\n', /a quoted cell does not end/u],
    [`name,description\nSEP00000001AA01,${'x'.repeat(70_000)}\n`, /^Line 2: the row is longer than 65536 characters/u],
  ]
  for (const [csv, detail] of broken) {
    t.match(await cluster.send('phones', csv), { status: 422, body: { title: 'Not CSV', detail } })
  }
  t.notOk(cluster.database.devices.find('SEP00000001AA01'))
})

t.test('a row with a long cell or of the wrong width fails alone', async (t) => {
  const cluster = await bulkCluster(t)
  const report = await cluster.write(
    'phones',
    [
      'name,description',
      `SEP00000001AA02,${'x'.repeat(200)}`,
      '"SEP00000001AA04","two\nlines"',
      '',
      'SEP00000001AA03,one,two',
    ].join('\n'),
  )
  t.match(report, { state: 'done', total: 3, added: 1 })
  t.match(
    report.failed.map(({ line, reason }) => [line, reason]),
    [
      [2, /description must have at most 128 characters/u],
      [6, /3 cells, the header 2/u],
    ],
  )
  t.match(cluster.database.devices.find('SEP00000001AA04'), { description: 'two\nlines' })
})

t.test('cells that a spreadsheet would run are text, and leave guarded', async (t) => {
  const cluster = await bulkCluster(t)
  const report = await cluster.write(
    'device-profiles',
    `name,description\n=cmd(),x\nnight-shift,'=1+1\nnight-shift,x\n=cmd(),x\n`,
  )
  t.match(report, { added: 2, failed: [{ line: 4 }, { line: 5, key: '=cmd()' }] })
  t.match(cluster.database.deviceProfiles.find('night-shift'), { description: '=1+1' })
  const csv = await cluster.csvReport(report.id)
  t.match(csv, /^line,key,reason\r\n4,night-shift,.*\r\n5,'=cmd\(\),.*\r\n$/u)
})

t.test('a file of an earlier report is read over its reasons', async (t) => {
  const cluster = await bulkCluster(t)
  t.match(await cluster.write('phones', 'name,failure\nSEP00000001AA01,it was there\n'), { added: 1, failed: [] })
})

t.test('columns can be asked for', async (t) => {
  const cluster = await bulkCluster(t)
  const { body } = await cluster.ask('GET /api/v1/bulk/users', undefined, 'reader')
  const columns = body as readonly { readonly name: string; readonly required: boolean }[]
  t.match(
    columns
      .filter(({ required }) => required)
      .map(({ name }) => name)
      .toSorted(),
    ['lastName', 'userId'],
  )
  t.ok(columns.some(({ name }) => name === 'deviceProfiles'))
  t.same(
    columns.slice(0, 2).map(({ required }) => required),
    [true, true],
    'what must be there comes first',
  )
  t.match(
    columns.find(({ name }) => name === 'groups'),
    { description: /with ; between/u },
  )
})

t.test('jobs are listed, forgotten when over, and only administrators start them', async (t) => {
  const cluster = await bulkCluster(t)
  const { id } = await cluster.write('phones', 'name\nSEP00000001AA01\n')
  t.match((await cluster.ask('GET /api/v1/bulk/jobs', undefined, 'reader')).body, [{ id, state: 'done' }])
  t.equal((await cluster.ask(`DELETE /api/v1/bulk/jobs/${id}`, undefined, 'reader')).status, 403)
  t.equal((await cluster.ask(`DELETE /api/v1/bulk/jobs/${id}`)).status, 204)
  t.match(await cluster.ask(`GET /api/v1/bulk/jobs/${id}`), { status: 404 })
  t.same(readdirSync(join(cluster.directory, 'bulk')), [])
  t.match(await cluster.ask('POST /api/v1/bulk/phones', { name: 'x' }, 'reader'), { status: 403 })
})

t.test('a file of more than 250,000 rows is refused whole, however small it is', async (t) => {
  const { send, database } = await bulkCluster(t)
  const reply = await send('users', `userId,lastName\n${'a,b\n'.repeat(250_001)}`)
  t.match(reply, { status: 413, body: { detail: /more than 250000 rows/u } })
  t.equal(database.endUsers.find('a'), undefined)
})
