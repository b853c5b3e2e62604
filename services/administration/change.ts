// Every configuration change goes the same way: one transaction, errors in the API's words, then CallManager is told.
import { DatabaseError } from '../database/errors.ts'
import { Problem } from '../problem.ts'
import type { ServiceContext } from '../service.ts'

/** Names of the phones that a change may have reached; absent: any phone. */
export type Reach = readonly string[]

/** Carries out `work` in one transaction and tells CallManager. Rejects with Problem for what the tables refuse: 404, 409, 422. */
export function change<T>(context: ServiceContext, work: () => T, reach?: Reach): Promise<T> {
  return commit(context, () => {
    const value = work()
    announce(context, reach)
    return value
  })
}

/** As `change`, for work that may turn out to change nothing and calls `announce` when it does. */
export async function commit<T>(context: ServiceContext, work: () => T): Promise<T> {
  try {
    return await context.use('database').write(work)
  } catch (error) {
    throw asProblem(error)
  }
}

/** Inside the work: once it is on disk, digit analysis reads again, and phones that are new, gone or show something else follow. */
export function announce(context: ServiceContext, reach?: Reach): void {
  context.use('database').afterCommit(() => context.find('callmanager')?.configurationChanged(reach))
}

/** 404, in the same words everywhere. `kind` as people say it: `user`, `device profile`. */
export function notFound(kind: string, name: string): Problem {
  return new Problem({ status: 404, title: 'Not found', detail: `There is no ${kind} ${name} in this cluster.` })
}

/** What the tables refuse, as the API says it; anything else as it is. */
export function asProblem(error: unknown): unknown {
  if (!(error instanceof DatabaseError)) return error
  const facts = { detail: error.message }
  switch (error.code) {
    case 'DATABASE_DUPLICATE':
      return new Problem({ status: 409, title: 'Already exists', ...facts }, { cause: error })
    case 'DATABASE_NOT_FOUND':
      return new Problem({ status: 404, title: 'Not found', ...facts }, { cause: error })
    case 'DATABASE_REFERENCED':
      return new Problem({ status: 409, title: 'In use', ...facts }, { cause: error })
    case 'DATABASE_UNKNOWN_REFERENCE':
      return new Problem({ status: 422, title: 'Names something unknown', ...facts }, { cause: error })
    case 'DATABASE_INVALID':
      return new Problem({ status: 422, title: 'Not a possible value', ...facts }, { cause: error })
    default:
      return error
  }
}
