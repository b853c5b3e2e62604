// What another cluster says of its dial plan, as far as it can be used here. Whatever cannot is still kept and relayed by the core.
import { createCheck } from '../../../ils-sync/core/wire/check.ts'
import { textOf } from '../../../ils-sync/core/data/held-record.ts'
import type { IlsRecord, JsonValue } from '../../../ils-sync/core/data/record.ts'
import { normalizeDirectoryNumber } from '../../wire/directory-number.ts'
import { parsePattern, symbolOf } from '../../wire/pattern.ts'
import type { PatternToken } from '../../wire/pattern.ts'
import { refusalOfDirectoryUri, refusalOfRouteString } from '../../wire/route-string.ts'
import { ObjectKind, ObjectValue, RouteStringValue, routeStringKey, routeStringKind } from './records.ts'

const isObjectValue = createCheck(ObjectValue)
const isRouteStringValue = createCheck(RouteStringValue)
const kinds: ReadonlySet<string> = new Set(Object.values(ObjectKind))
const prependable = /^(\+?[0-9A-D*#]{1,64})?$/u
const longestCatalogName = 128
const plus = symbolOf('+')

/** A record that counts as a learned object. Its value has been checked. */
export interface ObjectRecord extends Omit<IlsRecord, 'value'> {
  readonly kind: ObjectKind
  readonly value: JsonValue
}

export function isObjectKind(kind: string): kind is ObjectKind {
  return kinds.has(kind)
}

/** Its origin took it back. */
export function isTombstone(record: IlsRecord): boolean {
  return textOf(record) === 'null'
}

export type PatternKind = typeof ObjectKind.enterprisePattern | typeof ObjectKind.e164Pattern

export function isPatternKind(kind: ObjectKind): kind is PatternKind {
  return kind === ObjectKind.enterprisePattern || kind === ObjectKind.e164Pattern
}

/** Whether the record, of an object's kind and no tombstone, is of our making: then it can be learned. */
export function isLearnable(record: IlsRecord): record is ObjectRecord {
  const { kind, key } = record
  if (!isObjectKind(kind) || !isUsableKey(kind, key)) return false
  const value = shortValue(textOf(record)) ?? record.value
  if (!isObjectValue(value)) return false
  const { f: failover, c: catalog } = value
  if (catalog !== undefined && !isCatalog(catalog)) return false
  if (failover === undefined) return true
  if (isPatternKind(kind)) return typeof failover === 'object' && prependable.test(failover.p)
  return typeof failover === 'string' && normalizeDirectoryNumber(failover) === failover
}

const plain: ObjectValue = Object.freeze({})
const numberStart = '{"f":"'

/** What a learned object says; held as JSON, because there may be a million, and read without a parser where that is easy. */
export function valueOf(record: ObjectRecord): ObjectValue {
  return shortValue(textOf(record)) ?? (record.value as ObjectValue)
}

/** Undefined for all but the two most frequent forms. An escaped digit is left as it is, and then is none. */
function shortValue(text: string): ObjectValue | undefined {
  if (text === '{}') return plain
  if (!text.startsWith(numberStart) || text.indexOf('"', numberStart.length) !== text.length - 2) return undefined
  return { f: text.slice(numberStart.length, -2) }
}

/** The route string under which an origin's objects are reached; undefined for any other record, and for a tombstone. */
export function routeStringOf({ kind, key, value }: IlsRecord): string | undefined {
  if (!isRouteString(kind, key) || !isRouteStringValue(value)) return undefined
  return refusalOfRouteString(value.routeString) === undefined ? value.routeString : undefined
}

export function isRouteString(kind: string, key: string): boolean {
  return kind === routeStringKind && key === routeStringKey
}

/** Undefined for what is no pattern. The same tokens stand for the same characters, as far as a character stands for itself. */
export function tokensOf(pattern: string): readonly PatternToken[] | undefined {
  const tokens: PatternToken[] = []
  for (let at = 0; at < pattern.length; at += 1) {
    const token = plainTokens.get(pattern.charCodeAt(at))
    if (token === undefined) return parsed(pattern)
    tokens.push(token)
  }
  return pattern.length <= longestPlain && tokens.length > 0 ? tokens : parsed(pattern)
}

/** Digits and `X`, which make up nearly all of nearly all patterns. */
const plainTokens: ReadonlyMap<number, PatternToken> = new Map(
  [...'0123456789X'].map((character) => [character.charCodeAt(0), parsePattern(character)[0] as PatternToken]),
)
const longestPlain = 64

function parsed(pattern: string): readonly PatternToken[] | undefined {
  try {
    return parsePattern(pattern)
  } catch {
    return undefined
  }
}

function isUsableKey(kind: ObjectKind, key: string): boolean {
  switch (kind) {
    case ObjectKind.directoryUri:
      return key === key.toLowerCase() && refusalOfDirectoryUri(key) === undefined
    // As this cluster's own: else what is searched for, and blocked, as one type could come in as the other.
    case ObjectKind.enterpriseNumber:
      return !key.startsWith('+') && normalizeDirectoryNumber(key) === key
    case ObjectKind.e164Number:
      return key.startsWith('+') && normalizeDirectoryNumber(key) === key
    default:
      return isUsablePattern(kind, tokensOf(key))
  }
}

function isUsablePattern(kind: ObjectKind, tokens: readonly PatternToken[] | undefined): boolean {
  return tokens !== undefined && (tokens[0]?.symbols === plus) === (kind === ObjectKind.e164Pattern)
}

/** The last route string that was looked at: a catalog of a million entries names the same one a million times. */
let lastRouteString = ''

function isCatalog([name, routeString]: readonly [string, string]): boolean {
  if (name === '' || name.length > longestCatalogName) return false
  if (routeString === lastRouteString) return true
  if (refusalOfRouteString(routeString) !== undefined) return false
  lastRouteString = routeString
  return true
}
