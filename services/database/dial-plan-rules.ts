// How numbers, patterns and URIs of the global dial plan are stored, and which of them cannot be. `where` says whose they are, or is empty.
import { normalizeDirectoryNumber } from '../wire/directory-number.ts'
import { fillMask, normalizeMask } from '../wire/number-mask.ts'
import { PatternError, parsePattern } from '../wire/pattern.ts'
import { refusalOfDirectoryUri, refusalOfRouteString, refusalOfSipRoutePattern } from '../wire/route-string.ts'
import { CatalogEntryType } from './dial-plan-api.ts'
import type { CatalogEntry, PatternFailover } from './dial-plan-api.ts'
import { DatabaseError } from './errors.ts'

/** The two kinds of numbers that a cluster advertises beside URIs. */
export type NumberKind = 'enterprise' | 'e164'

const mostStripped = 64

function storedNumber(kind: NumberKind, text: string, where: string): string {
  return ofKind(kind, normalizeDirectoryNumber(text), text, where)
}

/** A mask as it is stored, and the number it makes of a directory number. Throws DATABASE_INVALID. */
export function filledMask(kind: NumberKind, mask: string, dn: string, where: string) {
  const number = fillMask(mask, dn)
  const problem = `the mask ${JSON.stringify(mask)} on ${dn}`
  if (number === undefined) {
    throw invalid(where, `${problem} gives nothing that can be dialled, or it has more X than the number has digits`)
  }
  return { mask: normalizeMask(mask), number: ofKind(kind, number, `${number}, ${problem}`, where) }
}

function ofKind(kind: NumberKind, number: string | undefined, given: string, where: string): string {
  if (number === undefined) throw invalid(where, `${JSON.stringify(given)} cannot be dialled`)
  if (kind === 'e164' && !/^\+[0-9]+$/u.test(number)) {
    throw invalid(where, `${given} is not a +E.164 number, which begins with + and goes on with digits`)
  }
  if (kind === 'enterprise' && number.startsWith('+')) {
    throw invalid(where, `${given} begins with +, which only a +E.164 number does`)
  }
  return number
}

/** In one spelling, so that equal patterns are equal: no separators, upper case, a leading plus as `\+`. Throws DATABASE_INVALID. */
export function storedPattern(kind: NumberKind, text: string, where: string): string {
  const pattern = spelledPattern(text, where)
  const hasPlus = pattern.startsWith('\\+')
  if (kind === 'e164' && !hasPlus) throw invalid(where, `the E.164 pattern ${text} does not begin with +`)
  if (kind === 'enterprise' && hasPlus) throw invalid(where, `${text} begins with +, which only an E.164 pattern does`)
  if (pattern.lastIndexOf('\\+') > 0) throw invalid(where, `in ${text} a plus stands behind the first place`)
  return pattern
}

/** What a blocking rule names: a number as numbers are stored, else a pattern as patterns are. Throws DATABASE_INVALID. */
export function storedNumberOrPattern(text: string, where: string): string {
  return normalizeDirectoryNumber(text) ?? spelledPattern(text, where)
}

/** A hyphen within brackets is a range. */
const bracketOrSeparator = /\[[^\]]*\]|[-\s().]/gu

function spelledPattern(text: string, where: string): string {
  const bare = text.replaceAll(bracketOrSeparator, (found) => (found.startsWith('[') ? found : '')).toUpperCase()
  const pattern = bare.startsWith('+') ? `\\${bare}` : bare
  try {
    parsePattern(pattern)
  } catch (error) {
    if (error instanceof PatternError) throw invalid(where, error.message, error)
    throw error
  }
  return pattern
}

/** Throws DATABASE_INVALID. */
export function storedPatternFailover(failover: PatternFailover, where: string): PatternFailover {
  if (failover.use !== 'Strip Digits and Prepend Digits') return { use: failover.use }
  const { use, stripDigits, prependDigits } = failover
  if (!Number.isInteger(stripDigits) || stripDigits < 0 || stripDigits > mostStripped) {
    throw invalid(where, `0 to ${mostStripped} digits can be stripped, not ${stripDigits}`)
  }
  return { use, stripDigits, prependDigits: dialledOrNothing(prependDigits, where) }
}

/** Digits to dial, or none at all. Throws DATABASE_INVALID. */
export function dialledOrNothing(text: string, where: string): string {
  const number = text === '' ? '' : normalizeDirectoryNumber(text)
  if (number === undefined) throw invalid(where, `${JSON.stringify(text)} cannot be dialled`)
  return number
}

/** Throws DATABASE_INVALID. */
export function storedDirectoryUri(uri: string, where: string): string {
  return lowerCased(uri, refusalOfDirectoryUri(uri), where)
}

/** Throws DATABASE_INVALID. */
export function storedRouteString(text: string, where: string): string {
  return lowerCased(text, refusalOfRouteString(text), where)
}

/** Throws DATABASE_INVALID. */
export function storedSipRoutePattern(text: string, where: string): string {
  return lowerCased(text, refusalOfSipRoutePattern(text), where)
}

function lowerCased(text: string, refusal: string | undefined, where: string): string {
  if (refusal !== undefined) throw invalid(where, refusal)
  return text.toLowerCase()
}

/** Throws DATABASE_INVALID. */
export function storedCatalogEntry({ type, pattern, failover }: CatalogEntry, where: string): CatalogEntry {
  return {
    type,
    pattern: storedCatalogPattern(type, pattern, where),
    failover: storedCatalogFailover(type, failover, where),
  }
}

/** The URI, number or pattern of an entry. Throws DATABASE_INVALID. */
export function storedCatalogPattern(type: CatalogEntryType, pattern: string, where: string): string {
  if (type === CatalogEntryType.directoryUri) return storedDirectoryUri(pattern, where)
  const kind = type === CatalogEntryType.e164Number || type === CatalogEntryType.e164Pattern ? 'e164' : 'enterprise'
  return isPatternType(type) ? storedPattern(kind, pattern, where) : storedNumber(kind, pattern, where)
}

/** PSTN failover of an entry. Throws DATABASE_INVALID. */
export function storedCatalogFailover(type: CatalogEntryType, failover: CatalogEntry['failover'], where: string) {
  const isRule = typeof failover !== 'string'
  if (isRule !== isPatternType(type)) {
    throw invalid(where, `the PSTN failover of ${type} ${isRule ? 'is a number to dial' : 'is a rule'}`)
  }
  return isRule ? storedPatternFailover(failover, where) : dialledOrNothing(failover, where)
}

/** Whether entries of this type are patterns, whose PSTN failover is a rule. */
export function isPatternType(type: CatalogEntryType): boolean {
  return type === CatalogEntryType.enterprisePattern || type === CatalogEntryType.e164Pattern
}

/** The error of a value that the tables do not take. */
export function invalid(where: string, what: string, cause?: unknown): DatabaseError {
  return new DatabaseError('DATABASE_INVALID', where === '' ? what : `${where}: ${what}`, { cause })
}
