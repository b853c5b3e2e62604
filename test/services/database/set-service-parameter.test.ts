import t from 'tap'
import {
  enforceMaximumLoginTime,
  isOn,
  maximumConcurrentRequests,
  maximumLoginTime,
  parameterNumber,
} from '../../../services/database/service-parameters.ts'
import type { ServiceParameter } from '../../../services/database/service-parameters.ts'
import { setServiceParameter } from '../../../services/database/set-service-parameter.ts'
import { loneCluster } from '../../fixtures/lone-cluster.ts'
import type { LoneCluster } from '../../fixtures/lone-cluster.ts'

const set = ({ database }: LoneCluster, parameter: ServiceParameter, value: string) =>
  database.write(() =>
    setServiceParameter(database, parameter, value).map((change) => `${change.parameter.name} = ${change.value}`),
  )

t.test('a parameter is set, and the change is told once', async (t) => {
  const cluster = await loneCluster(t)
  t.same(await set(cluster, maximumConcurrentRequests, '20'), ['Maximum Concurrent Requests = 20'])
  t.equal(parameterNumber(cluster.database.serviceParameters, maximumConcurrentRequests), 20)
  t.same(await set(cluster, maximumConcurrentRequests, '20'), [])
})

t.test('a maximum login time turns Enforce to True, also where the maximum itself stays as it is', async (t) => {
  const cluster = await loneCluster(t)
  t.same(await set(cluster, maximumLoginTime, '8:00'), ['Enforce Intra-cluster Maximum Login Time = True'])
  t.same(await set(cluster, maximumLoginTime, '9:00'), ['Intra-cluster Maximum Login Time = 9:00'])
  t.same(await set(cluster, enforceMaximumLoginTime, 'False'), ['Enforce Intra-cluster Maximum Login Time = False'])
  t.notOk(isOn(cluster.database.serviceParameters, enforceMaximumLoginTime), 'and it can be turned off again')
})

t.test('0:00 is no maximum and enforces nothing', async (t) => {
  const cluster = await loneCluster(t)
  t.same(await set(cluster, maximumLoginTime, '0:00'), ['Intra-cluster Maximum Login Time = 0:00'])
  t.notOk(isOn(cluster.database.serviceParameters, enforceMaximumLoginTime))
})

t.test('a value that may not be set changes nothing and says what may', async (t) => {
  const cluster = await loneCluster(t)
  await t.rejects(set(cluster, maximumLoginTime, '168:01'), { code: 'DATABASE_INVALID', message: /168:00/u })
  await t.rejects(set(cluster, maximumConcurrentRequests, '101'), { code: 'DATABASE_INVALID', message: /1 to 100/u })
  t.notOk(isOn(cluster.database.serviceParameters, enforceMaximumLoginTime))
})
