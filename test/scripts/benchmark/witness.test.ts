import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { Witness } from '../../../scripts/benchmark/scale/witness.ts'
import { createClusterClient } from '../../../scripts/cluster-client.ts'

t.test('a login is seen everywhere when the last of the others has it', async (t) => {
  const clusters = await pretended(t, 'cluster1', 'cluster2', 'cluster3')
  const witness = await watching(t, clusters)
  const onDisk = witness.loggedIn('bob')
  const seen = witness.seenEverywhere('bob', { by: 'cluster1', at: 'cluster1' })
  clusters.cluster1.tell({ type: 'login', userId: 'bob', monotonicMs: 10 })
  clusters.cluster1.tell({ type: 'ilsLocation', userId: 'bob', location: 'cluster1', source: 'local', monotonicMs: 99 })
  clusters.cluster3.tell({
    type: 'ilsLocation',
    userId: 'bob',
    location: 'cluster1',
    source: 'learned',
    monotonicMs: 30,
  })
  clusters.cluster3.tell({
    type: 'ilsLocation',
    userId: 'bob',
    location: 'cluster1',
    source: 'learned',
    monotonicMs: 55,
  })
  clusters.cluster2.tell({
    type: 'ilsLocation',
    userId: 'alice',
    location: 'cluster1',
    source: 'learned',
    monotonicMs: 60,
  })
  clusters.cluster2.tell({
    type: 'ilsLocation',
    userId: 'bob',
    location: 'cluster1',
    source: 'learned',
    monotonicMs: 20,
  })
  t.equal(await onDisk, 10)
  t.equal(await seen, 30)
})

t.test('a logout is seen when bob is at home again, even if that is where he was', async (t) => {
  const clusters = await pretended(t, 'cluster1', 'cluster2')
  const witness = await watching(t, clusters)
  const gone = witness.seenEverywhere('bob', { by: 'cluster1', at: null })
  clusters.cluster2.tell({
    type: 'ilsLocation',
    userId: 'bob',
    location: 'cluster1',
    source: 'learned',
    monotonicMs: 5,
  })
  clusters.cluster2.tell({ type: 'ilsLocation', userId: 'bob', location: 'cluster1', source: 'home', monotonicMs: 7 })
  t.equal(await gone, 7)
})

t.test('it says who has not seen it, and one change of a person is awaited at a time', async (t) => {
  const clusters = await pretended(t, 'cluster1', 'cluster2', 'cluster3')
  const witness = await watching(t, clusters)
  void witness.seenEverywhere('bob', { by: 'cluster2', at: 'cluster2' }).catch(() => {})
  t.equal(witness.waitingFor(), 'bob at cluster1, cluster3')
  t.throws(
    () => witness.seenEverywhere('bob', { by: 'cluster1', at: null }),
    /a change of bob is being awaited already/u,
  )
})

t.test('a cluster that dies ends the waiting', async (t) => {
  const clusters = await pretended(t, 'cluster1', 'cluster2')
  const witness = await watching(t, clusters)
  const seen = witness.seenEverywhere('bob', { by: 'cluster1', at: 'cluster1' })
  clusters.cluster2.die()
  await t.rejects(seen, /the events of cluster2 ended/u)
})

interface Pretended {
  readonly name: string
  readonly http: string
  tell(event: object): void
  die(): void
}

/** Clusters that have nothing but events, and refuse every login with one. */
async function pretended<Name extends string>(test: Test, ...names: Name[]): Promise<Record<Name, Pretended>> {
  const all = await Promise.all(names.map(async (name) => [name, await pretend(test, name)] as const))
  return Object.fromEntries(all) as Record<Name, Pretended>
}

async function pretend(test: Test, name: string): Promise<Pretended> {
  const readers = new Set<ServerResponse>()
  const tell = (event: object) => {
    for (const reader of readers) reader.write(`data: ${JSON.stringify(event)}\n\n`)
  }
  const server = createServer((request, response) => {
    if (request.url === '/api/v1/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': here\n\n')
      readers.add(response)
      return
    }
    tell({ type: 'loginRefused', userId: 'nobody', monotonicMs: 0 })
    response.writeHead(404, { 'content-type': 'application/problem+json' }).end('{"status":404,"detail":"nobody"}')
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const die = () => {
    for (const reader of readers) reader.end()
    server.close()
    server.closeAllConnections()
  }
  test.teardown(die)
  return { name, http: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tell, die }
}

async function watching(test: Test, clusters: Record<string, Pretended>): Promise<Witness> {
  const witness = new Witness()
  test.teardown(() => witness.stop())
  for (const { name, http } of Object.values(clusters)) await witness.watch(createClusterClient({ name, http }))
  return witness
}
