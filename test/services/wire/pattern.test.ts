import t from 'tap'
import { dialableSymbols, literalTokens, parsePattern, PatternError, symbolOf } from '../../../services/wire/pattern.ts'

/** Tokens as text again: sets in brackets, `*` any number, `+` one or more. */
function spell(pattern: string): string {
  return parsePattern(pattern)
    .map(({ symbols, optional, repeats }) => {
      const members = [...dialableSymbols].filter((symbol) => (symbolOf(symbol) & symbols) !== 0).join('')
      return `${members === '0123456789' ? 'X' : members}${repeats ? (optional ? '~' : '!') : ''}`
    })
    .join(' ')
}

t.test('the documented wildcards are read', async (t) => {
  for (const [pattern, tokens] of [
    ['1000', '1 0 0 0'],
    ['2XXX', '2 X X X'],
    ['9.1XX', '9 1 X X'],
    ['91!', '9 1 X!'],
    ['91X?', '9 1 X~'],
    ['91X+', '9 1 X!'],
    ['813510[0-5]', '8 1 3 5 1 0 012345'],
    ['813510[012345]', '8 1 3 5 1 0 012345'],
    ['813510[^0-5]', '8 1 3 5 1 0 6789'],
    ['[13-57]', '13457'],
    ['\\+1408.XXX', '+ 1 4 0 8 X X X'],
    ['*33X?*X?#', '* 3 3 X~ * X~ #'],
    ['[*#1]', '1*#'],
    ['AbCd', 'A B C D'],
    ['2xx', '2 X X'],
    ['1000-00X', '1 0 0 0 0 0 X'],
    ['12?3', '1 2~ 3'],
  ] as const) {
    t.equal(spell(pattern), tokens, pattern)
  }
})

t.test('neighbours over the same digits are written in one way', async (t) => {
  t.equal(spell('X?X?'), spell('X?'))
  t.equal(spell('X?X'), 'X!')
  t.equal(spell('X+'), spell('!'))
  t.equal(spell('!X?'), spell('!'))
  t.equal(spell('X!'), 'X X!')
  t.equal(spell('!!'), 'X X!')
  t.equal(spell('1[0-9]'), '1 X')
})

t.test('a pattern that cannot be used says why', async (t) => {
  for (const [pattern, reason] of [
    ['', /blank/u],
    ['. -', /blank/u],
    ['9.@', /"@" \(the numbering plan wildcard\) is not supported/u],
    ['?1', /nothing stands before/u],
    ['+1408', /nothing stands before/u],
    ['1X??', /cannot be repeated/u],
    ['1!+', /cannot be repeated/u],
    ['1[2', /not closed/u],
    ['1[]', /holds nothing/u],
    ['1[^0-9]', /holds nothing/u],
    ['1[5-2]', /not a range/u],
    ['1[2-]', /not a range/u],
    ['1[A]', /"A" cannot stand in a bracket/u],
    ['1]', /"\]" has no meaning/u],
    ['1^2', /"\^" has no meaning/u],
    ['\\1', /backslash/u],
    ['12E', /"E" has no meaning/u],
    ['1é', /has no meaning/u],
    ['1'.repeat(65), /longer than 64/u],
  ] as const) {
    t.throws(() => parsePattern(pattern), { code: 'PATTERN_INVALID', message: reason }, JSON.stringify(pattern))
  }
})

t.test('a directory number is taken literally, its plus too', async (t) => {
  t.equal(literalTokens('+1408')[0]?.symbols, symbolOf('+'))
  t.equal(literalTokens('1*').length, 2)
  t.throws(() => literalTokens('1X'), PatternError)
})

t.test('what cannot be dialled is in no set', async (t) => {
  for (const character of ['X', 'a', 'é', '', '😀', '\u0000'])
    t.equal(symbolOf(character), 0, JSON.stringify(character))
})
