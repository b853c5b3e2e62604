import { normalizeDirectoryNumber } from './directory-number.ts'

/** Separators that people write in numbers are left out, as in directory numbers. */
const separators = /[-\s().]/gu

/** The stored form of a number mask: without separators, letters in upper case. */
export function normalizeMask(mask: string): string {
  return mask.replaceAll(separators, '').toUpperCase()
}

/**
 * The number that a mask makes of a directory number: each `X` is the digit at its place from the right, the rest stands as it is.
 * Undefined when it has more `X` than the number has digits before that place, or when what comes out cannot be dialled.
 */
export function fillMask(mask: string, dn: string): string | undefined {
  const places = normalizeMask(mask)
  const offset = dn.length - places.length
  let isShort = false
  const filled = places.replaceAll('X', (_x, at: number) => {
    const digit = dn[at + offset]
    if (digit === undefined) isShort = true
    return digit ?? ''
  })
  return isShort ? undefined : normalizeDirectoryNumber(filled)
}
