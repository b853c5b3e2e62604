import t from 'tap'
import {
  refusalOfDirectoryUri,
  refusalOfRouteString,
  refusalOfSipRoutePattern,
} from '../../../services/wire/route-string.ts'

t.test('B3 SIP route pattern: a SIP route pattern with nothing but digits between two dashes is refused', async (t) => {
  t.equal(refusalOfSipRoutePattern('abc-1d-efg.xyz.com'), undefined)
  t.match(refusalOfSipRoutePattern('abc-123-def.xyz.com'), /"abc-123-def" nothing but digits/u)
  t.match(refusalOfRouteString('abc-123-def.xyz.com'), /nothing but digits/u)
  t.equal(refusalOfSipRoutePattern('abc-123.xyz.com'), undefined, 'no dash follows')
  t.match(refusalOfSipRoutePattern('a-b-1-2-c'), /nothing but digits/u)
})

t.test('route strings are labels of letters, digits and dashes', async (t) => {
  for (const right of ['cluster1', 'Cluster1.Roamline.example', '10.0.0.1', 'a-b.c', `${'a'.repeat(63)}.b`]) {
    t.equal(refusalOfRouteString(right), undefined, right)
  }
  const wrong = [
    '',
    '.',
    'cluster\u212A.b',
    '\u017Fan-jose',
    'a..b',
    'a.',
    '-a.b',
    'a-.b',
    'a_b',
    'a b',
    '*.a',
    `${'a'.repeat(64)}.b`,
    'a\n',
    'ä.b',
  ]
  for (const text of [...wrong, `${'a.'.repeat(127)}a`]) t.type(refusalOfRouteString(text), 'string', text)
})

t.test('only a SIP route pattern may begin with a label that stands for any', async (t) => {
  t.equal(refusalOfSipRoutePattern('*.roamline.example'), undefined)
  for (const text of ['*', 'a.*.b', '*a.b', '**.b']) t.type(refusalOfSipRoutePattern(text), 'string', text)
})

t.test('a directory URI is user@host', async (t) => {
  for (const right of ['bob@roamline.example', 'Bob+desk@10.0.0.1', "o'kelly@r", 'a,b/c@r.e', 'joe%20smith%23@r.e']) {
    t.equal(refusalOfDirectoryUri(right), undefined, right)
  }
  const wrong: string[] = [
    '',
    'bob',
    '@r',
    'bob@',
    'bob smith@r',
    'a@b@c',
    'bob@-r',
    'bob@r..e',
    'bob@r_e',
    'bo"b@r',
    '%zz@r',
  ]
  // The Kelvin sign and the long s are letters that turn into K and S when case is folded.
  wrong.push('bo\u212A@r', '\u017Fam@r', 'bob@\u212A.r', 'bo\u0131@r', 'bob@r\u017F')
  for (const text of wrong) t.type(refusalOfDirectoryUri(text), 'string', text)
  t.match(refusalOfDirectoryUri(`${'b'.repeat(48)}@r`), /more than 47 characters/u)
  t.match(refusalOfDirectoryUri(`bob@${'r.'.repeat(126)}r`), /longer than 254/u)
})
