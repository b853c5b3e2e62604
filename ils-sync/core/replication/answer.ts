// The giving half of the repair path: a pull is answered with a few pages, at the end of the turn in which it came.
import { serializeBatch, serializeVector } from '../wire/batch-codec.ts'
import { limits } from '../limits.ts'
import type { Payload } from '../wire/message.ts'
import { expose, mayBeHeard } from './exposure.ts'
import type { Batch, Vector, Version } from '../data/record.ts'
import { sendInSession } from '../session/session.ts'
import type { CoreState, Link, Turn } from '../state.ts'

/** Of several pulls in one turn the last one counts: whoever floods with them costs no more than whoever does not. */
export function noteAsked(link: Link, pull: Payload<'pull'>): void {
  if (link.live !== undefined) link.asked = { session: link.live, pull }
}

export function answerAll(state: CoreState, turn: Turn): void {
  for (const link of state.links.values()) {
    const { asked } = link
    link.asked = undefined
    if (asked !== undefined && asked.session === link.live) answer(state, turn, link, asked.pull)
  }
}

interface Page {
  readonly batches: readonly Batch[]
  readonly more: boolean
  readonly left: number
}

/** All of an answer leaves at once. How far it leads is said in the first page, so that the next pull need not await the last. */
function answer(state: CoreState, turn: Turn, link: Link, { id, vector, full }: Payload<'pull'>): void {
  const wanted = wantedBy(state, link, full)
  const have = new Map(vector)
  const pages = takePages(state, have, wanted)
  if (pages.some(({ batches }) => batches.some(({ origin }) => origin === state.options.self))) expose(state)
  const until = pages.at(-1)?.more ? serializeVector(beyond(have, vector)) : undefined
  const held = serializeVector(state.replica.vector())
  pages.forEach(({ batches, more, left }, place) => {
    const parts = [
      `"id":${id}`,
      `"batches":[${batches.map(serializeBatch).join(',')}]`,
      `"more":${more}`,
      `"vector":${held}`,
      `"left":${left}`,
      ...(place === 0 && until !== undefined ? [`"until":${until}`] : []),
    ]
    state.counters.pagesSent += 1
    sendInSession(state, turn, link, { type: 'page', payload: `{${parts.join(',')}}` })
  })
}

/** Advances `have` to what whoever asked will hold after these pages. */
function takePages(state: CoreState, have: Map<string, Version>, wanted: (origin: string) => boolean): readonly Page[] {
  const pages: Page[] = []
  while (pages.length < limits.pagesPerPull) {
    const { batches, more } = state.replica.page(have, wanted)
    for (const { origin, epoch, to } of batches) have.set(origin, { epoch, usn: to })
    pages.push({ batches, more, left: more ? state.replica.left(have, wanted) : 0 })
    if (!more) break
  }
  return pages
}

/** A spoke speaks only for itself. A hub tells everything but what the other one wrote, or has enough of. */
function wantedBy(state: CoreState, { peer }: Link, full: Vector) {
  const { options, membership, replica } = state
  const mayBeSaid = (origin: string) => (membership.role === 'hub' ? origin !== peer : origin === options.self)
  return (origin: string): boolean => {
    if (origin === options.self && !mayBeHeard(state)) return false
    const refused = full.get(origin)
    return mayBeSaid(origin) && (refused === undefined || refused.epoch < (replica.version(origin) as Version).epoch)
  }
}

function beyond(have: Vector, before: Vector): Vector {
  return new Map([...have].filter(([origin, version]) => before.get(origin) !== version))
}
