/** The character sets in which pages leave. */
export type PageCharset = 'utf-8' | 'iso-8859-1'

const latin1 = new Set(['iso-8859-1', 'latin1', 'iso_8859-1'])

/**
 * The character set of a page for a phone that sent this Accept-Charset: UTF-8, but for a phone that asks for ISO 8859-1 alone and a
 * page that can be written in it. Some firmware sends `utf-8,;q=0.8`: an element without a name says nothing.
 */
export function choosePageCharset(acceptCharset: string | undefined, page: string): PageCharset {
  const asked = (acceptCharset ?? '').split(',').map((one) => (one.split(';', 1)[0] ?? '').trim().toLowerCase())
  const named = asked.filter((name) => name !== '')
  const onlyLatin1 = named.length > 0 && named.every((name) => latin1.has(name))
  return onlyLatin1 && !/[\u0100-\u{10FFFF}]/u.test(page) ? 'iso-8859-1' : 'utf-8'
}
