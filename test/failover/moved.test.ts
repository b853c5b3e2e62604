// Where a lab listens may change between two starts; what it has written down of its addresses follows.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createClusterClient } from '../../scripts/cluster-client.ts'
import { startRunner } from '../../scripts/lab/runner.ts'
import { oneClusterLab } from './fixtures/one-cluster.ts'

t.test('a lab that is started elsewhere takes the phone services’ addresses along', async (t) => {
  const dataDirectory = t.testdir({})
  /** Starts it, asks it for the service’s URLs, and stops it. */
  const urlsOnce = async () => {
    const running = await startRunner({ lab: oneClusterLab(), dataDirectory, freePorts: true })
    try {
      const { http, https } = running.status().processes.find(({ name }) => name === 'cluster1') ?? {}
      const client = createClusterClient({ name: 'cluster1', http: http ?? '' })
      const [service] = await client.get<{ url: string; secureUrl: string }[]>('/api/v1/phone-services')
      return { http, https, ...service }
    } finally {
      await running.stop()
    }
  }
  const first = await urlsOnce()
  // Nobody remembers where it was.
  rmSync(join(dataDirectory, 'ports.json'))
  const second = await urlsOnce()
  t.not(second.http, first.http)
  for (const { http, https, url, secureUrl } of [first, second]) {
    t.equal(url, `${http}/emapp/EMAppServlet?device=#DEVICENAME#`)
    t.equal(secureUrl, `${https}/emapp/EMAppServlet?device=#DEVICENAME#`)
  }
})
