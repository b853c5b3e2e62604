// The rows of a CSV file that failed, with the reason beside each: to be put right and sent again as they are.
import { createReadStream, createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parse } from 'csv-parse'
import type { RowFailure } from '../services/bulk-administration/api.ts'
import { failureColumn } from '../services/bulk-administration/columns.ts'
import { parseCell, serializeRecord } from '../services/wire/csv.ts'

/**
 * Writes them to `target`, for its owner's eyes only: rows may hold PINs.
 */
export async function writeFailedRows(source: string, target: string, failures: readonly RowFailure[]): Promise<void> {
  const reasons = new Map(failures.map(({ line, reason }) => [line, reason]))
  const failed = Readable.from(failedRows(source, reasons))
  await pipeline(failed, createWriteStream(target, { mode: 0o600 }))
}

async function* failedRows(source: string, reasons: ReadonlyMap<number, string>): AsyncGenerator<string> {
  const rows = createReadStream(source).pipe(
    parse({ bom: true, info: true, relax_column_count: true, skip_empty_lines: true }),
  ) as unknown as AsyncIterable<{ readonly record: readonly string[]; readonly info: { readonly lines: number } }>
  let header: readonly string[] | undefined
  for await (const { record, info } of rows) {
    if (header === undefined) {
      header = record
      yield serializeRecord(withReason(header, header, failureColumn))
      continue
    }
    const reason = reasons.get(info.lines - record.reduce((breaks, cell) => breaks + cell.split('\n').length - 1, 0))
    if (reason === undefined) continue
    yield serializeRecord(withReason(header, record, reason))
  }
}

/** In place of the reason of last time, if there is one. */
function withReason(header: readonly string[], cells: readonly string[], reason: string): readonly string[] {
  const others = cells.filter((_cell, place) => header[place]?.trim() !== failureColumn)
  return [...others.map(parseCell), reason]
}
