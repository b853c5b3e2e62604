import Fastify from 'fastify'
import t from 'tap'
import type { Ils, IlsStatus } from '../../../services/ils/api.ts'
import { ils } from '../../../services/ils/index.ts'
import type { Door, ServiceApp } from '../../../services/service.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { ilsLab } from './ils-lab.ts'

t.test('GET /api/v1/ils answers the status, for those who may read', async (t) => {
  const lab = await ilsLab(t)
  const one = await lab.cluster('cluster1')
  await waitFor('the hub', () => one.ils.status().peers[0]?.status === 'Up to Date')
  const app = Fastify()
  t.teardown(() => app.close())
  const access: unknown[] = []
  app.addHook('onRoute', ({ config }) => void access.push(config))
  ils.routes?.(app as unknown as ServiceApp, { api: () => one.ils } as Door<Ils>)
  const answer = await app.inject('/api/v1/ils')
  t.equal(answer.statusCode, 200)
  const { lastContact: _, ...hub } = answer.json<IlsStatus>().peers[0] as IlsStatus['peers'][number]
  t.same(hub, { clusterId: 'hub', role: 'hub', status: 'Up to Date', usn: 1 })
  t.match(access[0], { access: 'role', role: 'Standard CCM Read Only' })
})
