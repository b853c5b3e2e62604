// Joining, moving and leaving at run time, on running nodes.
import t from 'tap'
import type { Test } from 'tap'
import type { Notice } from '../../ils-sync/core/notice.ts'
import { createIlsNode } from '../../ils-sync/node.ts'
import type { IlsNodeOptions } from '../../ils-sync/node.ts'
import type { IlsHost } from '../../ils-sync/store/api.ts'
import { createMemoryHost, createMemoryStore } from '../../ils-sync/store/memory.ts'
import { createMemoryNetwork } from '../../ils-sync/transport/memory.ts'
import type { MemoryNetwork } from '../../ils-sync/transport/memory.ts'
import { waitFor } from '../fixtures/wait-for.ts'

type Settings = Pick<IlsNodeOptions, 'self' | 'membership'> & Partial<IlsNodeOptions>

async function join(t: Test, network: MemoryNetwork, settings: Settings) {
  const host: IlsHost = settings.host ?? createMemoryHost()
  const store = settings.store ?? createMemoryStore()
  const notices: Notice[] = []
  const node = createIlsNode({
    network: 'n',
    authentication: { mode: 'password', password: 'secret' },
    transport: network.transport(settings.self),
    heartbeatMs: 50,
    synchronizeEveryMs: 0,
    clock: Date,
    onNotice: (notice) => notices.push(notice),
    ...settings,
    store,
    host,
  })
  t.teardown(() => node.stop())
  await node.start()
  node.open()
  const upToDate = (peer: string) => () =>
    node.links().some((link) => link.peer === peer && link.status === 'Up to Date')
  const say = (key: string, value: string) => host.write(() => node.change('k', key, value))
  return { node, store, notices, upToDate, say }
}

t.test('a standalone cluster joins, moves to another hub, becomes a hub itself, and leaves', async (t) => {
  const network = createMemoryNetwork()
  const hubA = await join(t, network, { self: 'huba', membership: { role: 'hub' } })
  const hubB = await join(t, network, { self: 'hubb', membership: { role: 'hub', registrationServer: 'huba' } })
  const bob = await join(t, network, { self: 'cluster1', membership: { role: 'standalone' } })
  await bob.say('bob', 'before')
  t.same(bob.node.links(), [])

  t.same(await bob.node.setMembership({ role: 'spoke', hub: 'huba' }), { told: [], untold: [] })
  await waitFor('both hubs to know bob', () =>
    [hubA, hubB].every(({ node }) => node.find('cluster1', 'k', 'bob')?.value === 'before'),
  )
  t.match(hubB.node.find('cluster1', 'peer-info', 'cluster1')?.value, {
    role: 'spoke',
    hub: 'huba',
    peerId: bob.store.peerId(),
  })

  await bob.node.setMembership({ role: 'spoke', hub: 'hubb' })
  await waitFor('the new link', bob.upToDate('hubb'))
  await waitFor('the old one to be over', () => !hubA.node.links().some(({ peer }) => peer === 'cluster1'))

  await bob.node.setMembership({ role: 'hub', registrationServer: 'hubb' })
  await waitFor('the mesh', () => bob.upToDate('huba')() && bob.upToDate('hubb')())
  t.ok(bob.node.links().every(({ role, peerId }) => role === 'hub' && peerId !== undefined))
  await waitFor('their clocks', () => bob.node.links().every(({ clockOffsetMs }) => clockOffsetMs !== undefined))

  const left = await bob.node.setMembership({ role: 'standalone' })
  t.same({ ...left, told: left.told.toSorted() }, { told: ['huba', 'hubb'], untold: [] }, 'it says when it is done')
  t.same([bob.node.links(), bob.node.lag()], [[], []])
  t.same([...bob.node.vector().keys()], ['cluster1'])
  t.equal(bob.node.find('cluster1', 'k', 'bob')?.value, 'before')
  for (const { node } of [hubA, hubB]) t.equal(node.find('cluster1', 'k', 'bob'), undefined)
})

t.test('changes of place take their turn, and the last one counts', async (t) => {
  const network = createMemoryNetwork()
  await join(t, network, { self: 'huba', membership: { role: 'hub' } })
  const bob = await join(t, network, { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } })
  await waitFor('up to date', bob.upToDate('huba'))
  const [left, back] = await Promise.all([
    bob.node.setMembership({ role: 'standalone' }),
    bob.node.setMembership({ role: 'spoke', hub: 'huba' }),
  ])
  t.same(
    [left, back],
    [
      { told: ['huba'], untold: [] },
      { told: [], untold: [] },
    ],
  )
  await waitFor('up to date again', bob.upToDate('huba'))
})

t.test('bad places are refused, and change nothing', async (t) => {
  const network = createMemoryNetwork()
  await join(t, network, { self: 'huba', membership: { role: 'hub' } })
  const bob = await join(t, network, { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } })
  await waitFor('up to date', bob.upToDate('huba'))
  for (const membership of [
    { role: 'spoke', hub: '' },
    { role: 'spoke', hub: 'cluster1' },
    { role: 'spoke', hub: 'x'.repeat(51) },
    { role: 'hub', registrationServer: 'a b' },
    { role: 'hub', hubs: ['huba', 'ä'] },
  ] as const) {
    await t.rejects(bob.node.setMembership(membership), RangeError, JSON.stringify(membership))
  }
  t.ok(bob.upToDate('huba')())
})

t.test('a place that could not be written is not taken', async (t) => {
  const network = createMemoryNetwork()
  const memory = createMemoryHost()
  let full = false
  const host: IlsHost = {
    ...memory,
    write: <T>(work: () => T) => (full ? Promise.reject<T>(new Error('disk full')) : memory.write(work)),
  }
  await join(t, network, { self: 'huba', membership: { role: 'hub' } })
  const bob = await join(t, network, { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' }, host })
  await waitFor('up to date', bob.upToDate('huba'))
  full = true
  await t.rejects(bob.node.setMembership({ role: 'standalone' }), /disk full/u)
  full = false
  await bob.say('bob', 'still here')
  await waitFor('up to date', bob.upToDate('huba'))
  t.same(await bob.node.setMembership({ role: 'standalone' }), { told: ['huba'], untold: [] }, 'and can be taken later')
})

t.test('a node that stops while it leaves says whom it could not tell; afterwards nothing changes', async (t) => {
  const network = createMemoryNetwork()
  await join(t, network, { self: 'huba', membership: { role: 'hub' } })
  const bob = await join(t, network, { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } })
  await waitFor('up to date', bob.upToDate('huba'))
  network.tap = () => false
  const leaving = bob.node.setMembership({ role: 'standalone' })
  await waitFor('it to have left', () => [...bob.node.vector().keys()].length === 1)
  await bob.node.stop()
  t.same(await leaving, { told: [], untold: ['huba'] })
  await t.rejects(bob.node.setMembership({ role: 'hub' }), /has stopped/u)
})

t.test('a cluster whose role was changed while it was down takes its place at the start', async (t) => {
  const network = createMemoryNetwork()
  const hub = await join(t, network, { self: 'huba', membership: { role: 'hub' } })
  const before = await join(t, network, { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } })
  await waitFor('up to date', before.upToDate('huba'))
  await before.say('bob', 'x')
  await waitFor('the hub to know', () => hub.node.find('cluster1', 'k', 'bob') !== undefined)
  await before.node.stop()
  const after = await join(t, network, { self: 'cluster1', membership: { role: 'standalone' }, store: before.store })
  t.same([...after.node.vector().keys()], ['cluster1'], 'it keeps nothing of the network')
  t.equal(after.node.find('cluster1', 'k', 'bob')?.value, 'x')
  await waitFor('the disk to have forgotten', () => before.store.load().length === 1)
})

t.test('lag is told in numbers and seconds, and ends', async (t) => {
  const network = createMemoryNetwork()
  const hub = await join(t, network, { self: 'huba', membership: { role: 'hub' } })
  const bob = await join(t, network, { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } })
  await waitFor('up to date', bob.upToDate('huba'))
  // The bigger messages are those with records.
  network.tap = (from, _to, bytes) => from !== 'cluster1' || bytes.length < 600
  for (let index = 0; index < 5; index++) await bob.say(`key ${index}`, 'x'.repeat(600))
  await waitFor('the hub to know that it is behind', () => hub.node.lag().length === 1)
  const [lag] = hub.node.lag()
  t.equal(lag?.origin, 'cluster1')
  t.equal(lag?.usns, 5)
  await waitFor('time to pass', () => (hub.node.lag()[0]?.seconds ?? 0) > 0.1)
  network.tap = () => true
  await waitFor('it to have caught up', () => hub.node.lag().length === 0)
})
