// What every store of ILS must do; run by each implementation's own test.
import type { Test } from 'tap'
import type { IlsRecord, StoreChange } from '../../../ils-sync/core/data/record.ts'
import type { IlsStore } from '../../../ils-sync/store/api.ts'

export interface StoreSetup {
  /** An empty store. */
  create(t: Test): IlsStore
  /** What is found after a restart. */
  reopen(store: IlsStore): IlsStore
  /** One transaction, committed. */
  write(store: IlsStore, work: () => void): void
}

const record = (origin: string, usn: number, key: string, value: IlsRecord['value']): IlsRecord => ({
  origin,
  epoch: 1,
  usn,
  kind: 'k',
  key,
  value,
})

const records = (origin: string, usn: number, ...list: IlsRecord[]): StoreChange => ({
  type: 'records',
  origin,
  version: { epoch: 1, usn },
  records: list,
})

export function runStoreTests(t: Test, { create, reopen, write }: StoreSetup): void {
  const sorted = (list: readonly IlsRecord[]) => [...list].sort((a, b) => a.usn - b.usn)

  t.test('what was written is there after a restart, values and versions unchanged', async (t) => {
    const store = create(t)
    const value = { text: 'Zoë «1000-001»', list: [1, true, null], nested: { deep: {} } }
    write(store, () => {
      store.apply(records('cluster1', 7, record('cluster1', 3, 'bob', value), record('cluster1', 5, 'gone', null)))
      store.apply({ type: 'replace', origin: 'cluster2', version: { epoch: 1_700_000_000_000, usn: 0 }, records: [] })
    })
    const found = reopen(store)
    t.same(found.version('cluster1'), { epoch: 1, usn: 7 })
    t.same(found.version('cluster2'), { epoch: 1_700_000_000_000, usn: 0 })
    t.equal(found.version('cluster3'), undefined)
    t.same(
      sorted(found.records('cluster1')).map((one) => one.value),
      [value, null],
    )
    t.same(
      found
        .load()
        .map(({ origin }) => origin)
        .sort(),
      ['cluster1', 'cluster2'],
    )
  })

  t.test('a record supersedes the one of the same kind and key, of its own origin only', async (t) => {
    const store = create(t)
    write(store, () => store.apply(records('cluster1', 1, record('cluster1', 1, 'bob', 1))))
    write(store, () => store.apply(records('cluster2', 1, record('cluster2', 1, 'bob', 2))))
    write(store, () => store.apply(records('cluster1', 2, record('cluster1', 2, 'bob', 3))))
    const found = reopen(store)
    t.equal(found.find('cluster1', 'k', 'bob')?.value, 3)
    t.equal(found.find('cluster2', 'k', 'bob')?.value, 2)
    t.equal(found.records('cluster1').length, 1)
  })

  t.test('a new epoch drops everything of the old one, of that origin only', async (t) => {
    const store = create(t)
    write(store, () => {
      store.apply(records('cluster1', 2, record('cluster1', 1, 'a', 1), record('cluster1', 2, 'b', 2)))
      store.apply(records('cluster2', 1, record('cluster2', 1, 'a', 9)))
    })
    const version = { epoch: 2, usn: 1 }
    write(store, () =>
      store.apply({
        type: 'replace',
        origin: 'cluster1',
        version,
        records: [{ ...record('cluster1', 1, 'b', 3), epoch: 2 }],
      }),
    )
    const found = reopen(store)
    t.same(
      found.records('cluster1').map(({ key, value, epoch }) => [key, value, epoch]),
      [['b', 3, 2]],
    )
    t.equal(found.records('cluster2').length, 1)
  })

  t.test('a new epoch that comes in parts shows itself when the last of them is there', async (t) => {
    const store = create(t)
    const version = { epoch: 2, usn: 2 }
    const next = (usn: number, key: string) => ({ ...record('cluster1', usn, key, 3), epoch: 2 })
    const stage = (part: IlsRecord) =>
      store.apply({ type: 'stage', origin: 'cluster1', version: { epoch: part.epoch, usn: part.usn }, records: [part] })
    const keys = (found: IlsStore) => sorted(found.records('cluster1')).map(({ key, epoch }) => `${key} ${epoch}`)
    write(store, () => store.apply(records('cluster1', 1, record('cluster1', 1, 'old', 1))))
    write(store, () => stage({ ...next(1, 'of an epoch that was given up'), epoch: 1 }))
    write(store, () => stage(next(1, 'a')))
    t.same(keys(store), ['old 1'])
    t.same(store.version('cluster1'), { epoch: 1, usn: 1 })
    write(store, () => store.apply({ type: 'replace', origin: 'cluster1', version, records: [next(2, 'b')] }))
    t.same(keys(store), ['a 2', 'b 2'])
    t.same(store.version('cluster1'), version)

    write(store, () => stage({ ...next(1, 'of the next one'), epoch: 3 }))
    const found = reopen(store)
    t.same(keys(found), ['a 2', 'b 2'], 'and what was never completed is gone after a restart')
    t.same(found.version('cluster1'), version)
  })

  t.test('what a running write has written, it sees', async (t) => {
    const store = create(t)
    write(store, () => {
      store.apply(records('cluster1', 1, record('cluster1', 1, 'bob', 1)))
      t.equal(store.find('cluster1', 'k', 'bob')?.value, 1)
      t.equal(store.records('cluster1').length, 1)
    })
  })

  t.test('what peers can know at most is kept until one was met, or a new epoch begins', async (t) => {
    const store = create(t)
    const unmet = (found: IlsStore) => found.load().find(({ origin }) => origin === 'cluster1')?.unmet
    write(store, () =>
      store.apply({ ...records('cluster1', 7, record('cluster1', 7, 'bob', 1)), unmet: 6 } as StoreChange),
    )
    write(store, () => store.apply(records('cluster1', 8, record('cluster1', 8, 'bob', 2))))
    let found = reopen(store)
    t.equal(unmet(found), 6)
    const version = { epoch: 1, usn: 99 }
    write(found, () => found.apply({ type: 'met', origin: 'cluster1', version, records: [] }))
    found = reopen(found)
    t.equal(unmet(found), undefined)
    t.same(found.version('cluster1'), { epoch: 1, usn: 8 }, 'nothing else has changed')
    write(found, () => found.apply({ ...records('cluster1', 9), unmet: 8 } as StoreChange))
    write(found, () => found.apply({ type: 'replace', origin: 'cluster1', version: { epoch: 2, usn: 0 }, records: [] }))
    t.equal(unmet(reopen(found)), undefined)
  })

  t.test('an origin that is forgotten was never heard of', async (t) => {
    const store = create(t)
    const version = { epoch: 1, usn: 1 }
    write(store, () => store.apply(records('cluster1', 1, record('cluster1', 1, 'bob', 1))))
    write(store, () => store.apply(records('cluster2', 1, record('cluster2', 1, 'alice', 1))))
    write(store, () => store.apply({ type: 'forget', origin: 'cluster1', version, records: [] }))
    const found = reopen(store)
    t.equal(found.version('cluster1'), undefined)
    t.equal(found.find('cluster1', 'k', 'bob'), undefined)
    t.equal(found.records('cluster2').length, 1)
  })
}
