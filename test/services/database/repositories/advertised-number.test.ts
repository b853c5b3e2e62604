import t from 'tap'
import { openPeopledDatabase } from '../fixtures/test-database.ts'

const bob = { dn: '1000001', partition: '' } as const

t.test('a directory number has alternate numbers and URIs, which are found by what is dialled', async (t) => {
  const { globalDialPlan, dialPlan, write } = await openPeopledDatabase(t)
  t.strictSame(globalDialPlan.number('1000001', ''), {
    ...bob,
    enterpriseAlternateNumber: undefined,
    e164AlternateNumber: undefined,
    advertisedFailover: 'None',
    directoryUris: [],
  })
  t.strictSame([...globalDialPlan.numbers()], [])
  t.equal(globalDialPlan.number('9', ''), undefined)
  const changed = await write(() => {
    dialPlan.insertPartition('Alternates')
    return globalDialPlan.changeNumber('1000001', '', {
      enterpriseAlternateNumber: { mask: '8555-xxxx', partition: 'Alternates', advertise: true },
      e164AlternateNumber: { mask: '+1408555XXXX' },
      advertisedFailover: '+E.164 Alternate Number',
      directoryUris: [{ uri: 'Bob@Roamline.Example', advertise: true }, { uri: 'builder@roamline.example' }],
    })
  })
  t.strictSame(changed, {
    ...bob,
    enterpriseAlternateNumber: { mask: '8555XXXX', number: '85550001', partition: 'Alternates', advertise: true },
    e164AlternateNumber: { mask: '+1408555XXXX', number: '+14085550001', partition: undefined, advertise: false },
    advertisedFailover: '+E.164 Alternate Number',
    directoryUris: [
      { uri: 'bob@roamline.example', partition: '', advertise: true },
      { uri: 'builder@roamline.example', partition: '', advertise: false },
    ],
  })
  t.strictSame(globalDialPlan.number('1000001', ''), changed)
  t.strictSame([...globalDialPlan.numbers()], [changed])
  t.strictSame(globalDialPlan.findAlternate('85550001'), [changed])
  t.strictSame(globalDialPlan.findAlternate('+14085550001'), [changed])
  t.strictSame(globalDialPlan.findAlternate('8555'), [])
  t.match(globalDialPlan.findUri('BUILDER@roamline.example'), [
    { ...bob, uri: { uri: 'builder@roamline.example', advertise: false } },
  ])
  t.strictSame(globalDialPlan.findUri('nobody@roamline.example'), [])
})

t.test('what a change leaves out stays, null takes away, and walks may overlap', async (t) => {
  const { globalDialPlan, write } = await openPeopledDatabase(t)
  await write(() => {
    for (const [dn, user] of [
      ['1000001', 'bob'],
      ['2000001', 'alice'],
    ] as const) {
      globalDialPlan.changeNumber(dn, '', {
        e164AlternateNumber: { mask: '+1XXXXXXX', advertise: true },
        directoryUris: [{ uri: `${user}@roamline.example` }, { uri: `${user}@second.example` }],
      })
    }
    globalDialPlan.changeNumber('1000001', '', { e164AlternateNumber: null })
  })
  const numbers = globalDialPlan.numbers()[Symbol.iterator]()
  t.match(numbers.next().value, { dn: '1000001', e164AlternateNumber: undefined, directoryUris: { length: 2 } })
  t.equal([...globalDialPlan.numbers()].length, 2)
  t.match(numbers.next().value, { dn: '2000001', e164AlternateNumber: { number: '+12000001' } })
  t.equal(numbers.next().done, true)
  await write(() => globalDialPlan.changeNumber('1000001', '', { directoryUris: [] }))
  t.strictSame(
    [...globalDialPlan.numbers()].map(({ dn }) => dn),
    ['2000001'],
  )
})

t.test('what cannot be dialled or written is refused and changes nothing', async (t) => {
  const { globalDialPlan, write } = await openPeopledDatabase(t)
  const before = await write(() =>
    globalDialPlan.changeNumber('1000001', '', { directoryUris: [{ uri: 'bob@roamline.example' }] }),
  )
  const refuses = async (changes: Parameters<typeof globalDialPlan.changeNumber>[2], code: string, message: RegExp) => {
    await t.rejects(
      write(() => globalDialPlan.changeNumber('1000001', '', changes)),
      { code, message },
    )
  }
  const alternate = (mask: string) => ({ enterpriseAlternateNumber: { mask } })
  await refuses(alternate('8XXXXXXXX'), 'DATABASE_INVALID', /more X than the number has digits/u)
  await refuses(alternate('8Q'), 'DATABASE_INVALID', /nothing that can be dialled/u)
  await refuses(alternate('+1XXX'), 'DATABASE_INVALID', /only a \+E.164 number/u)
  await refuses({ e164AlternateNumber: { mask: '1408XXX' } }, 'DATABASE_INVALID', /begins with \+/u)
  await refuses({ e164AlternateNumber: { mask: '+1408#XXX' } }, 'DATABASE_INVALID', /goes on with digits/u)
  await refuses(
    { enterpriseAlternateNumber: { mask: '8XXX', partition: 'Nowhere' } },
    'DATABASE_UNKNOWN_REFERENCE',
    /Nowhere/u,
  )
  await refuses({ directoryUris: [{ uri: 'bob smith@r' }] }, 'DATABASE_INVALID', /bob smith/u)
  const six = Array.from({ length: 6 }, (_, at) => ({ uri: `bob${at}@roamline.example` }))
  await refuses({ directoryUris: six }, 'DATABASE_INVALID', /5 at most/u)
  await refuses({ directoryUris: [...six.slice(0, 1), ...six.slice(0, 1)] }, 'DATABASE_DUPLICATE', /bob0@/u)
  await refuses({ advertisedFailover: 'Enterprise Alternate Number' }, 'DATABASE_INVALID', /does not have/u)
  t.strictSame([...globalDialPlan.numbers()], [before])
  await t.rejects(
    write(() => globalDialPlan.changeNumber('9', '', {})),
    { code: 'DATABASE_NOT_FOUND' },
  )
  t.throws(() => globalDialPlan.changeNumber('1000001', '', {}), { code: 'DATABASE_OUTSIDE_WRITE' })
})

t.test('numbers and URIs are unique in their partition, directory numbers and route patterns included', async (t) => {
  const { globalDialPlan, dialPlan, devices, write } = await openPeopledDatabase(t)
  await write(() => {
    dialPlan.insertPartition('Alternates')
    dialPlan.insertTrunk({ name: 'to-cluster2', remoteCluster: 'cluster2', url: '' })
    dialPlan.insertRoutePattern({ pattern: '8001', partition: '', trunk: 'to-cluster2' })
    globalDialPlan.changeNumber('1000001', '', {
      enterpriseAlternateNumber: { mask: '85550001', partition: 'Alternates' },
      directoryUris: [{ uri: 'bob@roamline.example' }],
    })
  })
  const alice = (changes: Parameters<typeof globalDialPlan.changeNumber>[2]) =>
    write(() => globalDialPlan.changeNumber('2000001', '', changes))
  const number = (mask: string, partition?: string) => ({
    enterpriseAlternateNumber: { mask, ...(partition !== undefined && { partition }) },
  })
  const taken = { code: 'DATABASE_DUPLICATE' }
  await t.rejects(alice(number('85550001', 'Alternates')), { ...taken, message: /alternate number of 1000001/u })
  await t.rejects(alice(number('XXXXXXX', '')), { ...taken, message: /2000001 is a directory number/u })
  await t.rejects(alice(number('8XXX', '')), { ...taken, message: /8001 is a route pattern/u })
  await t.rejects(alice({ directoryUris: [{ uri: 'BOB@roamline.example' }] }), taken)
  await alice({ ...number('85550001', ''), directoryUris: [{ uri: 'bob@roamline.example', partition: 'Alternates' }] })
  t.equal(globalDialPlan.findAlternate('85550001').length, 2)
  t.equal(globalDialPlan.findUri('bob@roamline.example').length, 2)
  const line = { dn: '85550001', partition: 'Alternates' }
  await t.rejects(
    write(() => devices.update('SEP000000010001', { lines: [line] })),
    { ...taken, message: /alternate number of 1000001/u },
  )
  const route = { pattern: '85550001', partition: 'Alternates', trunk: 'to-cluster2' }
  await t.rejects(
    write(() => dialPlan.insertRoutePattern(route)),
    taken,
  )
})

t.test('they vanish with their directory number, and whoever listens is told inside the write', async (t) => {
  const { globalDialPlan, devices, deviceProfiles, endUsers, sql, write, afterCommit } = await openPeopledDatabase(t)
  const told: string[] = []
  const stop = globalDialPlan.onNumberRemoved(({ dn, partition }) => {
    afterCommit(() => {})
    told.push(`${dn} in "${partition}", ${globalDialPlan.number(dn, partition) ? 'there' : 'gone'}`)
  })
  await write(() => {
    devices.update('SEP000000010001', { lines: [{ dn: '1000101' }, { dn: '1000102' }] })
    for (const dn of ['1000001', '1000101']) {
      globalDialPlan.changeNumber(dn, '', {
        enterpriseAlternateNumber: { mask: '8XXX' },
        directoryUris: [{ uri: `${dn}@roamline.example` }],
        advertisedFailover: 'Enterprise Alternate Number',
      })
      if (dn === '1000001') globalDialPlan.changeNumber(dn, '', { enterpriseAlternateNumber: { mask: '9XXX' } })
    }
  })
  await write(() => devices.update('SEP000000010001', { lines: [{ dn: '1000101', label: 'Bob' }] }))
  t.strictSame(told, [], 'a number that stays, and one without anything')
  await write(() => devices.remove('SEP000000010001'))
  t.strictSame(told, ['1000101 in "", gone'])
  await write(() => deviceProfiles.remove('bob-profile'))
  t.equal(told.length, 1, 'it is still the primary extension of bob')
  await write(() => endUsers.remove('bob'))
  t.strictSame(told, ['1000101 in "", gone', '1000001 in "", gone'])
  t.strictSame([...globalDialPlan.numbers()], [])
  const left = 'SELECT (SELECT count(*) FROM rl_alternatenumber) + (SELECT count(*) FROM rl_directoryuri) AS n'
  t.equal(sql.prepare(left).get()?.['n'], 0)
  stop()
})
