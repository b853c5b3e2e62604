// Batches and vectors as they travel. Records are in columns, numbers, keys and values, and a kind is said once for all that follow
// one another: a full synchronization carries a million of them, and an array for each would be half of its time. For the same reason
// they are checked by hand, not by a schema.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { HeldRecord, textOf } from '../data/held-record.ts'
import { limits } from '../limits.ts'
import { nodeIdPattern } from '../data/record.ts'
import type { Batch, Vector } from '../data/record.ts'
import { isName, textWithin } from '../data/value-text.ts'

const NodeId = Type.String({ pattern: nodeIdPattern.source })
const Counter = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const Epoch = Type.Integer({ minimum: 0, maximum: limits.epoch })

export const WireVector = Type.Array(Type.Tuple([NodeId, Epoch, Counter]), { maxItems: limits.vectorOrigins })
/** The columns are looked at by `parseBatches`. */
export const WireBatch = Type.Object({
  origin: NodeId,
  epoch: Epoch,
  from: Counter,
  to: Counter,
  head: Counter,
  usns: Type.Array(Type.Unknown()),
  /** `[kind, how many]`. */
  kinds: Type.Array(Type.Unknown()),
  keys: Type.Array(Type.Unknown()),
  values: Type.Array(Type.Unknown()),
})
type Columns = Pick<Static<typeof WireBatch>, 'usns' | 'kinds' | 'keys' | 'values'>

export function serializeVector(vector: Vector): string {
  return JSON.stringify([...vector].map(([origin, { epoch, usn }]) => [origin, epoch, usn]))
}

export function parseVector(entries: Static<typeof WireVector>): Vector {
  return new Map(entries.map(([origin, epoch, usn]) => [origin, { epoch, usn }]))
}

export function serializeBatch({ origin, epoch, from, to, head, records }: Batch): string {
  const usns: number[] = []
  const kinds: [kind: string, count: number][] = []
  const keys: string[] = []
  const values: string[] = []
  for (const record of records) {
    const { kind } = record
    const run = kinds.at(-1)
    if (run?.[0] === kind) run[1] += 1
    else kinds.push([kind, 1])
    usns.push(record.usn)
    keys.push(record.key)
    values.push(textOf(record))
  }
  const facts = JSON.stringify({ origin, epoch, from, to, head, usns, kinds, keys })
  return `${facts.slice(0, -1)},"values":[${values.join(',')}]}`
}

/** Undefined when numbers contradict each other or a record is none. */
export function parseBatches(wire: readonly Static<typeof WireBatch>[]): readonly Batch[] | undefined {
  const batches: Batch[] = []
  for (const { origin, epoch, from, to, head, ...columns } of wire) {
    if (to < from || head < to) return undefined
    const records = parseRecords({ origin, epoch, from, to }, columns)
    if (records === undefined) return undefined
    batches.push({ origin, epoch, from, to, head, records })
  }
  return batches
}

function parseRecords(
  { origin, epoch, from, to }: Pick<Batch, 'origin' | 'epoch' | 'from' | 'to'>,
  { usns, kinds, keys, values }: Columns,
): readonly HeldRecord[] | undefined {
  const records: HeldRecord[] = []
  let last = from
  for (const run of kinds) {
    if (!isRun(run)) return undefined
    const [kind, count] = run
    const stem = { origin, epoch, kind }
    const end = records.length + count
    if (end > usns.length) return undefined
    for (let place = records.length; place < end; place++) {
      const usn = usns[place]
      const key = keys[place]
      if (!Number.isSafeInteger(usn) || (usn as number) <= last || (usn as number) > to) return undefined
      if (typeof key !== 'string' || !isName(key, limits.keyCharacters)) return undefined
      // An absent one has no text either.
      const text = textWithin(values[place])
      if (text === undefined) return undefined
      last = usn as number
      records.push(new HeldRecord(stem, last, key, text))
    }
  }
  const alike = usns.length === records.length && keys.length === records.length && values.length === records.length
  return alike ? records : undefined
}

function isRun(run: unknown): run is readonly [kind: string, count: number] {
  if (!Array.isArray(run) || run.length !== 2) return false
  const [kind, count] = run as [unknown, unknown]
  if (typeof kind !== 'string' || kind === '' || !isName(kind, limits.kindCharacters)) return false
  return Number.isSafeInteger(count) && (count as number) > 0
}
