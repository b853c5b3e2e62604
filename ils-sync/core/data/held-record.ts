// Records as a node holds them: there may be a million, so each is four words, and its value stays the JSON text as which it came
// and in which it is stored and sent on.
import { deepFreeze } from './record.ts'
import type { IlsRecord, JsonValue } from './record.ts'

/** What many records have in common. */
export interface RecordStem {
  readonly origin: string
  readonly epoch: number
  readonly kind: string
}

/** The value of a record that was deleted. */
export const tombstone = 'null'
const empty = '{}'

export class HeldRecord implements IlsRecord {
  readonly stem: RecordStem
  readonly usn: number
  readonly key: string
  /** The value as JSON. */
  readonly text: string

  /** `text` must be valid JSON. */
  constructor(stem: RecordStem, usn: number, key: string, text: string) {
    this.stem = stem
    this.usn = usn
    this.key = key
    // The two most frequent ones are kept once.
    this.text = text === empty ? empty : text === tombstone ? tombstone : text
  }

  get origin(): string {
    return this.stem.origin
  }

  get epoch(): number {
    return this.stem.epoch
  }

  get kind(): string {
    return this.stem.kind
  }

  /** Parsed at each reading, and frozen. */
  get value(): JsonValue {
    return deepFreeze(JSON.parse(this.text) as JsonValue)
  }

  get deleted(): boolean {
    return this.text === tombstone
  }

  toJSON(): IlsRecord {
    const { origin, epoch, usn, kind, key, value } = this
    return { origin, epoch, usn, kind, key, value }
  }
}

/** The same record in the form in which it is held; `stem` is used when it is of the same origin, epoch and kind. */
export function hold(record: IlsRecord, stem?: RecordStem): HeldRecord {
  if (record instanceof HeldRecord) return record
  const { origin, epoch, kind } = record
  const fits = stem?.kind === kind && stem.origin === origin && stem.epoch === epoch
  return new HeldRecord(fits ? stem : { origin, epoch, kind }, record.usn, record.key, textOf(record))
}

/** The value as JSON, the same for any form of a record. */
export function textOf(record: IlsRecord): string {
  return record instanceof HeldRecord ? record.text : JSON.stringify(record.value)
}
