// From bytes to records: csv-parse finds the rows, the header says what their cells are, the kind's schema says whether they make sense.
import type { Readable } from 'node:stream'
import { Ajv } from 'ajv'
import { CsvError, parse } from 'csv-parse'
import type { RecordKind } from '../administration/api.ts'
import { Problem } from '../problem.ts'
import { describeSchemaErrors } from '../wire/schema-errors.ts'
import type { SchemaError } from '../wire/schema-errors.ts'
import { readHeader } from './columns.ts'
import type { ReadRow } from './columns.ts'

/** Characters of one row at most. */
const longestRow = 65_536

/** Rows of one file at most: each that fails is a line of the report, which would outgrow a file of empty rows forty times. */
const mostRows = 250_000

/** A row of the file: a record, or what is wrong with it. */
export type Row = { readonly line: number; readonly key: string } & (
  | { readonly record: unknown; readonly wrong?: undefined }
  | { readonly record?: undefined; readonly wrong: string }
)

/** As csv-parse hands it out with `info`. */
interface Parsed {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

/**
 * Looks the whole file through and resolves with the number of its rows, the header not counted. Rejects with Problem (422) for what is
 * no CSV: where a quote is wrong nobody knows where the next row begins, so nothing of such a file is written.
 */
export async function inspect(bytes: Readable, kind: RecordKind): Promise<number> {
  let rows = -1
  try {
    for await (const { record } of parsedRows(bytes)) {
      rows++
      if (rows === 0) readHeader(kind.schema, record)
      if (rows > mostRows) throw tooManyRows()
    }
  } catch (error) {
    throw asProblem(error)
  }
  if (rows >= 0) return rows
  const detail = 'The file must begin with a row that names its columns.'
  throw new Problem({ status: 422, title: 'Not these columns', detail })
}

function tooManyRows(): Problem {
  const detail = `The file has more than ${mostRows} rows; send it in parts, each with the header.`
  return new Problem({ status: 413, title: 'Payload Too Large', detail })
}

/** Every row after the header, in order of the file. */
export async function* readRows(bytes: Readable, kind: RecordKind): AsyncGenerator<Row> {
  const check = recordCheck(kind)
  let header: { readonly length: number; readonly readCells: ReadRow } | undefined
  for await (const { record, info } of parsedRows(bytes)) {
    if (header) yield readRow(record, info.lines, { ...header, kind, check })
    else header = { length: record.length, readCells: readHeader(kind.schema, record) }
  }
}

function parsedRows(bytes: Readable): AsyncIterable<Parsed> {
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: longestRow,
  })
  bytes.on('error', (error) => parser.destroy(error))
  return bytes.pipe(parser).on('close', () => bytes.destroy()) as unknown as AsyncIterable<Parsed>
}

interface Reading {
  readonly length: number
  readonly readCells: ReadRow
  readonly kind: RecordKind
  readonly check: (record: unknown) => string | undefined
}

function readRow(cells: readonly string[], lastLine: number, { length, readCells, kind, check }: Reading): Row {
  const line = lastLine - cells.reduce((breaks, cell) => breaks + cell.split('\n').length - 1, 0)
  const record = readCells(cells)
  const key = String(kind.keyOf(record) ?? '')
  if (cells.length !== length) return { line, key, wrong: `The row has ${cells.length} cells, the header ${length}.` }
  const wrong = check(record)
  return wrong === undefined ? { line, key, record } : { line, key, wrong }
}

/** The sentence about a record, undefined for one that is right. Repeats no value: it may be a PIN. */
function recordCheck({ schema }: RecordKind): (record: unknown) => string | undefined {
  const ours = { strict: false, meta: false, validateSchema: false, logger: false } as const
  const isRight = new Ajv({ ...ours, allErrors: true, verbose: true }).compile(schema)
  return (record) => {
    if (isRight(record)) return undefined
    return describeSchemaErrors((isRight.errors ?? []) as SchemaError[], '')
  }
}

function asProblem(error: unknown): unknown {
  const { code, lines } = error as CsvError & { readonly lines?: number }
  const reason = reasons[code]
  if (!(error instanceof CsvError) || reason === undefined) return error
  return new Problem({ status: 422, title: 'Not CSV', detail: `Line ${lines ?? 0}: ${reason}` }, { cause: error })
}

const reasons: Readonly<Record<string, string>> = {
  CSV_MAX_RECORD_SIZE: `the row is longer than ${longestRow} characters; a quote may be missing.`,
  CSV_QUOTE_NOT_CLOSED: 'a quoted cell does not end.',
  CSV_INVALID_CLOSING_QUOTE: 'something follows the quote that ends a cell.',
  INVALID_OPENING_QUOTE: 'a quote stands inside a cell that does not begin with one.',
}
