// Rows go to disk in batches: one transaction for each, and a savepoint for every row in it. Between batches everybody else has a turn.
import { setImmediate as yieldToOthers, setTimeout as wait } from 'node:timers/promises'
import type { Existing, Outcome, RecordKind } from '../administration/api.ts'
import type { ClusterDatabase } from '../database/api.ts'
import { DatabaseError } from '../database/errors.ts'
import { Problem } from '../problem.ts'
import type { RowFailure } from './api.ts'
import type { Row } from './rows.ts'

/** How long a batch and its commit may keep the event loop, in milliseconds. */
const batchMs = 12
/** Rows of a batch at most: a commit grows with them. */
const largestBatch = 256
/** Hashes that are asked for at once. The hasher works in order of arrival, so a login waits behind no more than these. */
const hashesAtOnce = 2
/** Milliseconds until a hasher that was full is asked again. */
const busyMs = 200

/** How it goes; told after each batch, once that is on disk. */
export interface Progress {
  readonly added: number
  readonly updated: number
  readonly failures: readonly RowFailure[]
  /** That were written; undefined where rows may have changed any phone. */
  readonly phones: readonly string[] | undefined
}

export interface Writing {
  readonly database: Pick<ClusterDatabase, 'write'>
  readonly kind: RecordKind
  readonly existing: Existing
  readonly signal: AbortSignal
  onBatch(progress: Progress): Promise<void>
}

/** A row on its way to disk: a work, or why there is none. */
interface Ready {
  readonly row: Row
  readonly work?: () => Outcome
  readonly wrong?: string
}

/** Writes every row, each whole or not at all. Rejects with what is not a row's own fault, and when `signal` aborts. */
export async function writeRows(rows: AsyncIterable<Row>, writing: Writing): Promise<void> {
  const size = adaptiveSize()
  let batch: Row[] = []
  const flush = async (): Promise<void> => {
    writing.signal.throwIfAborted()
    const ready = await prepareAll(batch, writing)
    batch = []
    const { progress, tookMs } = await writeBatch(ready, writing)
    size.learn(ready.length, tookMs)
    await writing.onBatch(progress)
    await yieldToOthers()
  }
  for await (const row of rows) {
    batch.push(row)
    if (batch.length >= size.now()) await flush()
  }
  if (batch.length > 0) await flush()
}

/** Grows and shrinks with how long batches take. */
function adaptiveSize() {
  let size = 8
  return {
    now: () => size,
    learn(rows: number, tookMs: number) {
      const fitting = Math.floor((rows * batchMs) / Math.max(tookMs, 0.1))
      size = Math.max(1, Math.min(largestBatch, fitting, size * 2))
    },
  }
}

async function prepareAll(rows: readonly Row[], writing: Writing): Promise<readonly Ready[]> {
  const ready: Ready[] = []
  const places = rows.entries()
  const worker = async (): Promise<void> => {
    for (const [place, row] of places) ready[place] = await prepare(row, writing)
  }
  await Promise.all(Array.from({ length: hashesAtOnce }, worker))
  return ready
}

async function prepare(row: Row, { kind, existing, signal }: Writing): Promise<Ready> {
  if (row.wrong !== undefined) return { row, wrong: row.wrong }
  for (;;) {
    try {
      return { row, work: await kind.prepare(row.record, existing) }
    } catch (error) {
      if (!(error instanceof Problem) || error.facts.status !== 503) return { row, wrong: reasonOf(error) }
      await wait(busyMs, undefined, { signal })
    }
  }
}

async function writeBatch(ready: readonly Ready[], { database, kind }: Writing) {
  let startedAt = 0
  const writing = ready.map(({ row, work, wrong }) => {
    if (work === undefined) return { row, failed: wrong ?? '' }
    const timed = (): Outcome => {
      startedAt ||= performance.now()
      return work()
    }
    return database.write(timed).then(
      (outcome) => ({ row, outcome }),
      (error: unknown) => ({ row, failed: reasonOf(error) }),
    )
  })
  const results = await Promise.all(writing)
  // With the commit, which keeps the event loop as well.
  const tookMs = startedAt === 0 ? 0 : performance.now() - startedAt
  const written = results.flatMap((one) => ('outcome' in one ? [one] : []))
  const failures = results.flatMap(({ row, ...one }) =>
    'failed' in one ? [{ line: row.line, key: row.key, reason: one.failed }] : [],
  )
  const added = written.filter(({ outcome }) => outcome === 'added').length
  const phones = kind.phoneOf && written.map(({ row }) => kind.phoneOf?.(row.record) ?? '')
  const progress: Progress = { added, updated: written.length - added, failures, phones }
  return { progress, tookMs }
}

/** Whatever is the row's own fault, in one sentence. Throws what is not. */
function reasonOf(error: unknown): string {
  if (error instanceof Problem) return error.message
  const isRowsFault = error instanceof DatabaseError && rowFaults.has(error.code)
  if (isRowsFault) return error.message
  throw error
}

const rowFaults: ReadonlySet<string> = new Set([
  'DATABASE_DUPLICATE',
  'DATABASE_NOT_FOUND',
  'DATABASE_UNKNOWN_REFERENCE',
  'DATABASE_INVALID',
])
