// What is not well-formed, what would make a parser fetch or grow, and that one bad document says nothing about the next.
import * as fc from 'fast-check'
import t from 'tap'
import { isEmApiProblem, parseEmApiRequest } from '../../../../services/wire/em-api/index.ts'

const document =
  '<request><appInfo><appID>emproxy</appID><appCertificate>secret</appCertificate></appInfo>' +
  '<login><deviceName>SEP00AABBCCDDEE</deviceName><userID>bob</userID></login></request>'

function refused(text: string): string {
  const parsed = parseEmApiRequest(text)
  return isEmApiProblem(parsed) ? `${parsed.code} ${parsed.problem}` : 'taken'
}

t.test('entities are never declared, expanded or fetched', async (t) => {
  const bomb = ['<!ENTITY a0 "ha">', ...Array.from({ length: 20 }, (_, i) => `<!ENTITY a${i + 1} "&a${i};&a${i};">`)]
  const withUser = (user: string) => document.replace('bob', user)
  for (const subset of [
    bomb.join(''),
    '<!ENTITY x SYSTEM "file:///etc/passwd">',
    '<!ENTITY % x SYSTEM "http://127.0.0.1/x.dtd"> %x;',
    '<!ELEMENT request ANY>',
    '',
  ]) {
    const text = `<!DOCTYPE request [${subset}]>${withUser('&a20;')}`
    t.match(refused(text), /^1 (?:the document type has declarations|the document is not well-formed)/u, subset)
  }
  t.match(refused(`<!DOCTYPE request SYSTEM "a.dtd" [<!ENTITY x "bob">]>${withUser('&x;')}`), /^1 the document type/u)
  t.match(refused(withUser('&nbsp;')), /^1 the document is not well-formed/u)
  t.match(refused(withUser('&amp')), /^1 the document is not well-formed/u)
  t.match(refused(withUser('&#0;')), /^1 the document is not well-formed/u)
  t.match(refused(withUser('&#xD800;')), /^1 the document is not well-formed/u)
  t.match(refused(withUser('&#x110000;')), /^1 the document is not well-formed/u)
})

t.test('what is not well-formed is refused with 1', async (t) => {
  for (const text of [
    '',
    ' ',
    'success',
    '<',
    '<request>',
    document.slice(0, -1),
    `${document}${document}`,
    `${document}x`,
    `x${document}`,
    ` <?xml version="1.0"?>${document}`,
    document.replace('</login>', '</logout>'),
    document.replace('bob', 'b\u0000b'),
    document.replace('bob', 'b]]>b'),
    document.replace('bob', 'b\uFFFEb'),
    document.replace('<login>', '<login a=b>'),
    document.replace('<login>', '<login a="1" a="2">'),
    document.replace('<login>', '<1login>'),
    `<!DOCTYPE a><!DOCTYPE b>${document}`,
    `<!doctype request>${document}`,
  ]) {
    t.match(refused(text), /^1 the document is not well-formed XML$/u, text)
  }
})

t.test('depth and size cost no more than their characters', async (t) => {
  t.match(refused('<a>'.repeat(10_000) + '</a>'.repeat(10_000)), /^1 elements are nested too deep/u)
  t.match(refused(document.replace('bob', '<a>'.repeat(80_000))), /^1 elements are nested too deep/u)
  t.match(refused(`<request>${'<a/>'.repeat(60_000)}</request>`), /^1 the document has too many elements/u)
  t.match(refused(document.replace('bob', 'b'.repeat(250_000))), /^1 userID has more than 128 characters/u)
  t.match(refused(document.replace('bob', `${' '.repeat(250_000)}b b`)), /^taken$/u)
  t.match(refused(document.replace('bob', `b${' '.repeat(250_000)}b`)), /^1 userID has more than 128 characters/u)
  t.match(refused(`<!DOCTYPE ${' '.repeat(250_000)}x[`), /^1 the document is not well-formed/u)
  t.match(refused(`<!DOCTYPE request${' '.repeat(250_000)}x>${document}`), /^1 the document type/u)
  t.match(refused(document.replace('<login>', `<login ${'a'.repeat(250_000)}="1">`)), /^taken$/u)
})

t.test('an encoding that is declared is believed only where it makes no difference', async (t) => {
  const declared = (encoding: string, text = document) => `<?xml version="1.0" encoding="${encoding}"?>${text}`
  for (const encoding of ['UTF-8', 'utf-8', 'utf-16', 'ISO-8859-1', 'us-ascii']) {
    t.equal(refused(declared(encoding)), 'taken', encoding)
  }
  const bjoern = document.replace('bob', 'björn')
  t.equal(refused(declared('UTF-8', bjoern)), 'taken')
  t.equal(refused(bjoern), 'taken')
  for (const encoding of ['utf-16', 'ISO-8859-1', 'us-ascii', 'x-unknown']) {
    t.match(refused(declared(encoding, bjoern)), /^1 the document says that it is not UTF-8/u, encoding)
  }
  t.match(refused(`<?xml version="1.1"?>${document}`), /^1 /u)
  t.match(refused([...document].map((character) => `${character}\u0000`).join('')), /^1 /u, 'bytes of UTF-16')
})

t.test('a document that was left in the middle has no effect on the next', async (t) => {
  for (const bad of [
    '<request><appInfo>',
    '<?xml version="1.0" encoding="ascii"?><a',
    '<!DOCTYPE x [',
    '<a>'.repeat(9),
  ]) {
    t.match(refused(bad), /^1 /u)
    t.equal(refused(document.replace('bob', 'björn')), 'taken')
  }
})

t.test(
  'whatever comes, a request or a documented code is the result, and nothing of the text is repeated',
  async () => {
    const pieces = [
      '<request>',
      '</request>',
      '<query>',
      '<appInfo>',
      '<login>',
      '</login>',
      '<logoutAll/>',
      '&',
      ';',
      ']]>',
    ]
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.oneof(fc.constantFrom(...pieces, '<![CDATA[', '<!--', '-->', '<?', '?>'), fc.string()))
        .map((all) => all.join('')),
      fc
        .tuple(fc.nat(document.length), fc.string())
        .map(([at, more]) => document.slice(0, at) + more + document.slice(at)),
    )
    fc.assert(
      fc.property(text, (any) => {
        const parsed = parseEmApiRequest(any)
        if (!isEmApiProblem(parsed)) return true
        return (parsed.code === 1 || parsed.code === 8) && /^[ -~]+$/u.test(parsed.problem)
      }),
      { seed: 3, numRuns: 3000 },
    )
  },
)
