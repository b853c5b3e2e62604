// Setting Role = Standalone removes a cluster from the network.
import t from 'tap'
import { heartbeatMs } from '../../conversation.ts'
import type { TalkingNode } from '../../conversation.ts'
import { calm, digests, enter, failingMove, move, neighbours, pollMs, twoHubs } from '../../places.ts'

const kinds = (node: TalkingNode, origin: string) =>
  [...node.driver.state.replica.records(origin)].map(({ kind }) => kind)
const moves = ({ notices }: TalkingNode) =>
  notices.flatMap((notice) => (notice.type === 'membership' ? [notice] : [])).slice(1)

function told() {
  const network = twoHubs()
  network.one.change(['superuser', 'bob', 1], ['location', 'bob', 2], ['e164-number', '+1', 3])
  network.two.change(['superuser', 'alice', 4])
  network.talk.settle()
  return network
}

t.test('all others forget what a cluster said that leaves, its place among them excepted', async (t) => {
  const { talk, hubA, hubB, one, two } = told()
  move(one, { role: 'standalone' })
  talk.settle()
  for (const node of [hubA, hubB, two]) {
    t.same(kinds(node, 'cluster1'), ['peer-info'], node.id)
    t.match(node.find('cluster1', 'peer-info', 'cluster1')?.value, { role: 'standalone' })
    t.equal(node.store.records('cluster1').length, 1, `${node.id} on disk`)
    const removed = node.notices.flatMap((notice) => (notice.type === 'applied' ? notice.removed : []))
    t.same(
      removed.map(({ key }) => key),
      ['bob', 'bob', '+1'],
      `${node.id} tells its host`,
    )
  }
  t.match(moves(one), [{ type: 'membership', membership: { role: 'standalone' }, told: ['huba'], untold: [] }])
  calm(talk)
  t.notOk('cluster1' in neighbours(hubA), 'the link is over')
  t.ok(hubA.notices.some((notice) => notice.type === 'peer' && notice.peer === 'cluster1' && notice.status === 'Left'))
  t.equal(digests([hubA, hubB, two]).length, 1)
})

t.test('who leaves keeps what it said itself, and nothing that others said', async (t) => {
  const { talk, one } = told()
  move(one, { role: 'standalone' })
  talk.settle()
  t.same([...one.driver.state.replica.origins()], ['cluster1'])
  t.same(
    one.store.load().map(({ origin }) => origin),
    ['cluster1'],
    'on disk',
  )
  t.same(kinds(one, 'cluster1').toSorted(), ['e164-number', 'location', 'peer-info', 'superuser'])
  const removed = one.notices.flatMap((notice) => (notice.type === 'applied' ? notice.removed : []))
  t.ok(
    removed.some(({ origin, key }) => origin === 'cluster2' && key === 'alice'),
    'its host is told',
  )
  one.change(['location', 'bob', 5])
  const before = talk.sent.length
  calm(talk)
  t.same(
    talk.sent.slice(before).filter(({ from }) => from === 'cluster1'),
    [],
    'and it says nothing any more',
  )
  t.same([neighbours(one), one.alarms()], [{}, []])
})

t.test('who comes back brings everything, what it wrote meanwhile included', async (t) => {
  const { talk, hubA, hubB, one, two } = told()
  move(one, { role: 'standalone' })
  talk.settle()
  one.change(['location', 'bob', 'meanwhile'])
  calm(talk)
  move(one, { role: 'spoke', hub: 'hubb' })
  calm(talk)
  t.equal(two.find('cluster1', 'location', 'bob')?.value, 'meanwhile')
  t.equal(two.find('cluster1', 'e164-number', '+1')?.value, 3)
  t.equal(one.find('cluster2', 'superuser', 'alice')?.value, 4)
  t.equal(digests([hubA, hubB, one, two]).length, 1)
  t.notOk([hubA, hubB, one, two].some(({ notices }) => notices.some(({ type }) => type === 'lostData')))
})

t.test('the last words are repeated until they are confirmed', async (t) => {
  const { talk, hubA, one } = told()
  move(one, { role: 'standalone' })
  let lost = 0
  talk.settle(({ from }) => from !== 'cluster1' || ++lost > 2)
  t.same(moves(one), [], 'not done yet')
  talk.pass(heartbeatMs)
  t.match(moves(one), [{ told: ['huba'], untold: [] }])
  t.same(kinds(hubA, 'cluster1'), ['peer-info'])
})

t.test('who leaves while nobody hears it is Unreachable until it is back, and then they know', async (t) => {
  const { talk, hubA, two, one } = told()
  talk.nodes.delete('huba')
  move(one, { role: 'standalone' })
  calm(talk)
  t.match(moves(one), [{ told: [], untold: ['huba'] }], 'after a poll it is done all the same')
  talk.nodes.set('huba', hubA)
  calm(talk)
  t.equal(neighbours(hubA).cluster1, 'spoke: Unreachable')
  t.equal(two.find('cluster1', 'location', 'bob')?.value, 2, 'its data stays, as of any cluster that is cut off')
  move(one, { role: 'spoke', hub: 'hubb' })
  calm(talk)
  t.notOk('cluster1' in neighbours(hubA))
  t.equal(digests([hubA, two, one]).length, 1)
})

t.test('nothing of what is written while the last words are under way reaches the network', async (t) => {
  const { talk, hubA, one } = told()
  move(one, { role: 'standalone' })
  one.change(['location', 'bob', 'secret'])
  one.driver.run({ type: 'synchronize' })
  one.driver.run({ type: 'up' })
  talk.pass(pollMs)
  t.same(kinds(hubA, 'cluster1'), ['peer-info'])
  t.equal(hubA.driver.state.replica.version('cluster1')?.usn, 1)
  t.equal(hubA.driver.state.heads.size, 0, 'nor that there is anything')
})

t.test('nor is it handed over to a hub that asked while the disk was busy', async (t) => {
  const { talk, hubA, one } = told()
  const again = talk.join({ self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } }, one.store)
  again.change(['location', 'bob', 3])
  again.holdWrites = true
  talk.pass(pollMs)
  hubA.driver.run({ type: 'synchronize' })
  hubA.endTurn()
  talk.settle()
  t.ok(again.driver.state.links.get('huba')?.asked, 'nothing leaves before the disk says what has left')
  again.holdWrites = false
  move(again, { role: 'standalone' })
  calm(talk)
  t.same(kinds(hubA, 'cluster1'), ['peer-info'])
})

t.test('a hub leaves: its spokes are told, stay cut off, and alarm', async (t) => {
  const { talk, hubA, hubB, one } = told()
  move(hubA, { role: 'standalone' })
  calm(talk)
  t.same(moves(hubA)[0]?.told.toSorted(), ['cluster1', 'hubb'])
  t.same(neighbours(one), { huba: 'hub: Left' })
  t.match(one.alarms()[0], { name: 'ILSHubClusterUnreachable', peer: 'huba' })
  t.same(neighbours(hubB), { cluster2: 'spoke: Up to Date', huba: 'hub: Left' })
  t.equal(hubB.find('cluster1', 'location', 'bob')?.value, 2, 'what the spokes said stays: they have not left')
})

t.test('a process that dies before its last words are out is standalone when it starts again', async (t) => {
  const { talk, hubA, one } = told()
  talk.nodes.delete('cluster1')
  const again = enter(talk, { self: 'cluster1', membership: { role: 'standalone' } }, one.store)
  talk.settle()
  t.same([...again.driver.state.replica.origins()], ['cluster1'])
  calm(talk)
  t.equal(neighbours(hubA).cluster1, 'spoke: Unreachable')
  const third = enter(talk, { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } }, again.store)
  calm(talk)
  t.equal(neighbours(hubA).cluster1, 'spoke: Up to Date')
  t.equal(digests([hubA, third]).length, 1)
})

t.test('a disk that could not forget is forgotten again', async (t) => {
  const { talk, one } = told()
  const before = one.store.fork()
  move(one, { role: 'standalone' })
  for (const stored of before.load().filter(({ origin }) => origin !== 'cluster1'))
    one.store.apply({ type: 'replace', ...stored })
  one.driver.reload()
  talk.settle()
  t.same([...one.driver.state.replica.origins()], ['cluster1'])
  t.same(
    one.store.load().map(({ origin }) => origin),
    ['cluster1'],
  )
})

t.test('a departure whose write fails is none', async (t) => {
  const { talk, hubA, one, two } = told()
  failingMove(one, { role: 'standalone' })
  calm(talk)
  t.equal(two.find('cluster1', 'location', 'bob')?.value, 2)
  t.equal(digests([hubA, one, two]).length, 1)
})

t.test('who has left and lost its disk starts anew', async (t) => {
  const { talk, hubA, one, two } = told()
  move(one, { role: 'standalone' })
  calm(talk)
  talk.nodes.delete('cluster1')
  const anew = enter(talk, { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } })
  anew.change(['location', 'kally', 1])
  calm(talk)
  t.equal(two.find('cluster1', 'location', 'kally')?.value, 1)
  t.equal(digests([hubA, anew, two]).length, 1)
})

/** cluster1 on a backup that is older than a disk made anew a day later; a new epoch is wanted, and does not get on disk. */
function restored() {
  const { talk, hubA, one } = told()
  const membership = { role: 'spoke', hub: 'huba' } as const
  const backup = one.store.fork()
  talk.wallMs += 24 * 3_600_000
  enter(talk, { self: 'cluster1', membership }).change(['k', 'new', 1])
  calm(talk)
  const late = talk.join({ self: 'cluster1', membership }, backup)
  late.holdWrites = true
  calm(talk)
  late.holdWrites = false
  return { talk, hubA, late, own: late.driver.state.own }
}

t.test('who leaves while others hold more of it than its restored disk is heard all the same', async (t) => {
  const { talk, hubA, late, own } = restored()
  t.equal(hubA.find('cluster1', 'k', 'new')?.value, 1)
  t.ok((own.lost?.seen ?? 0) > own.epoch, 'the backup is found out')
  move(late, { role: 'standalone' })
  calm(talk)
  t.same(kinds(hubA, 'cluster1'), ['peer-info'])
  t.match(
    late.notices.filter(({ type }) => type === 'membership'),
    [{ told: ['huba'], untold: [] }],
  )
})

t.test('last words below what a peer holds are not taken for heard', async (t) => {
  const { talk, hubA, late, own } = restored()
  // As if nobody had shown it yet.
  own.lost = undefined
  move(late, { role: 'standalone' })
  calm(talk)
  t.equal(hubA.find('cluster1', 'k', 'new')?.value, 1)
  t.match(
    late.notices.filter(({ type }) => type === 'membership'),
    [{ told: [], untold: ['huba'] }],
  )
})
