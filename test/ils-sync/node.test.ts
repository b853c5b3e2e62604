import 'reflect-metadata'
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
import { createAuthority } from './fixtures/identities.ts'

type Settings = Pick<IlsNodeOptions, 'self' | 'membership'> & Partial<IlsNodeOptions>

async function join(t: Test, network: MemoryNetwork, settings: Settings) {
  const host = settings.host ?? createMemoryHost()
  const notices: Notice[] = []
  const wire: (string | undefined)[] = []
  const node = createIlsNode({
    network: 'n',
    authentication: { mode: 'password', password: 'secret' },
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
  const hub = await join(t, network, { self: 'hub', membership: { role: 'hub' } })
  const one = await join(t, network, { self: 'cluster1', membership: { role: 'spoke', hub: 'hub' } })
  const other = await join(t, network, { self: 'cluster2', membership: { role: 'spoke', hub: 'hub' } })
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
  await join(t, network, { self: 'hub', membership: { role: 'hub' } })
  const one = await join(t, network, { self: 'cluster1', membership: { role: 'spoke', hub: 'hub' } })
  const other = await join(t, network, { self: 'cluster2', membership: { role: 'spoke', hub: 'hub' } })
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
  await join(t, network, { self: 'hub', membership: { role: 'hub' } })
  const one = await join(t, network, { self: 'cluster1', membership: { role: 'spoke', hub: 'hub' } })
  const other = await join(t, network, { self: 'cluster2', membership: { role: 'spoke', hub: 'hub' } })
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
  await join(t, network, { self: 'hub', membership: { role: 'hub' } })
  const one = await join(t, network, { self: 'cluster1', membership: { role: 'spoke', hub: 'hub' } })
  const store = createMemoryStore()
  const onStoreError = (error: unknown) => errors.push(error)
  const other = await join(t, network, {
    self: 'cluster2',
    membership: { role: 'spoke', hub: 'hub' },
    host,
    store,
    onStoreError,
  })
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
  const base = {
    network: 'n',
    authentication: { mode: 'password' as const, password: '' },
    heartbeatMs: 50,
    synchronizeEveryMs: 0,
    clock: Date,
    onNotice: () => {},
  }
  const node = createIlsNode({ ...base, self: 'cluster1', membership: { role: 'standalone' }, store, host })
  await node.start()
  node.open()
  await host.write(() => node.change('k', 'a', 1))
  t.equal(node.find('cluster1', 'k', 'a')?.value, 1)
  t.same(node.links(), [])
  await node.stop()
  await node.stop()

  const again = createIlsNode({ ...base, self: 'cluster1', membership: { role: 'standalone' }, store, host })
  await again.start()
  t.equal(again.find('cluster1', 'k', 'a')?.value, 1, 'after a restart on the same store')
  t.same(again.vector().get('cluster1'), node.vector().get('cluster1'), 'in the same epoch')
})

t.test('names that cannot be cluster IDs are refused', async (t) => {
  const base = {
    membership: { role: 'hub' } as const,
    network: 'n',
    authentication: { mode: 'password', password: 'p' } as const,
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

t.test('a node is not made with less than its way to authenticate needs', async (t) => {
  const base = {
    self: 'cluster1',
    membership: { role: 'hub' } as const,
    network: 'n',
    store: createMemoryStore(),
    host: createMemoryHost(),
    heartbeatMs: 50,
    synchronizeEveryMs: 0,
    clock: Date,
    onNotice: () => {},
  }
  const certificates = await (await createAuthority()).member('cluster1')
  for (const authentication of [
    { mode: 'password' },
    { mode: 'certificates' },
    { mode: 'both', password: 'p' },
    { mode: 'both', certificates },
  ] as const) {
    t.throws(() => createIlsNode({ ...base, authentication }), RangeError, JSON.stringify(Object.keys(authentication)))
  }
})

t.test('nodes share by certificates, and by both', async (t) => {
  const lab = await createAuthority()
  for (const mode of ['certificates', 'both'] as const) {
    const network = createMemoryNetwork()
    const of = async (self: string) => ({
      self,
      authentication: { mode, password: 'p', certificates: await lab.member(self) },
    })
    await join(t, network, { ...(await of('hub')), membership: { role: 'hub' } })
    const one = await join(t, network, { ...(await of('cluster1')), membership: { role: 'spoke', hub: 'hub' } })
    const other = await join(t, network, { ...(await of('cluster2')), membership: { role: 'spoke', hub: 'hub' } })
    const guest = { authentication: { mode: 'password', password: 'p' } } as const
    const third = await join(t, network, { ...guest, self: 'cluster3', membership: { role: 'spoke', hub: 'hub' } })
    await waitFor('both up to date', () => [one, other].every(({ node }) => node.links()[0]?.status === 'Up to Date'))
    await one.change('a', mode)
    await waitFor('the record', () => other.node.find('cluster1', 'k', 'a')?.value === mode)
    await waitFor('the alarm of who does it otherwise', () =>
      third.notices.some((notice) => notice.type === 'alarm' && notice.alarm.name === 'ILSTLSAuthenticationFailed'),
    )
    t.equal(third.node.find('cluster1', 'k', 'a'), undefined, `who knows the password alone learns nothing, by ${mode}`)
  }
})
