// The CSV file of a catalog: every line is right, or none is imported and the first wrong one is named.
import { isUtf8 } from 'node:buffer'
import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { CatalogEntryType } from '../../database/api.ts'
import type { CatalogEntry, PatternFailover } from '../../database/api.ts'
import { isPatternType, storedCatalogFailover, storedCatalogPattern } from '../../database/dial-plan-rules.ts'
import { DatabaseError } from '../../database/errors.ts'
import { Problem } from '../../problem.ts'
import { parseCell, serializeRecord } from '../../wire/csv.ts'

const header = ['PatternType', 'PSTNFailover', 'Pattern'] as const

/** Bytes of one file at most; a file of as many entries as there may be is smaller. */
export const largestCatalog = 32 * 1024 * 1024
/** They are all in memory before the first one is imported. */
const mostEntries = 250_000
const longestLine = 1024
/** Of a file that is handed to csv-parse at a time, so that others have their turn meanwhile. */
const pieceBytes = 65_536

/** As csv-parse hands it out with `info`. */
interface Parsed {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

/** All entries, in order of the file. Rejects with Problem (413, 422) that names the line, the column and the reason. */
export async function readCatalog(bytes: Buffer): Promise<readonly CatalogEntry[]> {
  if (!isUtf8(bytes)) throw notACatalog('The file is not valid UTF-8; save it as CSV UTF-8.')
  const entries: CatalogEntry[] = []
  const lines = new Map<string, number>()
  let isHeaderRead = false
  try {
    for await (const { record, info } of parsedLines(bytes)) {
      if (isHeaderRead) entries.push(readEntry(record, info.lines, lines))
      else requireHeader(record)
      isHeaderRead = true
      if (entries.length > mostEntries) throw tooManyEntries()
    }
  } catch (error) {
    throw asProblem(error)
  }
  if (!isHeaderRead) requireHeader([])
  return entries
}

/** The file that `readCatalog` reads to these entries. */
export function* catalogFile(entries: Iterable<CatalogEntry>): Generator<string> {
  yield serializeRecord(header)
  for (const { type, pattern, failover } of entries) yield serializeRecord([type, spelled(failover), pattern])
}

/** One entry of each type, for people to begin with. */
export const sampleEntries: readonly CatalogEntry[] = [
  { type: CatalogEntryType.directoryUri, pattern: 'kally@partner.example', failover: '+14085550300' },
  { type: CatalogEntryType.enterpriseNumber, pattern: '85550301', failover: '' },
  { type: CatalogEntryType.e164Number, pattern: '+14085550302', failover: '+14085550302' },
  {
    type: CatalogEntryType.enterprisePattern,
    pattern: '8666XXXX',
    failover: { use: 'Strip Digits and Prepend Digits', stripDigits: 1, prependDigits: '+1408' },
  },
  {
    type: CatalogEntryType.e164Pattern,
    pattern: '\\+1408777XXXX',
    failover: { use: 'Use Pattern as PSTN Failover' },
  },
]

function parsedLines(bytes: Buffer): AsyncIterable<Parsed> {
  const parser = parse({ bom: true, info: true, relax_column_count: true, max_record_size: longestLine })
  return Readable.from(piecesOf(bytes)).pipe(parser) as unknown as AsyncIterable<Parsed>
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

function requireHeader(cells: readonly string[]): void {
  if (cells.length === header.length && header.every((column, place) => cells[place] === column)) return
  throw notACatalog(`Line 1: the header is ${header.join(',')}, exactly so.`)
}

/** `lines` holds where each entry was first. */
function readEntry(cells: readonly string[], line: number, lines: Map<string, number>): CatalogEntry {
  if (cells.length !== header.length) {
    throw notACatalog(`Line ${line}: it has ${cells.length} cells, the header ${header.length}.`)
  }
  const [givenType = '', givenFailover = '', givenPattern = ''] = cells.map(parseCell)
  const type = Object.values(CatalogEntryType).find((one) => one === givenType)
  if (type === undefined) {
    const known = Object.values(CatalogEntryType).join(', ')
    throw notACatalog(`Line ${line}, column PatternType: ${JSON.stringify(givenType)} is none of: ${known}.`)
  }
  const where = (column: string) => `Line ${line}, column ${column}`
  const pattern = storedCatalogPattern(type, givenPattern, where('Pattern'))
  const rule = isPatternType(type) ? readRule(givenFailover, where('PSTNFailover')) : givenFailover
  const failover = storedCatalogFailover(type, rule, where('PSTNFailover'))
  const key = `${type}\t${pattern}`
  const first = lines.get(key)
  if (first !== undefined) throw notACatalog(`${where('Pattern')}: ${type} ${pattern} is on line ${first} already.`)
  lines.set(key, line)
  return { type, pattern, failover }
}

const stripAndPrepend = /^Strip:(\d{1,2}) Prepend:(.{0,65})$/u

function readRule(text: string, where: string): PatternFailover {
  if (text === '' || text === "Don't Use PSTN Failover") return { use: "Don't Use PSTN Failover" }
  if (text === 'Use Pattern as PSTN Failover') return { use: text }
  const [, stripDigits, prependDigits] = stripAndPrepend.exec(text) ?? []
  if (stripDigits === undefined || prependDigits === undefined) {
    const known = 'nothing, "Use Pattern as PSTN Failover" or "Strip:1 Prepend:+1408"'
    throw notACatalog(`${where}: ${JSON.stringify(text)} is none of: ${known}.`)
  }
  return { use: 'Strip Digits and Prepend Digits', stripDigits: Number(stripDigits), prependDigits }
}

function spelled(failover: CatalogEntry['failover']): string {
  if (typeof failover === 'string') return failover
  if (failover.use !== 'Strip Digits and Prepend Digits') {
    return failover.use === 'Use Pattern as PSTN Failover' ? failover.use : ''
  }
  return `Strip:${failover.stripDigits} Prepend:${failover.prependDigits}`
}

function notACatalog(detail: string, cause?: unknown): Problem {
  return new Problem({ status: 422, title: 'Not a catalog', detail: `${detail} Nothing has been imported.` }, { cause })
}

function tooManyEntries(): Problem {
  const detail = `The file has more than ${mostEntries} entries; make several catalogs of it. Nothing has been imported.`
  return new Problem({ status: 413, title: 'Payload Too Large', detail })
}

function asProblem(error: unknown): unknown {
  if (error instanceof DatabaseError) return notACatalog(sentence(error.message), error)
  if (!(error instanceof CsvError)) return error
  const { lines } = error as CsvError & { readonly lines?: number }
  return notACatalog(`Line ${lines ?? 0}: ${reasons[error.code] ?? 'it is not CSV.'}`, error)
}

function sentence(message: string): string {
  return message.endsWith('.') ? message : `${message}.`
}

const reasons: Readonly<Record<string, string>> = {
  CSV_MAX_RECORD_SIZE: `the line is longer than ${longestLine} characters; a quote may be missing.`,
  CSV_QUOTE_NOT_CLOSED: 'a quoted cell does not end.',
  CSV_INVALID_CLOSING_QUOTE: 'something follows the quote that ends a cell.',
  INVALID_OPENING_QUOTE: 'a quote stands inside a cell that does not begin with one.',
}
