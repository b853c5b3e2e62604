// Forms and queries (application/x-www-form-urlencoded) as phones' and clients' requests carry them, read strictly: what cannot be
// decoded, comes twice or is too large is reported, never guessed at. In the path of every EM API request, so it looks at each
// character as seldom as it can.

/** How much of a form is read. */
export interface FormLimits {
  /** Fields at most. */
  readonly fields: number
  /** UTF-8 bytes of a decoded value at most; of a decoded name too. */
  readonly bytes: number
  /**
   * A field that some clients send without encoding it (`xml=<request>…`). A value of it that begins with `<` reaches to the last
   * `>` of the form, so that `&` and `=` inside it separate nothing. `+` and percent escapes in it are decoded as anywhere.
   */
  readonly rawField?: string
}

/** Why a form cannot be read. `field` names where, empty if that is not known; a value is never repeated. */
export interface FormProblem {
  /** `encoding`: a broken percent escape, or bytes that are not UTF-8. */
  readonly problem: 'encoding' | 'duplicate' | 'tooManyFields' | 'tooLong'
  readonly field: string
}

/** Names and values, decoded, in the order in which they came; a name without `=` has an empty value. */
export type Form = ReadonlyMap<string, string>

/** Whether `form` could not be read. */
export function isFormProblem(form: Form | FormProblem): form is FormProblem {
  return !(form instanceof Map)
}

/**
 * Reads a form's body, given as text that was decoded as UTF-8. Empty parts (`a=1&&b=2`) are left out; names are case-sensitive.
 * Line ends after the form belong to its last value: readers of XML skip them.
 */
export function parseForm(text: string, limits: FormLimits): Form | FormProblem {
  // The decoder of the body puts U+FFFD where bytes were not UTF-8. A client that means this character encodes it.
  if (text.includes('\uFFFD')) return { problem: 'encoding', field: '' }
  const form = new Map<string, string>()
  for (let at = 0; at < text.length;) {
    const end = endOfField(text, at, limits.rawField)
    const problem = end > at ? readField(form, text.slice(at, end), limits) : undefined
    if (problem) return problem
    at = end + 1
  }
  return form
}

/** Reads the query of a request's target (`/path?query`); none is an empty form. A target holds ASCII alone (RFC 3986 §2). */
export function parseQuery(target: string, limits: FormLimits): Form | FormProblem {
  const begin = target.indexOf('?')
  if (begin < 0) return new Map()
  const query = target.slice(begin + 1)
  return /[\u0080-\uFFFF]/.test(query) ? { problem: 'encoding', field: '' } : parseForm(query, limits)
}

/** Names and values as a form or query that `parseForm` reads back. */
export function serializeForm(fields: Iterable<readonly [name: string, value: string]>): string {
  return [...fields].map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
}

/** Lone surrogates, which encodeURIComponent throws at, become U+FFFD. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

function endOfField(text: string, at: number, rawField: string | undefined): number {
  const begin = rawField !== undefined && text.startsWith(`${rawField}=<`, at) ? text.lastIndexOf('>') : at
  const end = text.indexOf('&', Math.max(begin, at))
  return end < 0 ? text.length : end
}

function readField(form: Map<string, string>, field: string, limits: FormLimits): FormProblem | undefined {
  const equals = field.indexOf('=')
  const name = decode(equals < 0 ? field : field.slice(0, equals))
  if (name === undefined) return { problem: 'encoding', field: '' }
  if (isLonger(name, limits.bytes)) return { problem: 'tooLong', field: '' }
  if (form.has(name)) return { problem: 'duplicate', field: name }
  if (form.size >= limits.fields) return { problem: 'tooManyFields', field: name }
  const value = equals < 0 ? '' : decode(field.slice(equals + 1))
  if (value === undefined) return { problem: 'encoding', field: name }
  if (isLonger(value, limits.bytes)) return { problem: 'tooLong', field: name }
  form.set(name, value)
  return undefined
}

/** Undefined for a broken escape or escaped bytes that are not UTF-8. */
function decode(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return undefined
  }
}

/** Whether `text` has more than so many bytes in UTF-8; text that cannot have is not counted. */
function isLonger(text: string, bytes: number): boolean {
  if (text.length * 3 <= bytes) return false
  if (text.length > bytes) return true
  let count = 0
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    // The two halves of a surrogate pair make four bytes.
    count += unit < 0x80 ? 1 : unit < 0x8_00 || (unit >= 0xd8_00 && unit < 0xe0_00) ? 2 : 3
  }
  return count > bytes
}
