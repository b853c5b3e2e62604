import t from 'tap'
import { countMatches, countQuickly } from '../../../services/wire/count-matches.ts'
import { parsePattern } from '../../../services/wire/pattern.ts'

const count = (pattern: string, length: number): number => Number(countMatches(parsePattern(pattern), length))

t.test('numbers of the dialled length are counted, each once', async (t) => {
  t.equal(count('1234', 4), 1)
  t.equal(count('1234', 5), 0)
  t.equal(count('12XX', 4), 100)
  t.equal(count('1[3-5]XX', 4), 300)
  t.equal(count('15!', 4), 100, 'of ! only numbers as long as the dialled one')
  t.equal(count('15!', 2), 0)
  t.equal(count('15X?', 2), 1)
  t.equal(count('1+', 7), 1)
  t.equal(count('X?1', 3), 100)
  t.equal(count('X?1X?', 2), 19, '1X and X1 share 11')
  t.equal(count('!', 30), 1e30)
})

t.test('a pattern made to blow the count up is still counted, by its ways', async (t) => {
  const nasty = `X?${'1'}${'X'.repeat(40)}X?`
  t.ok(countMatches(parsePattern(nasty), 50) > 0n)
  const alternating = '[01]?[12]?'.repeat(6)
  t.ok(countMatches(parsePattern(alternating), 40) > 0n)
})

t.test('counted quickly, a pattern is as specific as it is, or less', async (t) => {
  const exact = [
    '1234',
    '12XX',
    '15!',
    '15X?',
    '1+',
    'X?1',
    '!',
    '[1-3]!#',
    '9?[12]',
    'X[^5]XX?',
    '\\+1408!',
    'X'.repeat(64),
  ]
  for (const pattern of exact) {
    for (const length of [1, 2, 3, 4, 5, 9, 30, 64, 100]) {
      const quick = countQuickly(parsePattern(pattern), length)
      t.equal(BigInt(quick), countMatches(parsePattern(pattern), length), `${pattern} of ${length}`)
      t.equal(typeof quick, quick <= Number.MAX_SAFE_INTEGER ? 'number' : 'bigint')
    }
  }
  for (const pattern of ['X?1X?', '[01]?[12]?', '[12]![23]![34]!', '1?2?3?4?', '[1-5]+[3-9]?#']) {
    for (const length of [1, 2, 3, 4, 9, 30]) {
      const quick = BigInt(countQuickly(parsePattern(pattern), length))
      t.ok(quick >= countMatches(parsePattern(pattern), length), `${pattern} of ${length}`)
    }
  }
  t.equal(countQuickly(parsePattern('1?2?3?4?'), 3), Number(countMatches(parsePattern('1?2?3?4?'), 3)))
  t.ok(countQuickly(parsePattern('[01]?[12]?'.repeat(6)), 10_000) <= Number.MAX_VALUE, 'never more than a number')
})
