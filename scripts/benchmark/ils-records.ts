// A global dial plan of any size, as ILS records in a store: for benchmarks and tests of large replicas.
import { ObjectKind } from '../../services/ils/dial-plan/records.ts'
import type { IlsRecord } from '../../ils-sync/core/data/record.ts'
import type { IlsStore } from '../../ils-sync/store/api.ts'

export interface DialPlanSize {
  /** Clusters that share the objects evenly: `cluster1` and so on. */
  readonly origins: number
  /** Directory URIs in all; every other one has a PSTN failover number. */
  readonly objects: number
}

const epoch = 1_700_000_000_000

export function originNames({ origins }: DialPlanSize): readonly string[] {
  return Array.from({ length: origins }, (_, index) => `cluster${index + 1}`)
}

/** The directory URIs of one cluster, in the order in which it wrote them. */
export function* directoryUris(origin: string, count: number): Generator<IlsRecord> {
  for (let usn = 1; usn <= count; usn++) {
    // In no order that a table would like.
    const user = 100_000 + ((usn * 7919) % 900_000) + 1_000_000 * Math.floor((usn - 1) / 900_000)
    const value = usn % 2 === 0 ? {} : { f: `+1408555${String(usn % 10_000).padStart(4, '0')}` }
    yield { origin, epoch, usn, kind: ObjectKind.directoryUri, key: `user${user}@${origin}.example`, value }
  }
}

/** Inside a write of the store's host: puts all objects of all clusters there, as if they had been learned. */
export function fillStore(store: IlsStore, size: DialPlanSize): void {
  const names = originNames(size)
  names.forEach((origin, index) => {
    const count =
      Math.floor((size.objects * (index + 1)) / names.length) - Math.floor((size.objects * index) / names.length)
    const records = [...directoryUris(origin, count)]
    store.apply({ type: 'replace', origin, version: { epoch, usn: count }, records })
  })
}
