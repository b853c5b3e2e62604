// Names of the domain kind: route strings, the names of SIP route patterns, and the host part of a directory URI.

const longestName = 253
// Both cases spelled out: to the flags `iu` the Kelvin sign is a K and the long s an S, and in lower case they would be another name.
const label = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/u
const digitsBetweenDashes = /-[0-9]+(?=-)/u

/** Why `text` cannot be a route string, as a sentence; undefined if it can. Case does not matter: it is kept in lower case. */
export function refusalOfRouteString(text: string): string | undefined {
  return refusalOfLabels(text, text.split('.'))
}

/** As a route string; the first label may be `*`, which stands for any labels. */
export function refusalOfSipRoutePattern(text: string): string | undefined {
  const labels = text.split('.')
  if (labels[0] === '*' && labels.length > 1) labels.shift()
  return refusalOfLabels(text, labels)
}

function refusalOfLabels(text: string, labels: readonly string[]): string | undefined {
  const where = JSON.stringify(text.slice(0, longestName))
  if (text === '') return 'It is blank.'
  if (text.length > longestName) return `${where}… is longer than ${longestName} characters.`
  const wrong = labels.find((one) => !label.test(one))
  if (wrong !== undefined) {
    return `${where}: ${JSON.stringify(wrong)} is not a label: letters, digits and dashes between, 63 at most; dots stand between labels.`
  }
  // System Configuration Guide, Global Dial Plan Replication: abc-1d-efg.xyz.com can be used, abc-123-def.xyz.com cannot.
  const dashed = labels.find((one) => digitsBetweenDashes.test(one))
  if (dashed !== undefined)
    return `${where}: in ${JSON.stringify(dashed)} nothing but digits stands between two dashes.`
  return undefined
}

const longestUri = 254
const longestUser = 47
/** The characters that the vendor lists, and what percent encoding makes of the others. */
const user = /^(?:[A-Za-z0-9!$&*_+~=\\?'.,/()-]|%[2-7][0-9A-Fa-f])+$/u

/** Why `text` cannot be a directory URI, as a sentence; undefined if it can. Case does not matter: it is kept in lower case. */
export function refusalOfDirectoryUri(text: string): string | undefined {
  const where = JSON.stringify(text.slice(0, longestUri))
  if (text.length > longestUri) return `${where}… is longer than ${longestUri} characters.`
  const at = text.indexOf('@')
  if (at <= 0 || at === text.length - 1) return `${where} is not a directory URI: user@host.`
  const name = text.slice(0, at)
  if (name.length > longestUser) return `${where}: more than ${longestUser} characters stand before the @.`
  if (!user.test(name)) return `${where}: ${JSON.stringify(name)} has a character that cannot stand before the @.`
  const labels = text.slice(at + 1).split('.')
  const wrong = labels.find((one) => !label.test(one))
  if (wrong === undefined) return undefined
  return `${where}: ${JSON.stringify(wrong)} is not a label of a host: letters, digits and dashes between, 63 at most.`
}
