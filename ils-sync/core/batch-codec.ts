// Batches and vectors as they travel. Records are `[usn, kind, key, value]`; they are checked by hand, because a full synchronization
// carries a million of them, and a schema's walk over each would be a third of its time.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { HeldRecord, textOf } from './held-record.ts'
import type { RecordStem } from './held-record.ts'
import { limits } from './limits.ts'
import { nodeIdPattern } from './record.ts'
import type { Batch, Vector } from './record.ts'
import { textWithin } from './value-text.ts'

const NodeId = Type.String({ pattern: nodeIdPattern.source })
const Counter = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const Epoch = Type.Integer({ minimum: 0, maximum: limits.epoch })

export const WireVector = Type.Array(Type.Tuple([NodeId, Epoch, Counter]), { maxItems: limits.origins })
/** The records are looked at by `parseBatches`. */
export const WireBatch = Type.Object({
  origin: NodeId,
  epoch: Epoch,
  from: Counter,
  to: Counter,
  head: Counter,
  records: Type.Array(Type.Unknown()),
})

export function serializeVector(vector: Vector): string {
  return JSON.stringify([...vector].map(([origin, { epoch, usn }]) => [origin, epoch, usn]))
}

export function parseVector(entries: Static<typeof WireVector>): Vector {
  return new Map(entries.map(([origin, epoch, usn]) => [origin, { epoch, usn }]))
}

export function serializeBatch({ origin, epoch, from, to, head, records }: Batch): string {
  const parts: string[] = []
  let kind = ''
  let quotedKind = ''
  for (const record of records) {
    if (record.kind !== kind) {
      kind = record.kind
      quotedKind = JSON.stringify(kind)
    }
    parts.push(`[${record.usn},${quotedKind},${JSON.stringify(record.key)},${textOf(record)}]`)
  }
  const facts = JSON.stringify({ origin, epoch, from, to, head })
  return `${facts.slice(0, -1)},"records":[${parts.join(',')}]}`
}

/** Undefined when numbers contradict each other or a record is none. */
export function parseBatches(wire: readonly Static<typeof WireBatch>[]): readonly Batch[] | undefined {
  const batches: Batch[] = []
  for (const { origin, epoch, from, to, head, records: tuples } of wire) {
    if (to < from || head < to) return undefined
    const records = parseRecords({ origin, epoch, from, to }, tuples)
    if (records === undefined) return undefined
    batches.push({ origin, epoch, from, to, head, records })
  }
  return batches
}

function parseRecords(
  { origin, epoch, from, to }: Pick<Batch, 'origin' | 'epoch' | 'from' | 'to'>,
  tuples: readonly unknown[],
): readonly HeldRecord[] | undefined {
  const records: HeldRecord[] = []
  let stem: RecordStem | undefined
  let last = from
  for (const tuple of tuples) {
    if (!Array.isArray(tuple) || tuple.length !== 4) return undefined
    const [usn, kind, key, value] = tuple as [unknown, unknown, unknown, unknown]
    if (!Number.isSafeInteger(usn) || (usn as number) <= last || (usn as number) > to) return undefined
    if (typeof key !== 'string' || key.length > limits.keyCharacters) return undefined
    if (kind !== stem?.kind) {
      if (typeof kind !== 'string' || kind === '' || kind.length > limits.kindCharacters) return undefined
      stem = { origin, epoch, kind }
    }
    const text = textWithin(value)
    if (text === undefined) return undefined
    last = usn as number
    records.push(new HeldRecord(stem as RecordStem, last, key, text))
  }
  return records
}
