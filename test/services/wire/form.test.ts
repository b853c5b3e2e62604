import * as fc from 'fast-check'
import t from 'tap'
import { isFormProblem, parseForm, parseQuery, serializeForm } from '../../../services/wire/form.ts'
import type { FormLimits } from '../../../services/wire/form.ts'

const limits: FormLimits = { fields: 8, bytes: 512 }
const wide: FormLimits = { fields: 1000, bytes: 100_000 }
const raw: FormLimits = { fields: 4, bytes: 16_384, rawField: 'xml' }

const read = (text: string, within = limits) => {
  const form = parseForm(text, within)
  return isFormProblem(form) ? form : Object.fromEntries(form)
}

t.test('a form is read as every client writes it', async (t) => {
  t.same(read('userid=bob&oldpin=12345'), { userid: 'bob', oldpin: '12345' })
  t.same(read('a+b=c+d%2Be'), { 'a b': 'c d+e' }, 'a plus is a space, an encoded one is a plus')
  t.same(read('userid=j%C3%BCrgen%40example.com'), { userid: 'jürgen@example.com' })
  t.same(read('a=1&&b=2&'), { a: '1', b: '2' }, 'empty parts are left out')
  t.same(read('a=b=c&d&e='), { a: 'b=c', d: '', e: '' })
  t.same(read('a=%EF%BF%BD'), { a: '\uFFFD' }, 'a client may mean this character')
  t.same(read(''), {})
})

t.test('what cannot be read is reported by its field, and no value is repeated', async (t) => {
  t.same(read('pin=%G1'), { problem: 'encoding', field: 'pin' })
  t.same(read('pin=123%'), { problem: 'encoding', field: 'pin' })
  t.same(read('pin=%E9t%E9'), { problem: 'encoding', field: 'pin' }, 'Latin-1')
  t.same(read('pin=%C0%AF'), { problem: 'encoding', field: 'pin' }, 'an overlong form')
  t.same(read('pin=%ED%A0%80'), { problem: 'encoding', field: 'pin' }, 'half a surrogate pair')
  t.same(read('%FF=1'), { problem: 'encoding', field: '' })
  t.same(read('pin=\uFFFD'), { problem: 'encoding', field: '' }, 'bytes that the decoder of the body could not read')
  t.same(read('pin=1&userid=bob&p%69n=2'), { problem: 'duplicate', field: 'pin' })
  t.same(read('a=1&b=2&c=3', { fields: 2, bytes: 9 }), { problem: 'tooManyFields', field: 'c' })
})

t.test('the limit of a field counts bytes of UTF-8, of names too', async (t) => {
  const short: FormLimits = { fields: 2, bytes: 6 }
  const tooLong = { problem: 'tooLong', field: 'a' }
  t.same(read('a=123456', short), { a: '123456' })
  t.same(read('a=1234567', short), tooLong)
  t.same(read('a=ééé', short), { a: 'ééé' })
  t.same(read('a=éééé', short), tooLong)
  t.same(read('a=日本', short), { a: '日本' })
  t.same(read('a=日本x', short), tooLong)
  t.same(read('a=😀12', short), { a: '😀12' })
  t.same(read('a=😀😀', short), tooLong)
  t.same(read('abcdefg=1', short), { problem: 'tooLong', field: '' })
})

t.test('a document that is sent without encoding is one field, whatever is in it', async (t) => {
  const document = '<query a="b=c"><x>Tom&amp;Kally</x></query>'
  t.same(read(`xml=${document}`, raw), { xml: document })
  t.same(read(`xml=${document}\r\n`, raw), { xml: `${document}\r\n` }, 'readers of XML skip the line end')
  t.same(read(`xml=${document}&check=true`, raw), { xml: document, check: 'true' })
  t.same(read(`check=true&xml=${document}`, raw), { check: 'true', xml: document })
  t.same(read(`xml=${encodeURIComponent(document)}&x=1`, raw), { xml: document, x: '1' })
  t.same(read(`xml=${document}&xml=${document}`, raw), { xml: `${document}&xml=${document}` }, 'no XML: refused there')
  t.same(read(`xml=${encodeURIComponent(document)}&xml=1`, raw), { problem: 'duplicate', field: 'xml' })
  t.same(read('xml=<a&b=1', raw), { xml: '<a', b: '1' })
  t.same(read('a=1>2&xml=<a&b=1', raw), { a: '1>2', xml: '<a', b: '1' }, 'what stood before does not count')
  t.same(read('yxml=<a>&amp;</a>', raw), { yxml: '<a>', 'amp;</a>': '' }, 'only that field')
})

t.test('a query is what follows the first question mark', async (t) => {
  const query = (target: string) => {
    const form = parseQuery(target, limits)
    return isFormProblem(form) ? form : Object.fromEntries(form)
  }
  t.same(query('/a/b?device=SEP000000010001&x=a?b'), { device: 'SEP000000010001', x: 'a?b' })
  t.same(query('/a/b'), {})
  t.same(query('/a/b?'), {})
  t.same(query('/a?userid=jürgen'), { problem: 'encoding', field: '' }, 'a target has ASCII alone')
})

t.test('whatever is serialised is read back', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 })
  const fields = fc.uniqueArray(fc.tuple(text, text), { selector: ([name]) => name, maxLength: 20 })
  fc.assert(
    fc.property(fields, (list) => {
      // A field without name and value leaves nothing on the wire.
      const form = list.filter(([name]) => name !== '')
      const back = parseForm(serializeForm(form), wide)
      return !isFormProblem(back) && JSON.stringify([...back]) === JSON.stringify(form)
    }),
    { seed: 3, numRuns: 2000 },
  )
})

t.test('whatever comes is read as URLSearchParams reads it, or refused', async (t) => {
  const piece = fc.constantFrom('a', 'xml', '=', '&', '%', '%4', '%41', '%C3%BC', '%ff', '+', '<', '>', 'ü', '\n', '\0')
  const refused = new Set<string>()
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
      const text = pieces.join('')
      const form = parseForm(text, wide)
      const reference = [...new URLSearchParams(text.replace(/^\?/u, ''))]
      if (!isFormProblem(form)) return JSON.stringify([...form]) === JSON.stringify(reference)
      refused.add(form.problem)
      if (form.problem === 'duplicate') return new Set(reference.map(([name]) => name)).size < reference.length
      return form.problem === 'encoding' && text.includes('%')
    }),
    { seed: 3, numRuns: 20_000 },
  )
  t.same([...refused].sort(), ['duplicate', 'encoding'])
})
