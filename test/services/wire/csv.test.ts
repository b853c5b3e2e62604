import { array, assert, property, string } from 'fast-check'
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { parseCell, serializeRecord } from '../../../services/wire/csv.ts'

t.test('cells are quoted where RFC 4180 asks for it, and records end with CRLF', async (t) => {
  t.equal(serializeRecord(['plain', 'a,b', 'say "hi"', 'two\nlines', '']), 'plain,"a,b","say ""hi""","two\nlines",\r\n')
})

t.test('what a spreadsheet would run gets an apostrophe, which goes again', async (t) => {
  for (const cell of ['=1+1', '+49', '-1', '@SUM(A1)', '\tx', '\rx', '\n=1', '＝1', '＠SUM(A1)', "'=1", "''+1"]) {
    const written = serializeRecord([cell])
    t.match(written, /^"?'/u, cell)
    t.equal(parseCell(`'${cell}`), cell)
  }
  for (const cell of ["'quoted", "it's", '1-1', "'"]) {
    t.equal(parseCell(cell), cell)
    t.equal(serializeRecord([cell]), `${cell}\r\n`)
  }
})

t.test('whatever is written is read back, and nothing that is written is a formula', async (t) => {
  assert(
    property(array(string({ unit: 'grapheme' }), { minLength: 2, maxLength: 6 }), (cells) => {
      const [record = []] = parse(serializeRecord(cells), { record_delimiter: '\r\n' }) as string[][]
      t.same(record.map(parseCell), cells)
      t.notOk(record.some((cell) => /^[=+\-@]/u.test(cell)))
    }),
    { numRuns: 300, seed: 4180 },
  )
})
