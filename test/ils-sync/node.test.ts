import t from 'tap'
import type { Test } from 'tap'
import type { Notice } from '../../ils-sync/core/notice.ts'
import { createIlsNode } from '../../ils-sync/node.ts'
import type { IlsNodeOptions } from '../../ils-sync/node.ts'
import { createMemoryHost, createMemoryStore } from '../../ils-sync/store/memory.ts'
import { createMemoryNetwork } from '../../ils-sync/transport/memory.ts'
import type { MemoryNetwork } from '../../ils-sync/transport/memory.ts'
import { waitFor } from '../fixtures/wait-for.ts'
import { createRandom } from '../simulation/random.ts'

type Settings = Pick<IlsNodeOptions, 'self' | 'role'> & Partial<IlsNodeOptions>

async function join(t: Test, network: MemoryNetwork, settings: Settings) {
  const host = settings.host ?? createMemoryHost()
  const notices: Notice[] = []
  const wire: (string | undefined)[] = []
  const node = createIlsNode({
    network: 'n',
    password: 'secret',
    transport: network.transport(settings.self),
    store: createMemoryStore(),
    host,
    heartbeatMs: 50,
    synchronizeEveryMs: 0,
    clock: Date,
    onNotice: (notice) => notices.push(notice),
    onWire: (error) => wire.push(error?.code),
    ...settings,
  })
  t.teardown(() => node.stop())
  await node.start()
  node.open()
  return { node, notices, wire, change: (key: string, value: string) => host.write(() => node.change('k', key, value)) }
}

t.test('two spokes and a hub share what they write', async (t) => {
  const network = createMemoryNetwork()
  const hub = await join(t, network, { self: 'hub', role: 'hub' })
  const one = await join(t, network, { self: 'cluster1', role: 'spoke', hub: 'hub' })
  const other = await join(t, network, { self: 'cluster2', role: 'spoke', hub: 'hub' })
  await waitFor('both to have pulled', () =>
    [one, other].every(({ notices }) => notices.some(({ type }) => type === 'pulled')),
  )
  await one.change('a', 'written')
  await waitFor('the record', () => other.node.find('cluster1', 'k', 'a')?.value === 'written')
  await waitFor('all links up to date', () =>
    [hub, one, other].every(({ node }) => node.links().every(({ status }) => status === 'Up to Date')),
  )
  t.equal(hub.node.links().length, 2)
  const lastContact = one.node.links()[0]?.lastContact ?? 0
  t.ok(Math.abs(Date.now() - lastContact) < 5000, 'told in wall clock time')
})

t.test('a node that is cut off says so, and catches up by itself', async (t) => {
  const network = createMemoryNetwork()
  await join(t, network, { self: 'hub', role: 'hub' })
  const one = await join(t, network, { self: 'cluster1', role: 'spoke', hub: 'hub' })
  const other = await join(t, network, { self: 'cluster2', role: 'spoke', hub: 'hub' })
  await waitFor('up to date', () => one.node.links()[0]?.status === 'Up to Date')
  network.cut('cluster1')
  await one.change('a', 'meanwhile')
  await waitFor('the alarm', () => one.notices.some((notice) => notice.type === 'alarm'))
  network.mend('cluster1')
  await waitFor('the record', () => other.node.find('cluster1', 'k', 'a')?.value === 'meanwhile')
  t.same(one.wire, [undefined, 'ILS_TRANSPORT_CUT', undefined])
})

t.test('lost messages only delay: with a third of them gone everything arrives', async (t) => {
  const network = createMemoryNetwork()
  const random = createRandom(1)
  network.tap = () => !random.chance(1 / 3)
  await join(t, network, { self: 'hub', role: 'hub' })
  const one = await join(t, network, { self: 'cluster1', role: 'spoke', hub: 'hub' })
  const other = await join(t, network, { self: 'cluster2', role: 'spoke', hub: 'hub' })
  for (let index = 0; index < 20; index++) await one.change(`key ${index}`, 'x')
  await waitFor('all of them', () => [...other.node.records()].filter(({ kind }) => kind === 'k').length === 20)
})

t.test('a record that could not be stored is forgotten, and pulled again', async (t) => {
  const network = createMemoryNetwork()
  const memory = createMemoryHost()
  let full = false
  const host = {
    ...memory,
    write: <T>(work: () => T) => (full ? Promise.reject<T>(new Error('disk full')) : memory.write(work)),
  }
  const errors: unknown[] = []
  await join(t, network, { self: 'hub', role: 'hub' })
  const one = await join(t, network, { self: 'cluster1', role: 'spoke', hub: 'hub' })
  const store = createMemoryStore()
  const onStoreError = (error: unknown) => errors.push(error)
  const other = await join(t, network, { self: 'cluster2', role: 'spoke', hub: 'hub', host, store, onStoreError })
  await waitFor('up to date', () => other.node.links()[0]?.status === 'Up to Date')
  full = true
  await one.change('a', 'x')
  await waitFor('the failure', () => errors.length > 0)
  t.ok(other.notices.some(({ type }) => type === 'reloaded'))
  full = false
  await waitFor('the record on disk', () => store.find('cluster1', 'k', 'a')?.value === 'x')
})

t.test('a standalone node keeps its own records and asks nobody', async (t) => {
  const host = createMemoryHost()
  const store = createMemoryStore()
  const base = { network: 'n', password: '', heartbeatMs: 50, synchronizeEveryMs: 0, clock: Date, onNotice: () => {} }
  const node = createIlsNode({ ...base, self: 'cluster1', role: 'standalone', store, host })
  await node.start()
  node.open()
  await host.write(() => node.change('k', 'a', 1))
  t.equal(node.find('cluster1', 'k', 'a')?.value, 1)
  t.same(node.links(), [])
  await node.stop()
  await node.stop()

  const again = createIlsNode({ ...base, self: 'cluster1', role: 'standalone', store, host })
  await again.start()
  t.equal(again.find('cluster1', 'k', 'a')?.value, 1, 'after a restart on the same store')
  t.same(again.vector().get('cluster1'), node.vector().get('cluster1'), 'in the same epoch')
})

t.test('names that cannot be cluster IDs are refused', async (t) => {
  const base = {
    role: 'hub' as const,
    network: 'n',
    password: 'p',
    store: createMemoryStore(),
    host: createMemoryHost(),
    heartbeatMs: 50,
    synchronizeEveryMs: 0,
    clock: Date,
    onNotice: () => {},
  }
  for (const self of ['', 'a b', 'ä', 'x'.repeat(51), '__proto__', 'a\nb']) {
    t.throws(() => createIlsNode({ ...base, self }), RangeError, JSON.stringify(self))
  }
})
