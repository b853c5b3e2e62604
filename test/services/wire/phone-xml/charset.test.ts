import t from 'tap'
import { choosePageCharset } from '../../../../services/wire/phone-xml/index.ts'

const cases: readonly (readonly [what: string, asked: string | undefined, page: string, charset: string])[] = [
  ['a phone that asks for nothing', undefined, 'bob', 'utf-8'],
  ['a phone that takes both', 'iso-8859-1,utf-8;q=0.8', 'bob', 'utf-8'],
  ['newer firmware with its empty element', 'utf-8,;q=0.8', 'bob', 'utf-8'],
  ['a phone that takes ISO 8859-1 alone', 'iso-8859-1', 'René', 'iso-8859-1'],
  ['in capitals and with a weight', 'ISO-8859-1;q=1', 'René', 'iso-8859-1'],
  ['a page that ISO 8859-1 cannot write', 'iso-8859-1', 'Kally 李', 'utf-8'],
  ['a page with a character beyond the first plane', 'iso-8859-1', '😀', 'utf-8'],
]
for (const [what, asked, page, charset] of cases) {
  t.test(`${what} is answered in ${charset}`, async (t) => {
    t.equal(choosePageCharset(asked, page), charset)
  })
}
