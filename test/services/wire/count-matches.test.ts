import t from 'tap'
import { countMatches } from '../../../services/wire/count-matches.ts'
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
