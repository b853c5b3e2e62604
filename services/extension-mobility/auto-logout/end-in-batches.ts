import type { ClusterDatabase, Login } from '../../database/api.ts'

/** How many logins end in one transaction: enough to be quick, few enough to leave the event loop to others in between. */
const batch = 500

/**
 * Ends many logins, some hundred in each transaction, and resolves with those that `end` was given: somebody may have logged out
 * meanwhile, and another in. When it rejects, what ended until then stays ended.
 */
export async function endInBatches(
  database: Pick<ClusterDatabase, 'write' | 'logins'>,
  logins: readonly Login[],
  end: (some: readonly Login[]) => void,
): Promise<readonly Login[]> {
  const { logins: tables } = database
  const isCurrent = ({ deviceName, loginTime }: Login) => tables.on(deviceName)?.loginTime === loginTime
  const ended: Login[] = []
  for (let start = 0; start < logins.length; start += batch) {
    const some = logins.slice(start, start + batch)
    const done = await database.write(() => {
      const current = some.filter(isCurrent)
      if (current.length > 0) end(current)
      return current
    })
    ended.push(...done)
  }
  return ended
}
