import t from 'tap'
import { Value } from 'typebox/value'
import { defaultLearnedPartitions } from '../../../services/database/api.ts'
import { applySeed, ClusterSeed, createCredentialHasher, isNew } from '../../../services/database/index.ts'
import { noon, openTestDatabase, phone1 } from './fixtures/test-database.ts'

const hasher = createCredentialHasher({ pepper: Buffer.from('pepper'), memoryKiB: 8, passes: 1 })

const seed: ClusterSeed = {
  partitions: ['Alternates', 'Global Learned E.164 Numbers'],
  callingSearchSpaces: [{ name: 'Learned', partitions: ['Global Learned E.164 Numbers', 'Alternates'] }],
  trunks: [{ name: 'to-cluster2', remoteCluster: 'cluster2' }],
  deviceProfiles: [{ name: 'bob-profile', lines: [{ dn: '1000-001' }] }],
  phones: [{ name: phone1, aarCallingSearchSpace: 'Learned' }],
  globalDialPlan: {
    learnedPartitions: { enterpriseNumbers: 'Alternates' },
    numbers: [
      {
        dn: '1000-001',
        enterpriseAlternateNumber: { mask: '8555XXXX', partition: 'Alternates', advertise: true },
        e164AlternateNumber: { mask: '+1408555XXXX', advertise: true },
        advertisedFailover: '+E.164 Alternate Number',
        directoryUris: [{ uri: 'bob@roamline.example', advertise: true }],
      },
    ],
    advertisedPatterns: [
      { pattern: '54XXX', type: 'Enterprise Number Pattern' },
      {
        pattern: '+1408XXX',
        type: 'E.164 Number Pattern',
        failover: { use: 'Strip Digits and Prepend Digits', prependDigits: '9' },
      },
    ],
    catalogs: [
      {
        name: 'partner',
        routeString: 'partner.example',
        entries: [
          { type: 'Directory URI', pattern: 'kally@partner.example' },
          { type: 'E.164 Number', pattern: '+14085550300', failover: '+14085550300' },
          { type: 'Enterprise Pattern', pattern: '8666XXXX' },
        ],
      },
    ],
    blockedLearnedPatterns: [{ prefix: '+1900' }],
    sipRoutePatterns: [{ pattern: 'cluster2.example', trunk: 'to-cluster2' }],
  },
}

t.test('a seed has the global dial plan of a cluster', async (t) => {
  const database = openTestDatabase(t)
  t.ok(Value.Check(ClusterSeed, seed))
  await applySeed(database, hasher, seed, noon)
  const { globalDialPlan: plan } = database
  t.strictSame(plan.learnedPartitions(), { ...defaultLearnedPartitions, enterpriseNumbers: 'Alternates' })
  t.match(
    [...plan.numbers()],
    [
      {
        dn: '1000001',
        enterpriseAlternateNumber: { number: '85550001', partition: 'Alternates', advertise: true },
        e164AlternateNumber: { number: '+14085550001', partition: undefined },
        advertisedFailover: '+E.164 Alternate Number',
        directoryUris: [{ uri: 'bob@roamline.example', partition: '', advertise: true }],
      },
    ],
  )
  t.match(plan.advertisedPatterns(), [
    { pattern: '54XXX', failover: { use: "Don't Use PSTN Failover" } },
    { pattern: '\\+1408XXX', failover: { stripDigits: 0, prependDigits: '9' } },
  ])
  t.match(plan.catalogs(), [{ name: 'partner', entries: 3 }])
  t.match(
    [...plan.catalogEntries('partner')],
    [{ failover: '' }, { failover: '+14085550300' }, { failover: { use: "Don't Use PSTN Failover" } }],
  )
  t.match(plan.blockingRules(), [{ prefix: '+1900', patternType: 'Any' }])
  t.match(plan.sipRoutePatterns(), [{ pattern: 'cluster2.example', partition: '', trunk: 'to-cluster2' }])
  t.equal(database.devices.find(phone1)?.aarCallingSearchSpace, 'Learned')
})

t.test('a seed whose global dial plan contradicts itself leaves the database new', async (t) => {
  const database = openTestDatabase(t)
  const refuses = async (globalDialPlan: NonNullable<ClusterSeed['globalDialPlan']>, code: string) => {
    await t.rejects(applySeed(database, hasher, { ...seed, globalDialPlan }, noon), { code })
    t.equal(isNew(database), true)
  }
  await refuses({ numbers: [{ dn: '9' }] }, 'DATABASE_NOT_FOUND')
  await refuses({ numbers: [{ dn: 'bob' }] }, 'DATABASE_INVALID')
  await refuses({ sipRoutePatterns: [{ pattern: 'a.b', trunk: 'nowhere' }] }, 'DATABASE_UNKNOWN_REFERENCE')
  await refuses({ catalogs: [{ name: 'a', routeString: 'a b' }] }, 'DATABASE_INVALID')
  t.strictSame(database.globalDialPlan.catalogs(), [])
})
