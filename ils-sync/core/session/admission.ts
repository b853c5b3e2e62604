// Messages in a session: whose key they are read with, and whether they are new.
import type { Mac } from '../wire/envelope.ts'
import { sessionOpened } from '../network/membership.ts'
import { goLive } from './session.ts'
import type { CoreState, Link } from '../state.ts'

/** The key of a session that `from` may speak in: the live one, or one of the few that it has not spoken in yet. */
export function findMac({ links }: CoreState, from: string, session: string): Mac | undefined {
  const link = links.get(from)
  if (link === undefined) return undefined
  return link.live?.id === session ? link.live.mac : findPending(link, session)?.session.mac
}

/**
 * Accepts the counter of a message whose signature fits this session, or refuses it as a copy. The first message of a pending session
 * makes it live: only who made the call can have written it.
 */
export function admit(
  state: CoreState,
  link: Link,
  { session: id, n }: { readonly session: string; readonly n: number },
): 'accepted' | 'session' | 'replay' {
  if (link.live?.id !== id) {
    const pending = findPending(link, id)
    if (pending === undefined) return 'session'
    goLive(link, pending.session)
    sessionOpened(state, link)
  }
  const { live } = link
  if (live?.id !== id) return 'session'
  if (n <= live.received) return 'replay'
  live.received = n
  return 'accepted'
}

function findPending(link: Link, id: string) {
  for (const pending of link.pending.values()) if (pending.session.id === id) return pending
  return undefined
}
