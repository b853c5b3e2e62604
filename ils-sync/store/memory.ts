// A store for tests and for nodes that need not outlive their process.
import { randomUUID } from 'node:crypto'
import type { IlsRecord, StoreChange, StoredOrigin, Version } from '../core/data/record.ts'
import type { IlsHost, IlsStore } from './api.ts'

/** `fork` copies everything, so that a simulated disk can be cut off at any commit. */
export interface MemoryStore extends IlsStore {
  fork(): MemoryStore
}

interface Held {
  version: Version
  unmet: number | undefined
  readonly records: Map<string, IlsRecord>
}

export function createMemoryStore(from: Iterable<StoredOrigin> = [], peerId: string = randomUUID()): MemoryStore {
  const origins = new Map<string, Held>()
  const keyOf = (kind: string, key: string) => `${kind}\0${key}`
  let staged: IlsRecord[] = []
  const unstage = ({ origin, version }: StoreChange): readonly IlsRecord[] => {
    const mine = staged.filter((record) => record.origin === origin)
    staged = staged.filter((record) => record.origin !== origin)
    return mine.filter(({ epoch }) => epoch === version.epoch)
  }
  const apply = (change: StoreChange): void => {
    let held = origins.get(change.origin)
    if (change.type === 'stage') return void staged.push(...change.records)
    if (change.type === 'forget') return void (unstage(change), origins.delete(change.origin))
    if (change.type === 'met') {
      if (held) held.unmet = undefined
      return
    }
    if (held === undefined || change.type === 'replace') {
      held = { version: change.version, unmet: undefined, records: new Map() }
      origins.set(change.origin, held)
    }
    held.version = change.version
    held.unmet = change.unmet ?? held.unmet
    const records = change.type === 'replace' ? [...unstage(change), ...change.records] : change.records
    for (const record of records) held.records.set(keyOf(record.kind, record.key), record)
  }
  for (const stored of from) apply({ type: 'replace', ...stored })
  const load = (): StoredOrigin[] =>
    [...origins].map(([origin, { version, unmet, records }]) => ({
      origin,
      version,
      records: [...records.values()],
      ...(unmet === undefined ? {} : { unmet }),
    }))
  return {
    peerId: () => peerId,
    load,
    origins: load,
    apply,
    version: (origin) => origins.get(origin)?.version,
    find: (origin, kind, key) => origins.get(origin)?.records.get(keyOf(kind, key)),
    records: (origin) => [...(origins.get(origin)?.records.values() ?? [])],
    fork: () => createMemoryStore(load(), peerId),
  }
}

/** A host without a disk: each write stands alone. It runs the effects, but cannot undo what a failing `work` stored. */
export function createMemoryHost(): IlsHost {
  let effects: (() => void)[] | undefined
  return {
    async write(work) {
      const mine: (() => void)[] = []
      effects = mine
      let value
      try {
        value = work()
      } finally {
        effects = undefined
      }
      for (const effect of mine) effect()
      return value
    },
    afterCommit(effect) {
      if (effects === undefined) throw new Error('afterCommit outside of a write')
      effects.push(effect)
    },
  }
}
