/** Separators that people write in numbers and no telephone dials. */
const separators = /[-\s().]/gu
const dialable = /^\+?[0-9A-D*#]{1,64}$/u

/**
 * The stored form of a directory number: `1000-001` → `1000001`. Undefined when what is left cannot be dialled
 * (allowed: digits, `*`, `#`, `A`–`D`, one leading `+`; 64 characters at most).
 */
export function normalizeDirectoryNumber(text: string): string | undefined {
  const digits = text.replaceAll(separators, '').toUpperCase()
  return dialable.test(digits) ? digits : undefined
}
