/** What an API door answers instead of success (RFC 9457); thrown by services, translated by the host. */
export interface ProblemFacts {
  /** HTTP status. */
  readonly status: number
  /** Short, the same for every occurrence. */
  readonly title: string
  /** This occurrence, and what to do about it. */
  readonly detail: string
  /** The vendor's error number, where one exists. */
  readonly code?: number
  /** What the phone shows for that code. */
  readonly phoneDisplay?: string
}

/** A caller's mistake or a refused request; never a bug. */
export class Problem extends Error {
  readonly facts: ProblemFacts
  constructor(facts: ProblemFacts, options?: ErrorOptions) {
    super(facts.detail, options)
    this.name = 'Problem'
    this.facts = facts
  }
}
