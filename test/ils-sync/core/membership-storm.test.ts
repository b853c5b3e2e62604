// Any sequence of joins, moves, departures and restarts, over a wire that loses messages, ends in the network that was last asked for.
import t from 'tap'
import type { Membership } from '../../../ils-sync/core/state.ts'
import { createRandom } from '../../simulation/random.ts'
import type { Random } from '../../simulation/random.ts'
import { Conversation, heartbeatMs } from '../conversation.ts'
import type { TalkingNode } from '../conversation.ts'
import { calm, enter, move, neighbours, pollMs } from '../places.ts'

const ids = ['cluster1', 'cluster2', 'cluster3', 'huba', 'hubb', 'hubc']

t.test('storms of membership changes', async (t) => {
  for (let seed = 1; seed <= 40; seed++) {
    const complaint = storm(seed)
    t.equal(complaint, undefined, `seed ${seed}`)
    if (complaint !== undefined) break
  }
})

/** Undefined, or what is wrong in the end. */
function storm(seed: number): string | undefined {
  const random = createRandom(seed)
  const talk = new Conversation()
  for (const self of ids) enter(talk, { self, membership: { role: 'standalone' } })
  for (let step = 0; step < 40; step++) {
    act(talk, random)
    const lossy = random.pick([0, 0.2])
    const keep = () => !random.chance(lossy)
    talk.settle(keep)
    talk.pass(random.pick([0, heartbeatMs / 2, heartbeatMs, pollMs]), keep)
  }
  const places = lastPlaces(random)
  for (const [id, membership] of places) move(talk.nodes.get(id) as TalkingNode, membership)
  calm(talk, 30 * pollMs)
  return complain(talk, places)
}

function act(talk: Conversation, random: Random): void {
  const id = random.pick(ids)
  const node = talk.nodes.get(id) as TalkingNode
  if (random.chance(0.5)) return node.change(['k', `key ${random.between(0, 3)}`, random.between(0, 1e6)])
  const { membership } = node.driver.state
  talk.wallMs += 1
  if (random.chance(0.2)) return void enter(talk, { self: id, membership }, node.store)
  move(node, somePlace(id, random))
}

function somePlace(id: string, random: Random): Membership {
  const other = random.pick(ids.filter((one) => one !== id))
  const role = random.pick(['standalone', 'hub', 'hub', 'spoke', 'spoke', 'spoke'] as const)
  if (role === 'hub') return random.chance(0.2) ? { role } : { role, registrationServer: other }
  return role === 'spoke' ? { role, hub: other } : { role }
}

/** One network: all hubs name the first of them, and spokes have one of them each. */
function lastPlaces(random: Random): ReadonlyMap<string, Membership> {
  const places = new Map<string, Membership>()
  const hubs = ids.filter(() => random.chance(0.5))
  const first = random.pick(hubs.length === 0 ? ids : hubs)
  for (const id of ids) {
    if (id === first) places.set(id, { role: 'hub' })
    else if (hubs.includes(id)) places.set(id, { role: 'hub', registrationServer: first })
    else if (random.chance(0.3)) places.set(id, { role: 'standalone' })
    else places.set(id, { role: 'spoke', hub: random.pick([first, ...hubs]) })
  }
  return places
}

function complain(talk: Conversation, places: ReadonlyMap<string, Membership>): string | undefined {
  const node = (id: string) => talk.nodes.get(id) as TalkingNode
  const members = ids.filter((id) => places.get(id)?.role !== 'standalone')
  const hubs = members.filter((id) => places.get(id)?.role === 'hub')
  for (const id of ids) {
    const { replica } = node(id).driver.state
    const here = neighbours(node(id))
    const wanted = linksOf(id, places.get(id) as Membership, { hubs, places })
    for (const peer of wanted) {
      if (!here[peer]?.endsWith(': Up to Date')) return `${id} has ${peer} as ${here[peer]}: ${JSON.stringify(here)}`
    }
    const more = Object.entries(here).filter(
      ([peer, state]) => !wanted.includes(peer) && state.endsWith(': Up to Date'),
    )
    if (more.length > 0) return `${id} still talks to ${JSON.stringify(more)}`
    if (!members.includes(id)) {
      if ([...replica.origins()].length > 1) return `${id} is standalone and knows ${[...replica.origins()].join()}`
      continue
    }
    // Of a cluster that left unheard one may know more than another, until it is back.
    const known = [...replica.origins()].toSorted().join()
    const same = [...node(members[0] as string).driver.state.replica.origins()].toSorted().join()
    if (known !== same) return `${id} knows of ${known}, ${members[0]} of ${same}`
    for (const origin of members) {
      const said = [...node(origin).driver.state.replica.records(origin)].map(({ key, value }) => [key, value])
      const heard = [...replica.records(origin)].map(({ key, value }) => [key, value])
      if (JSON.stringify(said) !== JSON.stringify(heard)) return `${id} has something else of ${origin}`
    }
    if (
      node(id)
        .alarms()
        .some(({ name }) => name === 'ILSDuplicateClusterId')
    )
      return `${id} believes in a duplicate`
  }
  return undefined
}

function linksOf(
  id: string,
  membership: Membership,
  { hubs, places }: { readonly hubs: readonly string[]; readonly places: ReadonlyMap<string, Membership> },
): readonly string[] {
  if (membership.role === 'spoke') return [membership.hub]
  if (membership.role === 'standalone') return []
  const spokes = [...places].filter(([, place]) => place.role === 'spoke' && place.hub === id).map(([spoke]) => spoke)
  return [...hubs.filter((hub) => hub !== id), ...spokes]
}
