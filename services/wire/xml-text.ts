/** `&`, `<`, `>`, quotes, and what XML 1.0 §2.2 forbids: control characters but tab and line ends, lone surrogates, U+FFFE and U+FFFF. */
const special = /[&<>"']|[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u
const everySpecial = new RegExp(special, 'gu')

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
])

/**
 * `text` as it stands between tags or in an attribute's quotes. Characters that XML 1.0 forbids are dropped: no escape could
 * carry them, and one of them in a user ID must not cost a phone its page.
 */
export function escapeXml(text: string): string {
  return special.test(text) ? text.replace(everySpecial, (character) => entities.get(character) ?? '') : text
}
