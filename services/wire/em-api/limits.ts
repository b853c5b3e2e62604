/** How much of a request is read; all of these are our choice (docs/fidelity.md). */
export const emApiLimits = {
  /** Elements inside each other: request, login, exclusiveDuration, time. */
  depth: 4,
  /** Device names or user IDs that one query asks for. */
  names: 1000,
  /** Elements of one document: a query's names and everything around them. */
  elements: 1020,
  /** Characters of a name, a user ID or a password. */
  text: 128,
  /** Digits of a duration in minutes. */
  minutesDigits: 6,
} as const
