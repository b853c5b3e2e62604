// A store for tests and for nodes that need not outlive their process.
import type { IlsRecord, StoreChange, StoredOrigin, Version } from '../core/record.ts'
import type { IlsHost, IlsStore } from './api.ts'

/** `fork` copies everything, so that a simulated disk can be cut off at any commit. */
export interface MemoryStore extends IlsStore {
  fork(): MemoryStore
}

interface Held {
  version: Version
  readonly records: Map<string, IlsRecord>
}

export function createMemoryStore(from: Iterable<StoredOrigin> = []): MemoryStore {
  const origins = new Map<string, Held>()
  const keyOf = (kind: string, key: string) => `${kind}\0${key}`
  const apply = (change: StoreChange): void => {
    let held = origins.get(change.origin)
    if (held === undefined || change.type === 'replace') {
      held = { version: change.version, records: new Map() }
      origins.set(change.origin, held)
    }
    held.version = change.version
    for (const record of change.records) held.records.set(keyOf(record.kind, record.key), record)
  }
  for (const { origin, version, records } of from) apply({ type: 'replace', origin, version, records })
  const load = (): StoredOrigin[] =>
    [...origins].map(([origin, { version, records }]) => ({ origin, version, records: [...records.values()] }))
  return {
    load,
    apply,
    version: (origin) => origins.get(origin)?.version,
    find: (origin, kind, key) => origins.get(origin)?.records.get(keyOf(kind, key)),
    records: (origin) => [...(origins.get(origin)?.records.values() ?? [])],
    fork: () => createMemoryStore(load()),
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
