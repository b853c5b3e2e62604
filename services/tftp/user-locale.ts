import type { ConfiguredLocale } from '../wire/phone-configuration/index.ts'

/** User locale of every device pool here. */
const ofDevicePool = 'English_United_States'

/**
 * The locale as a phone is told it. Names are the vendor's, `Language_Country`; codes follow from ISO 639 and 3166, and are empty
 * where a name is not one of theirs.
 */
export function describeUserLocale(userLocale: string): ConfiguredLocale {
  const name = userLocale === '' ? ofDevicePool : userLocale
  const cut = name.indexOf('_')
  const language = languages().get(name.slice(0, Math.max(cut, 0)))
  const country = countries().get(name.slice(cut + 1).replaceAll('_', ' '))
  const isKnown = language !== undefined && country !== undefined
  return {
    name,
    languageCode: isKnown ? `${language}_${country}` : '',
    characterSet: language === 'en' ? 'iso-8859-1' : 'utf-8',
  }
}

const letters = [...'abcdefghijklmnopqrstuvwxyz']
const pairs = letters.flatMap((first) => letters.map((second) => first + second))

const languages = once(() => codes('language', (code) => new Intl.Locale(code).language))
const countries = once(() =>
  codes(
    'region',
    (code) => new Intl.Locale(`und-${code}`).region ?? '',
    pairs.map((pair) => pair.toUpperCase()),
  ),
)

/** English names → codes. Codes that stand for another one (`DD` is `DE`) are left out. */
function codes(
  type: 'language' | 'region',
  canonical: (code: string) => string,
  candidates: readonly string[] = pairs,
): ReadonlyMap<string, string> {
  const names = new Intl.DisplayNames(['en'], { type, fallback: 'none' })
  const found = new Map<string, string>()
  for (const code of candidates) {
    const name = canonical(code) === code ? names.of(code) : undefined
    if (name !== undefined && !found.has(name)) found.set(name, code)
  }
  return found
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
