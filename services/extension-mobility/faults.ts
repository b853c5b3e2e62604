// Trouble on purpose: authors of clients want to see every error code once, and most need something to be broken. A fault is a real
// failure at the seam where it would arise (the statement throws, the directory does not answer); the rules then find the code.

/** Where something can be made to fail, and the code that follows when nothing else is wrong. */
export const FaultPoint = {
  /** An exception that no rule expects: 0. */
  unexpected: 'unexpected',
  /** The policies cannot be read: 4. */
  policy: 'policy',
  /** The stored procedure of login or logout, or a query, fails in the database: 6. */
  database: 'database',
  /** The auto-logout list cannot be changed: 7. */
  autoLogout: 'autoLogout',
  /** User information cannot be read from cache or database: 9. */
  userInfo: 'userInfo',
  /** The current user's status cannot be read: 21. */
  hotelingStatus: 'hotelingStatus',
  /** The directory cannot say whether a PIN is right: 204 on the phone, 9 in the EM API. */
  directory: 'directory',
  /** The phone's pages could not be initialised: 210. */
  pages: 'pages',
} as const
export type FaultPoint = (typeof FaultPoint)[keyof typeof FaultPoint]

/** The next `times` requests that pass this point fail there. */
export interface ArmedFault {
  readonly point: FaultPoint
  readonly times: number
}

/** Thrown at a point that was armed. */
export class FaultInjected extends Error {
  readonly point: FaultPoint
  constructor(point: FaultPoint) {
    super(`fault injected at ${point}`)
    this.name = 'FaultInjected'
    this.point = point
  }
}

/** Armed faults, in memory: a restart forgets them. */
export interface Faults {
  /** Replaces what was armed at this point; `times` 0 disarms. */
  arm(fault: ArmedFault): void
  list(): readonly ArmedFault[]
  /** Throws FaultInjected, and counts down, where this point is armed. */
  pass(point: FaultPoint): void
}

/** Nothing is armed. */
export function createFaults(): Faults {
  const armed = new Map<FaultPoint, number>()
  return {
    arm({ point, times }) {
      if (times > 0) armed.set(point, times)
      else armed.delete(point)
    },
    list: () => [...armed].map(([point, times]) => ({ point, times })),
    pass(point) {
      const times = armed.get(point)
      if (times === undefined) return
      if (times > 1) armed.set(point, times - 1)
      else armed.delete(point)
      throw new FaultInjected(point)
    },
  }
}
