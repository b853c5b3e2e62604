import { array, assert, constantFrom, oneof, property, record, string, uniqueArray } from 'fast-check'
import t from 'tap'
import {
  compileDialPlan,
  DigitAnalysis,
  searchOrder,
} from '../../../../services/callmanager/digit-analysis/digit-analysis.ts'
import { PatternTrie } from '../../../../services/wire/pattern-trie.ts'
import { parsePattern } from '../../../../services/wire/pattern.ts'
import { matchesByHand, numbersByHand } from '../fixtures/by-hand.ts'

/** Patterns by partition; the trunk is named like the pattern. */
function analysisOf(patterns: Record<string, readonly string[]>): DigitAnalysis {
  const analysis = new DigitAnalysis()
  for (const [partition, list] of Object.entries(patterns)) {
    for (const pattern of list) analysis.addRoutePattern(pattern, partition, pattern)
  }
  return analysis
}

function best(analysis: DigitAnalysis, digits: string, partitions?: readonly string[]): string | undefined {
  const ranks = partitions === undefined ? undefined : searchOrder(new Map([['css', partitions]]), 'css', '')
  const match = analysis.analyse(digits, ranks)
  return match?.kind === 'routePattern' ? `${match.partition}:${match.pattern}` : match?.dn
}

t.test('of the patterns that match, the one that matches the fewest numbers wins', async (t) => {
  const analysis = analysisOf({ '': ['1XXX', '12XX', '121X', '1234'] })
  t.equal(best(analysis, '1000'), ':1XXX')
  t.equal(best(analysis, '1200'), ':12XX')
  t.equal(best(analysis, '1212'), ':121X')
  t.equal(best(analysis, '1234'), ':1234')
  t.equal(best(analysis, '12345'), undefined)
  t.equal(best(analysis, '123'), undefined)
})

t.test('of a pattern of any length only numbers as long as the dialled one count', async (t) => {
  const analysis = analysisOf({ '': ['1[3-5]XX', '15!'] })
  t.equal(best(analysis, '1515'), ':15!')
  t.equal(best(analysis, '1315'), ':1[3-5]XX')
  t.equal(best(analysis, '15'), undefined)
  t.equal(best(analysis, '151'), ':15!')
})

t.test('the closest match counts over all partitions, their order only between equally close ones', async (t) => {
  const analysis = analysisOf({ Internal: ['2XXX'], Emergency: ['200X', '2XXX'], '': ['2XXX', '2000'] })
  t.equal(best(analysis, '2100', ['Internal', 'Emergency']), 'Internal:2XXX')
  t.equal(best(analysis, '2100', ['Emergency', 'Internal']), 'Emergency:2XXX')
  t.equal(best(analysis, '2001', ['Internal', 'Emergency']), 'Emergency:200X')
  t.equal(best(analysis, '2001', ['Internal']), 'Internal:2XXX')
  t.equal(best(analysis, '2000', ['Internal']), ':2000', '<None> is open to everybody')
  t.equal(best(analysis, '2100', []), ':2XXX')
})

t.test('<None> is searched last, also when a search space does not name it', async (t) => {
  const analysis = analysisOf({ '': ['3XXX'], Internal: ['3XXX'] })
  t.equal(best(analysis, '3000', ['Internal']), 'Internal:3XXX')
  t.equal(best(analysis, '3000', ['', 'Internal']), 'Internal:3XXX')
  t.equal(best(analysis, '3000'), 'Internal:3XXX', 'from a trunk')
})

t.test('the line’s calling search space comes before the device’s', async (t) => {
  const spaces = new Map([
    ['line', ['A', 'B']],
    ['device', ['B', 'C', '']],
  ])
  t.strictSame([...searchOrder(spaces, 'line', 'device').keys()], ['A', 'B', 'C', ''])
  t.strictSame([...searchOrder(spaces, '', 'device').keys()], ['B', 'C', ''])
  t.strictSame([...searchOrder(spaces, 'gone', '').keys()], [''])
})

t.test('a directory number is closer than any wildcard and its plus is a plus', async (t) => {
  const analysis = new DigitAnalysis()
  analysis.addRoutePattern('\\+1XXX', '', 'trunk')
  analysis.addLine('+1408', '')
  analysis.addRoutePattern('1+', '', 'ones')
  t.equal(best(analysis, '+1408'), '+1408')
  t.equal(best(analysis, '+1409'), ':\\+1XXX')
  t.equal(best(analysis, '1111'), ':1+')
})

t.test('one unusable pattern does not take the others with it', async (t) => {
  const reported: string[] = []
  const analysis = compileDialPlan(
    {
      lines: { list: () => [{ pkid: '', dn: '1000001', partition: '', devices: [], deviceProfiles: [] }] },
      dialPlan: {
        routePatterns: () => [
          { pattern: '9.@', partition: '', trunk: 'a' },
          { pattern: '2XXX', partition: '', trunk: 'b' },
        ],
      },
    } as unknown as Parameters<typeof compileDialPlan>[0],
    (error) => reported.push(error.pattern),
  )
  t.strictSame(reported, ['9.@'])
  t.equal(best(analysis, '2000'), ':2XXX')
  t.equal(best(analysis, '1000001'), '1000001')
})

const piece = oneof(
  constantFrom('0', '1', '2', '*', '#', 'X', 'X', '!', '[0-2]', '[^1]', '[12]', '.', '\\+'),
  constantFrom('0?', '1+', 'X?', 'X+', '[01]?', '[12]+'),
)
const pattern = array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''))
const digits = string({ unit: constantFrom('0', '1', '2', '3', '*', '#', '+'), minLength: 1, maxLength: 6 })

t.test('the trie agrees with a regular expression for each pattern', async () => {
  assert(
    property(uniqueArray(pattern, { maxLength: 12 }), array(digits, { maxLength: 8 }), (patterns, dialled) => {
      const usable = patterns.filter((one) => one.replaceAll('.', '') !== '')
      const trie = new PatternTrie()
      for (const one of usable) trie.add(parsePattern(one))
      for (const number of dialled) {
        const found = [...trie.match(number)].sort((a, b) => a - b)
        const expected = [...usable.keys()].filter((index) => matchesByHand(usable[index] ?? '', number))
        if (found.join() !== expected.join())
          throw new Error(`${number}: ${found.join()} instead of ${expected.join()}`)
      }
    }),
    { numRuns: 500 },
  )
})

t.test('the best match agrees with counting all numbers by hand', async () => {
  const shortNumber = string({ unit: constantFrom('0', '1', '2'), minLength: 1, maxLength: 3 })
  const partition = constantFrom('', 'A', 'B', 'C')
  const entries = array(record({ pattern, partition }), { maxLength: 8 })
  const spaces = uniqueArray(constantFrom('A', 'B', 'C'), { maxLength: 3 })
  assert(
    property(entries, spaces, shortNumber, (listed, order, number) => {
      const usable = listed.filter((one) => one.pattern.replaceAll('.', '') !== '')
      const analysis = new DigitAnalysis()
      for (const [index, one] of usable.entries()) analysis.addRoutePattern(one.pattern, one.partition, String(index))
      const ranks = searchOrder(new Map([['css', order]]), 'css', '')
      const expected = usable
        .map((one, index) => {
          const { pattern: text, partition: of } = one
          return { pattern: text, partition: of, index, numbers: numbersByHand(text, number.length) }
        })
        .filter((one) => ranks.has(one.partition) && matchesByHand(one.pattern, number))
        .sort((a, b) => a.numbers - b.numbers || rankOf(a) - rankOf(b) || a.index - b.index)[0]
      const match = analysis.analyse(number, ranks)
      const found = match?.kind === 'routePattern' ? match.trunk : undefined
      if (found !== expected?.index.toString()) throw new Error(`${found} instead of ${expected?.index}`)

      function rankOf(one: { partition: string }): number {
        return ranks.get(one.partition) ?? 99
      }
    }),
    { numRuns: 150 },
  )
})

t.test('a pattern made to explode does not: work grows with the number alone', async (t) => {
  const analysis = analysisOf({ '': ['[01]?[12]?'.repeat(6), 'X?1X?2X?3'] })
  const startedAt = performance.now()
  for (let n = 0; n < 100; n += 1) best(analysis, '1'.repeat(64))
  t.ok(performance.now() - startedAt < 10_000, 'by many orders of magnitude')
})
