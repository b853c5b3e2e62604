// What no peer may do, however genuine it is: speak for others, or fill everybody's memory.
import t from 'tap'
import { serializeBatch, serializeVector } from '../../../ils-sync/core/wire/batch-codec.ts'
import { limits } from '../../../ils-sync/core/limits.ts'
import { serializeFrame } from '../../../ils-sync/core/wire/message.ts'
import type { Batch, IlsRecord } from '../../../ils-sync/core/data/record.ts'
import { Replica } from '../../../ils-sync/core/data/replica.ts'
import { createMemoryStore } from '../../../ils-sync/store/memory.ts'
import { createLink } from '../../../ils-sync/core/session/session.ts'
import { heartbeatMs, network } from '../conversation.ts'
import type { TalkingNode } from '../conversation.ts'

const equal = (...nodes: readonly TalkingNode[]) =>
  new Set(nodes.map((node) => node.driver.state.replica.digest())).size === 1

function two() {
  const { talk, hub, nodes } = network()
  return { talk, hub, one: nodes[0] as TalkingNode, other: nodes[1] as TalkingNode }
}

/** A message in the sender's own live session, with contents that our code would not send. */
function say(from: TalkingNode, to: TalkingNode, type: 'push' | 'pull' | 'page', payload: string): void {
  const { codec, links } = from.driver.state
  const session = links.get(to.id)?.live
  if (session === undefined) throw new Error('no live session')
  session.sent += 1
  const body = serializeFrame({ network: 'n', to: to.id, n: session.sent }, type, payload)
  to.receive(codec.seal(session, body))
}

const forged = (origin: string, epoch: number): string => {
  const records = [{ origin, epoch, usn: 100, kind: 'k', key: 'bob', value: 'elsewhere' }]
  return serializeBatch({ origin, epoch, from: 0, to: 100, head: 100, records } satisfies Batch)
}

t.test('a spoke that claims another origin is refused, whatever it says, and told of', async (t) => {
  const { hub, one, other } = two()
  const epoch = hub.driver.state.replica.version('cluster2')?.epoch as number
  const digest = hub.driver.state.replica.digest()
  const genuine = serializeBatch({ origin: 'cluster1', epoch: 1, from: 0, to: 0, head: 0, records: [] })
  for (const batches of [
    forged('cluster2', epoch),
    forged('cluster2', epoch + 1),
    forged('hub', epoch + 1),
    `${genuine},${forged('cluster9', 1)}`,
  ]) {
    say(one, hub, 'push', `{"batches":[${batches}]}`)
    say(
      one,
      hub,
      'page',
      `{"id":1,"batches":[${batches}],"more":false,"left":0,"vector":${serializeVector(new Map())}}`,
    )
  }
  t.same(
    hub.refusals(),
    Array.from({ length: 8 }, () => 'origin'),
  )
  t.equal(hub.notices.findLast((notice) => notice.type === 'refused')?.claimed, 'cluster1')
  t.equal(hub.driver.state.replica.digest(), digest, 'nothing is applied')
  t.equal(other.find('cluster2', 'k', 'bob'), undefined)
})

t.test('a spoke hands a hub nothing but its own, also when the hub has lost everything else', async (t) => {
  const { talk, other } = two()
  other.change(['k', 'alice', 1])
  talk.settle()
  for (const id of ['hub', 'cluster2']) talk.nodes.delete(id)
  const hub = talk.join({ self: 'hub', membership: { role: 'hub' } })
  talk.pass(6 * heartbeatMs)
  t.same(
    hub.refusals().filter((reason) => reason === 'origin'),
    [],
  )
  t.equal(hub.find('cluster2', 'k', 'alice'), undefined, 'cluster1 holds it, but may not say so')
  t.equal(hub.status('cluster1'), 'Up to Date', 'and nothing is missing between the two')
  talk.join({ self: 'cluster2', membership: { role: 'spoke', hub: 'hub' } }, other.store)
  talk.pass(4 * heartbeatMs)
  t.equal(hub.find('cluster2', 'k', 'alice')?.value, 1, 'cluster2 does')
})

t.test('hubs may relay what anybody wrote', async (t) => {
  const { talk, one } = two()
  const second = talk.join({ self: 'hub2', membership: { role: 'hub', hubs: ['hub'] } })
  talk.nodes.get('hub')?.driver.state.links.clear()
  one.change(['k', 'bob', 1])
  talk.pass(8 * heartbeatMs)
  t.same(
    second.refusals().filter((reason) => reason === 'origin'),
    [],
  )
})

t.test('of an origin that floods, a replica keeps what fits, says so, and does not ask for more', async (t) => {
  const { talk, hub, one, other } = two()
  const bounds = { origins: 100, originRecords: 50, originCharacters: 1_000_000 }
  hub.driver.state.replica = new Replica(hub.store.load(), bounds)
  for (let turn = 0; turn < 10; turn++) {
    one.change(...Array.from({ length: 10 }, (_, index) => ['k', `${turn} ${index}`, turn] as const))
    talk.settle()
  }
  talk.pass(10 * heartbeatMs)
  t.ok(hub.refusals().includes('limit'))
  t.equal(hub.notices.findLast((notice) => notice.type === 'refused' && notice.reason === 'limit')?.type, 'refused')
  t.ok(hub.driver.state.replica.count('cluster1').records <= 50)
  t.equal(other.driver.state.replica.digest(), hub.driver.state.replica.digest(), 'others hold what the hub holds')
  const before = talk.sent.length
  talk.pass(20 * heartbeatMs)
  const pulls = talk.said('hub', 'cluster1', before).filter((type) => type === 'pull')
  t.ok(pulls.length <= 21, `${pulls.length} pulls in 20 heartbeats`)
  const pages = talk.sent.slice(before).filter(({ from, message }) => from === 'cluster1' && message?.type === 'page')
  t.ok(
    pages.every(({ message }) => message?.type === 'page' && message.payload.batches.length === 0),
    'that bring nothing',
  )
  t.equal(hub.status('cluster1'), 'Up to Date', 'as far as it may be')

  one.write(() =>
    one.driver.run({
      type: 'adoptEpoch',
      seen: one.driver.state.own.epoch,
      records: one.store.records('cluster1').slice(0, 9),
    }),
  )
  one.endTurn()
  talk.pass(6 * heartbeatMs)
  t.ok(equal(hub, one, other), 'until it starts a new epoch with less')
})

t.test('bounds hold for a new epoch as well, and one that fits ends the refusal', async (t) => {
  const bounds = { origins: 2, originRecords: 3, originCharacters: 1000 }
  const replica = new Replica([], bounds)
  const batch = (epoch: number, from: number, to: number, more: Partial<Batch> = {}): Batch => ({
    origin: 'cluster1',
    epoch,
    from,
    to,
    head: to,
    records: Array.from({ length: to - from }, (_, index) => ({
      origin: more.origin ?? 'cluster1',
      epoch,
      usn: from + index + 1,
      kind: 'k',
      key: `${from + index}`,
      value: {},
    })),
    ...more,
  })
  t.equal(replica.apply(batch(1, 0, 3)).outcome, 'applied')
  t.equal(replica.apply(batch(1, 3, 4)).outcome, 'full')
  t.equal(replica.apply(batch(1, 4, 5)).outcome, 'full', 'and stays so')
  t.equal(replica.apply(batch(2, 0, 2, { head: 9 })).outcome, 'staged')
  t.equal(replica.apply(batch(2, 2, 5, { head: 9 })).outcome, 'full')
  t.same(replica.progress().get('cluster1'), { epoch: 1, usn: 3 }, 'nothing of it is kept aside')
  t.equal(replica.apply(batch(2, 0, 1)).outcome, 'full')
  t.equal(replica.apply(batch(3, 0, 1)).outcome, 'replaced')
  t.equal(replica.full().size, 0)
  t.equal(replica.apply(batch(1, 0, 1, { origin: 'cluster2' })).outcome, 'applied')
  t.equal(replica.apply(batch(1, 0, 1, { origin: 'cluster3' })).outcome, 'full', 'as many origins as there may be')
})

t.test('a node refuses to write more than its peers would take, and changes what they have', async (t) => {
  const { one } = two()
  const { replica } = one.driver.state
  one.change(['k', 'known', 1])
  replica.count = () => ({ records: limits.originRecords - limits.pageRecords, tombstones: 0 })
  const before = one.driver.state.own.usn
  t.throws(() => one.change(['k', 'one too many', 1]), RangeError)
  t.equal(one.driver.state.own.usn, before)
  one.change(['k', 'known', 2])
  one.change(['k', 'known', null])
  t.equal(one.find('cluster1', 'k', 'known')?.value, null)
})

t.test('a hub has room for as many neighbours as there may be nodes, and for no more, whoever calls', async (t) => {
  const { talk, hub, one } = two()
  const { state } = hub.driver
  for (let n = state.links.size; n < limits.links; n += 1) createLink(state, `made-up-${n}`, 'spoke').lastHeard = 0
  talk.join({ self: 'cluster3', membership: { role: 'spoke', hub: 'hub' } })
  talk.settle()
  t.equal(hub.status('cluster3'), undefined)
  t.ok(hub.refusals().includes('stranger'))
  state.links.delete(`made-up-${limits.links - 1}`)
  for (const peer of state.links.keys()) if (peer.startsWith('made-up')) state.links.delete(peer)
  talk.pass(2 * heartbeatMs)
  t.equal(hub.status('cluster3'), 'Up to Date', 'once there is room')
  t.ok(equal(hub, one))
})

t.test('names that are no text in UTF-8 are refused: on the disk two of them would be one', async (t) => {
  const { hub, one, other } = two()
  const version = hub.driver.state.replica.version('cluster1') as { epoch: number; usn: number }
  const digest = hub.driver.state.replica.digest()
  const names = [
    ['k', '\ud800'],
    ['k', 'bob\udc00'],
    ['\udfff', 'bob'],
  ] as const
  for (const [kind, key] of names) {
    const usn = version.usn + 1
    const record = { origin: 'cluster1', epoch: version.epoch, usn, kind, key, value: {} }
    const batch = { origin: 'cluster1', epoch: version.epoch, from: version.usn, to: usn, head: usn, records: [record] }
    say(one, hub, 'push', `{"batches":[${serializeBatch(batch)}]}`)
    const before = one.driver.state.own.usn
    t.throws(() => one.change([kind, key, 1]), RangeError, 'and nobody writes them')
    t.equal(one.driver.state.own.usn, before)
  }
  t.same(hub.refusals(), ['malformed', 'malformed', 'malformed'])
  t.equal(hub.driver.state.replica.digest(), digest)
  one.change(['k', '\u{1F4DE} bob', { said: '\ud800' }])
  t.ok(other)
})

t.test('a page fits into a message, whatever the names of its records are', async (t) => {
  const { talk, hub, one, other } = two()
  const { epoch, usn } = hub.driver.state.replica.version('cluster1') as { epoch: number; usn: number }
  // In JSON a control character takes six bytes, and the sign of the euro three.
  const recordAt = (index: number): IlsRecord => {
    const kind = `${'\u0001'.repeat(63)}${index % 2}`
    const key = `${'\u0001'.repeat(253)}${String(index).padStart(3, '0')}`
    return { origin: 'cluster1', epoch, usn: usn + index + 1, kind, key, value: '€'.repeat(178) }
  }
  for (let start = 0; start < 600; start += 100) {
    const [from, to] = [usn + start, usn + start + 100]
    const records = Array.from({ length: 100 }, (_, index) => recordAt(start + index))
    say(one, hub, 'push', `{"batches":[${serializeBatch({ origin: 'cluster1', epoch, from, to, head: to, records })}]}`)
  }
  t.equal(hub.driver.state.replica.version('cluster1')?.usn, usn + 600)
  // Before it finds out what was said in its name.
  talk.nodes.delete('cluster1')
  const late = talk.join({ self: 'cluster3', membership: { role: 'spoke', hub: 'hub' } })
  t.doesNotThrow(() => talk.pass(4 * heartbeatMs))
  t.ok(equal(hub, other, late))
})

t.test('and however many origins there are', async (t) => {
  const { talk, hub } = two()
  const stored = hub.store.load()
  // The one that is late is an origin as well.
  const others = Array.from({ length: limits.origins - stored.length - 1 }, (_, index) => {
    const origin = `${'o'.repeat(40)}${String(index).padStart(10, '0')}`
    const version = { epoch: limits.epoch, usn: Number.MAX_SAFE_INTEGER }
    const records = index < 5 ? [{ origin, ...version, kind: 'k', key: 'bob', value: '€'.repeat(65_000) }] : []
    return { origin, version, records }
  })
  hub.driver.state.replica = new Replica([...others, ...stored])
  const late = talk.join({ self: 'cluster3', membership: { role: 'spoke', hub: 'hub' } })
  t.doesNotThrow(() => talk.pass(4 * heartbeatMs))
  t.equal([...late.driver.state.replica.origins()].length, limits.origins)
  t.ok(equal(hub, late))
})

t.test('a spoke that claims to hold the future of another cannot silence it for good', async (t) => {
  const { talk, hub, one, other } = two()
  other.change(['k', 'alice', 'before'])
  talk.settle()
  for (const epoch of [
    limits.epoch,
    limits.epoch / 2,
    limits.epoch / 2 - 1,
    limits.claimedEpoch,
    limits.claimedEpoch - 1,
  ]) {
    const vector = JSON.stringify(['cluster2', 'hub'].map((origin) => [origin, epoch, 1]))
    say(one, hub, 'pull', `{"id":1,"vector":${vector}}`)
    talk.pass(4 * heartbeatMs)
  }
  t.ok(other.driver.state.own.epoch < limits.claimedEpoch + 2 ** 25, 'what may be true is believed')
  t.ok(hub.driver.state.own.epoch < limits.claimedEpoch + 2 ** 25)
  const again = talk.join({ self: 'cluster2', membership: { role: 'spoke', hub: 'hub' } }, createMemoryStore())
  talk.pass(10 * heartbeatMs)
  again.change(['k', 'alice', 'after'])
  talk.pass(10 * heartbeatMs)
  t.equal(hub.find('cluster2', 'k', 'alice')?.value, 'after', 'it has lost its store, and is heard again')
  t.equal(one.find('cluster2', 'k', 'alice')?.value, 'after')
})
