/** Nothing but white space. */
export function isBlank(text: string): boolean {
  return text.trim() === ''
}

/** Names and user IDs compare without regard to case, as the vendor's do. */
export function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
