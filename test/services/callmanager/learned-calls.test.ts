// From the page where Bob's administrator advertises a number to Alice's call: learning and routing are both the real ones.
import t from 'tap'
import type { Test } from 'tap'
import { AdvertisedPatternType } from '../../../services/database/api.ts'
import { startClusters } from './fixtures/clusters.ts'
import type { TestCluster } from './fixtures/clusters.ts'
import {
  addSipRoutePattern,
  alicesHome,
  bobsHomeWithNames,
  bobsUri,
  e164Number,
  enterpriseNumber,
  hopsOf,
} from './fixtures/global-dial-plan.ts'
import { linkDialPlans } from './fixtures/linked-dial-plans.ts'

const bob = { cluster: 'cluster1', deviceName: 'SEP000000010001', userId: 'bob', dn: '1000001' }
const bobsNumber = { part: 'number', dn: '1000001', partition: '' } as const

/** Bob's cluster1 advertises his number's other names, and Alice's cluster2 has a trunk for its route string. */
async function bobAndAlice(t: Test) {
  const { cluster1, cluster2 } = await startClusters(t, { cluster1: bobsHomeWithNames, cluster2: alicesHome })
  const change = linkDialPlans(t, [cluster1, cluster2])
  await addSipRoutePattern(cluster2, '*.example', 'to-cluster1')
  const nameBob = (advertise: boolean) =>
    change(cluster1, () => {
      cluster1.database.globalDialPlan.changeNumber('1000001', '', {
        enterpriseAlternateNumber: { mask: '8XXXXXXX', advertise },
        e164AlternateNumber: { mask: '+1408XXXXXXX', advertise },
        advertisedFailover: '+E.164 Alternate Number',
        directoryUris: [{ uri: bobsUri, advertise }],
      })
      return bobsNumber
    })
  await nameBob(true)
  return { cluster1, cluster2, change, nameBob }
}

async function alicesCall(cluster2: TestCluster, dialled: string) {
  const call = await cluster2.dial('2000001', dialled)
  if (call.state === 'connected') await cluster2.release(call.id)
  return call
}

t.test('Bob’s names are advertised: Alice reaches him by each; withdrawn, by none', async (t) => {
  const { cluster2, nameBob } = await bobAndAlice(t)
  for (const dialled of [enterpriseNumber, e164Number, bobsUri]) {
    const call = await alicesCall(cluster2, dialled)
    t.match(call, { state: 'connected', to: bob }, dialled)
    t.match(hopsOf(call)[1], 'learned from cluster1, route string cluster1.example, SIP route pattern *.example, trunk')
  }
  await nameBob(false)
  for (const dialled of [enterpriseNumber, e164Number]) {
    t.match(await alicesCall(cluster2, dialled), { state: 'failed', cause: 1 }, dialled)
  }
  const byHost = await alicesCall(cluster2, bobsUri)
  t.match(byHost, { state: 'connected', to: bob }, 'the host of the URI still says where it is')
  t.notMatch(hopsOf(byHost)[1], /learned/u)
})

t.test('a blocking rule takes a number from Alice at once (1)', async (t) => {
  const { cluster2, change } = await bobAndAlice(t)
  await change(cluster2, () => {
    const rule = { description: '', pattern: enterpriseNumber, prefix: '', clusterId: '', patternType: 'Any' } as const
    cluster2.database.globalDialPlan.insertBlockingRule(rule)
    return { part: 'use' }
  })
  t.match(await alicesCall(cluster2, enterpriseNumber), { state: 'failed', cause: 1 })
  t.match(await alicesCall(cluster2, e164Number), { state: 'connected', to: bob })
})

t.test('an advertised pattern leads to its cluster, and its PSTN failover around a dead trunk', async (t) => {
  const { cluster1, cluster2, change } = await bobAndAlice(t)
  await change(cluster1, () => {
    cluster1.database.globalDialPlan.insertAdvertisedPattern({
      pattern: '77XXXXXXX',
      description: 'Bob’s floor',
      type: AdvertisedPatternType.enterprise,
      failover: { use: 'Strip Digits and Prepend Digits', stripDigits: 2, prependDigits: '+1408' },
    })
    return { part: 'pattern', pattern: '77XXXXXXX' }
  })
  const unallocated = await alicesCall(cluster2, '771000001')
  t.match(unallocated, { state: 'failed', cause: 1 }, 'a pattern is no number')
  t.match(hopsOf(unallocated).at(-1), 'cluster1: failed: no pattern matches 771000001')
  await cluster2.database.write(() => {
    const { dialPlan, globalDialPlan } = cluster2.database
    dialPlan.insertTrunk({ name: 'dead', remoteCluster: 'cluster1', url: 'https://127.0.0.1:1' })
    globalDialPlan.insertSipRoutePattern({ pattern: 'cluster1.example', partition: '', trunk: 'dead' })
    dialPlan.insertRoutePattern({ pattern: '\\+!', partition: 'PSTN', trunk: 'to-cluster1' })
  })
  cluster2.callManager.configurationChanged()
  const call = await alicesCall(cluster2, '771000001')
  t.match(call, { state: 'connected', to: bob })
  t.ok(hopsOf(call).includes('cluster2: PSTN failover to +14081000001, AAR calling search space'))
  t.match(
    await cluster2.dial('2000103', '771000001'),
    { state: 'failed', cause: 38 },
    'without an AAR calling search space',
  )
})
