// Which of the vendor's codes follows when something breaks at a certain place. What broke goes to the log, never to the caller.
import { DatabaseError, sqliteCode } from '../database/errors.ts'
import type { Logger } from '../service.ts'
import { Problem } from '../problem.ts'
import { FaultInjected, FaultPoint } from './faults.ts'
import type { Faults } from './faults.ts'
import { EmRefusal } from '../refusals.ts'
import type { Operation, RefusalCode } from '../refusals.ts'

/** Places whose trouble has a code of its own. */
export type Seam = Exclude<FaultPoint, 'unexpected' | 'database' | 'directory' | 'pages'>

const consequences: Readonly<Record<Seam, readonly [code: RefusalCode, detail: string]>> = {
  policy: [4, 'The policies could not be read.'],
  autoLogout: [7, 'The list of automatic logouts could not be changed.'],
  userInfo: [9, 'The user’s information could not be read.'],
  hotelingStatus: [21, 'Who is logged in on the phone could not be read.'],
}

/** The places where a request can be made to fail, and does fail when the real thing breaks. */
export interface Seams {
  /** Runs `work`; whatever breaks in it is refused with the code of `seam`. Refusals pass. */
  at<T>(seam: Seam, operation: Operation, work: () => T): T
  /** Fails with the code of `seam` where it is armed: for what can no longer fail once the work is on disk. */
  require(seam: Seam, operation: Operation): void
  /** Fails where one of the points without a code of their own is armed. */
  pass(point: 'unexpected' | 'database' | 'directory'): void
}

/** Seams at which `faults` may be armed. */
export function createSeams(faults: Faults, log: Logger): Seams {
  function at<T>(seam: Seam, operation: Operation, work: () => T): T {
    try {
      faults.pass(FaultPoint[seam])
      return work()
    } catch (error) {
      if (error instanceof Problem) throw error
      const [code, detail] = consequences[seam]
      log.error({ err: error, code }, detail)
      throw new EmRefusal(code, operation, detail, { cause: error })
    }
  }

  return {
    at,
    require: (seam, operation) => at(seam, operation, nothing),
    pass: (point) => faults.pass(point),
  }
}

function nothing(): void {}

/** Services/database's errors, SQLite's own, and that trouble on purpose. */
export function isDatabaseTrouble(error: unknown): boolean {
  if (error instanceof FaultInjected) return error.point === FaultPoint.database
  return error instanceof DatabaseError || sqliteCode(error) !== undefined
}
