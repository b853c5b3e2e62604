import * as fc from 'fast-check'
import { SaxesParser } from 'saxes'
import t from 'tap'
import { escapeXml } from '../../../services/wire/xml-text.ts'

function readBack(document: string): { text: string; attribute: string } {
  const found = { text: '', attribute: '' }
  const parser = new SaxesParser()
  parser.on('text', (text) => (found.text += text))
  parser.on('opentag', ({ attributes }) => (found.attribute = String(attributes['a'])))
  parser.on('error', (error) => {
    throw error
  })
  parser.write(document).close()
  return found
}

t.test('markup is escaped, and what XML 1.0 forbids is dropped', async (t) => {
  t.equal(escapeXml(`<Tom & "Kally's">`), '&lt;Tom &amp; &quot;Kally&apos;s&quot;&gt;')
  t.equal(escapeXml('a\u0000b\u001Fc\uD800d\uFFFEe\uFFFF'), 'abcde')
  t.equal(escapeXml('Jürgen 日本 😀\t\n'), 'Jürgen 日本 😀\t\n')
})

t.test('an XML reader gets back what was written, between tags and in an attribute', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
      const { text: between, attribute } = readBack(`<x a="${escapeXml(text)}">${escapeXml(text)}</x>`)
      const kept = text.replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
      const oneKindOfLineEnd = kept.replaceAll(/\r\n?/gu, '\n')
      return between === oneKindOfLineEnd && attribute === oneKindOfLineEnd.replaceAll(/[\t\n]/gu, ' ')
    }),
    { seed: 3, numRuns: 2000 },
  )
})
