import { normalizeDirectoryNumber } from '../wire/directory-number.ts'
import { refusalOfDirectoryUri } from '../wire/route-string.ts'

/** What doors take; a URI has 254 characters at most, a number 64 beside its separators. */
export const longestDestination = 320

const visibleAscii = /^[!-~]+$/u

/** The form in which a destination is routed: a number as it is stored, or a directory URI in lower case; undefined when it is neither. */
export function normalizeDestination(text: string): string | undefined {
  if (!isUri(text)) return normalizeDirectoryNumber(text)
  const uri = text.trim()
  // Letters beyond ASCII may have lower-case forms within it: they would make one URI of two.
  if (!visibleAscii.test(uri) || refusalOfDirectoryUri(uri) !== undefined) return undefined
  return uri.toLowerCase()
}

/** No number has an `@`. */
export function isUri(destination: string): boolean {
  return destination.includes('@')
}

/** The host part of a URI. */
export function hostOf(uri: string): string {
  return uri.slice(uri.indexOf('@') + 1)
}
