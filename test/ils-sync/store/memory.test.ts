import t from 'tap'
import { createMemoryHost, createMemoryStore } from '../../../ils-sync/store/memory.ts'
import type { MemoryStore } from '../../../ils-sync/store/memory.ts'
import { runStoreTests } from './run-store-tests.ts'

t.test('the memory store is a store', async (t) => {
  runStoreTests(t, {
    create: () => createMemoryStore(),
    reopen: (store) => (store as MemoryStore).fork(),
    write: (_store, work) => work(),
  })
})

t.test('the memory host runs effects after the work, and none of a work that fails', async (t) => {
  const host = createMemoryHost()
  const told: string[] = []
  await host.write(() => {
    host.afterCommit(() => told.push('effect'))
    told.push('work')
  })
  const failing = host.write(() => {
    host.afterCommit(() => told.push('never'))
    throw new Error('no')
  })
  await t.rejects(failing, /no/u)
  t.same(told, ['work', 'effect'])
  t.throws(() => host.afterCommit(() => {}), /outside/u)
})
