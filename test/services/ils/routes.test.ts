import Fastify from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { schemaCompilers } from '../../../cluster-node/schema-compilers.ts'
import type { Ils, IlsCluster, IlsStatus } from '../../../services/ils/api.ts'
import { ils } from '../../../services/ils/index.ts'
import { softwareVersion } from '../../../services/ils/software-version.ts'
import { Problem } from '../../../services/problem.ts'
import type { Door, ServiceApp } from '../../../services/service.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { ilsLab } from './ils-lab.ts'
import type { IlsLab } from './ils-lab.ts'

/** The routes of a running cluster, as its administrator reaches them; who may is the host's business. */
async function door(t: Test, settings?: Parameters<IlsLab['cluster']>[1]) {
  const lab = await ilsLab(t)
  const one = await lab.cluster('cluster1', settings)
  const app = Fastify({ schemaController: { compilersFactory: schemaCompilers(true) as never } })
  t.teardown(() => app.close())
  const access: Record<string, unknown> = {}
  app.addHook('onRoute', ({ config, method, url }) => void (access[`${String(method)} ${url}`] = config))
  app.setErrorHandler((error: Error, _request, reply) =>
    error instanceof Problem ? reply.code(error.facts.status).send(error.facts) : reply.send(error),
  )
  ils.routes?.(app as unknown as ServiceApp, { api: () => one.ils } as Door<Ils>)
  await waitFor('the hub and its heartbeat', () => {
    const [hub] = one.ils.status().peers
    return hub?.status === 'Up to Date' && hub.hostNames && hub.clockOffsetSeconds !== undefined
  })
  const ask = async <T>(method: 'GET' | 'PATCH' | 'POST', url: string, body?: object) => {
    const answer = await app.inject({ method, url, ...(body === undefined ? {} : { payload: body }) })
    return { status: answer.statusCode, body: answer.json<T>() }
  }
  return { lab, one, access, ask }
}

t.test('GET /api/v1/ils answers the status, for those who may read', async (t) => {
  const { ask, access } = await door(t)
  const { status, body } = await ask<IlsStatus>('GET', '/api/v1/ils')
  t.equal(status, 200)
  t.match(body, {
    clusterId: 'cluster1',
    role: 'spoke',
    hub: 'hub',
    peerId: /^[0-9a-f]{32}$/u,
    authentication: 'password',
    learned: { superusers: 0, locations: 0, records: 1, objects: 0, maximumObjects: 100_000, duplicates: 0 },
    warnings: [],
  })
  t.match(body.peers, [
    {
      clusterId: 'hub',
      role: 'hub',
      status: 'Up to Date',
      usn: Number,
      lag: { usns: 0, seconds: 0 },
      direct: true,
      description: 'Hub hub',
      version: softwareVersion,
      peerId: /^[0-9a-f]{32}$/u,
      hostNames: ['127.0.0.1'],
      clockOffsetSeconds: Number,
      lastContact: String,
    },
  ])
  t.match(access['GET /api/v1/ils'], { access: 'role', role: 'Standard CCM Read Only' })
})

t.test('ILS Configuration is read by those who may read, and changed by administrators', async (t) => {
  const { ask, access, one } = await door(t)
  const path = '/api/v1/ils/configuration'
  t.match(await ask('GET', path), { status: 200, body: { role: 'spoke', registrationServer: 'hub' } })
  t.match(await ask('PATCH', path, { synchronizeClustersEveryMinutes: 1440 }), {
    status: 200,
    body: { role: 'spoke', synchronizeClustersEveryMinutes: 1440 },
  })
  const wrong: readonly object[] = [
    {},
    { colour: 'red' },
    { role: 'king' },
    { synchronizeClustersEveryMinutes: 0 },
    { synchronizeClustersEveryMinutes: 1441 },
    { exchangeGlobalDialPlan: 'perhaps' },
    { registrationServer: 'x'.repeat(51) },
  ]
  for (const changes of wrong) t.equal((await ask('PATCH', path, changes)).status, 400, JSON.stringify(changes))
  t.match(await ask('PATCH', path, { registrationServer: 'cluster1' }), { status: 422 })
  t.equal(one.ils.configuration().registrationServer, 'hub')
  t.match(access[`GET ${path}`], { role: 'Standard CCM Read Only' })
  t.match(access[`PATCH ${path}`], { role: 'Standard CCM Admin Users' })
})

t.test('POST /api/v1/ils/synchronize pulls now', async (t) => {
  const { ask, access } = await door(t)
  t.same(await ask('POST', '/api/v1/ils/synchronize'), { status: 202, body: { asked: ['hub'], unreachable: [] } })
  t.match(access['POST /api/v1/ils/synchronize'], { role: 'Standard CCM Admin Users' })
})

t.test('Cluster View names every cluster and hub, one of them by Cluster ID or host name', async (t) => {
  const { ask, access, one } = await door(t)
  await waitFor('it to know itself', () => one.ils.clusters()[0]?.services)
  const { body } = await ask<IlsCluster[]>('GET', '/api/v1/ils/clusters')
  t.match(body, [
    {
      clusterId: 'cluster1',
      self: true,
      status: 'Local',
      role: 'spoke',
      hub: 'hub',
      hostNames: ['cluster1.lab'],
      services: { 'Cisco Extension Mobility': true, 'Cisco Tftp': true },
      advertisedRouteString: 'cluster1',
    },
    { clusterId: 'hub', self: false, role: 'hub', status: 'Up to Date' },
  ])
  t.match(await ask('GET', '/api/v1/ils/clusters/hub'), { status: 200, body: { clusterId: 'hub' } })
  t.match(await ask('GET', '/api/v1/ils/clusters/CLUSTER1.lab'), { status: 200, body: { clusterId: 'cluster1' } })
  t.match(await ask('GET', '/api/v1/ils/clusters/moon'), {
    status: 404,
    body: { detail: 'ILS knows of no cluster "moon"; it knows of cluster1, hub.' },
  })
  t.match(access['GET /api/v1/ils/clusters'], { role: 'Standard CCM Read Only' })
})
