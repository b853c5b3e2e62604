import { phoneXmlLimits } from './objects.ts'

/** A value that no phone takes: a bug of whoever made the page. */
export class PhoneXmlLimitError extends RangeError {
  override readonly name = 'PhoneXmlLimitError'
}

type Limit = keyof typeof phoneXmlLimits

/** A display text cut to the phone's limit; never in the middle of a character. */
export function cut(text: string, limit: Limit): string {
  const most = phoneXmlLimits[limit]
  // Every character has one or two code units: most texts are short and need no counting.
  return text.length <= most ? text : [...text].slice(0, most).join('')
}

/** The text as it is, which must be within the limit: cutting it would change its meaning. Throws PhoneXmlLimitError. */
export function whole(text: string, limit: Limit): string {
  refuseIf(text.length > phoneXmlLimits[limit] && [...text].length > phoneXmlLimits[limit], `${limit} is too long`)
  return text
}

/** An address of at most 256 characters without white space or control characters. Throws PhoneXmlLimitError. */
export function phoneUrl(url: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  refuseIf(url === '' || /[\u0000-\u0020\u007F]/u.test(url), 'url is empty or has white space or control characters')
  return whole(url, 'url')
}

/** Throws PhoneXmlLimitError when there are more than a phone takes. */
export function counted<T>(items: readonly T[], limit: Limit): readonly T[] {
  refuseIf(items.length > phoneXmlLimits[limit], `more than ${phoneXmlLimits[limit]} ${limit}`)
  return items
}

/** A whole number within bounds. Throws PhoneXmlLimitError. */
export function between(value: number, what: string, [least, most]: readonly [number, number]): number {
  refuseIf(!Number.isInteger(value) || value < least || value > most, `${what} is not from ${least} to ${most}`)
  return value
}

/** Throws PhoneXmlLimitError. */
export function refuseIf(wrong: boolean, what: string): void {
  if (wrong) throw new PhoneXmlLimitError(`phone XML: ${what}`)
}
