// What a record may say: bounded in length, and in depth, since whoever reads a value walks it by recursion.
import { limits } from '../limits.ts'

/** The value as JSON; undefined when it is longer or nested deeper than a record's may be, or none. Never throws. */
export function textWithin(value: unknown): string | undefined {
  const text = stringify(value)
  if (text === undefined || text.length > limits.valueCharacters) return undefined
  // Each level takes two characters, so that hardly any value has to be walked.
  return text.length > 2 * limits.valueDepth && isDeeper(value, limits.valueDepth) ? undefined : text
}

/**
 * Whether a kind or key is short enough, and text in UTF-8 as well: what is not becomes U+FFFD on the disk, where two such names would
 * be one, and the replica another one than its peers' after the next start.
 */
export function isName(text: string, longest: number): boolean {
  return text.length <= longest && text.isWellFormed()
}

/** JSON.parse takes what is nested deeper than the stack, JSON.stringify does not. */
function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1))
}
