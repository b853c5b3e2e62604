import * as fc from 'fast-check'
import t from 'tap'
import { limits } from '../../../../ils-sync/core/limits.ts'
import { textWithin } from '../../../../ils-sync/core/data/value-text.ts'

const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`)

t.test('values that records have are their JSON', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 20 }), (value) => textWithin(value) === JSON.stringify(value))),
  )
})

t.test(
  'what is nested deeper, or longer, than any reader should have to walk is refused and never throws',
  async (t) => {
    t.ok(textWithin(nested(limits.valueDepth)))
    for (const depth of [limits.valueDepth + 1, 5000, 30_000, 200_000]) t.equal(textWithin(nested(depth)), undefined)
    t.equal(textWithin({ a: { b: nested(limits.valueDepth) } }), undefined)
    t.equal(textWithin('x'.repeat(limits.valueCharacters)), undefined)
    t.equal(textWithin(undefined), undefined)
  },
)
