// A commit of the host failed: memory is read again from disk, and whatever of others was not there yet is asked for at once.
import t from 'tap'
import { network } from '../conversation.ts'
import type { TalkingNode } from '../conversation.ts'

/** Bob's record is known at cluster2, but not on its disk. */
function forgetful(node: TalkingNode): void {
  const known = node.store.load().find(({ origin }) => origin === 'cluster1')
  if (known === undefined) throw new Error('nothing of cluster1 has been stored')
  const version = { ...known.version, usn: known.version.usn - 1 }
  node.store.apply({ type: 'replace', origin: 'cluster1', version, records: known.records.slice(0, -1) })
}

function withBob() {
  const { talk, nodes } = network()
  const [one, two] = nodes as [TalkingNode, TalkingNode]
  one.change(['k', 'alice', 'here'])
  one.change(['k', 'bob', 'here'])
  talk.settle()
  forgetful(two)
  return { talk, two }
}

t.test('what was not on disk is pulled in the same moment, without a heartbeat or a timer', async (t) => {
  const { talk, two } = withBob()
  const since = talk.sent.length
  two.driver.reload()
  t.equal(two.find('cluster1', 'k', 'bob'), undefined, 'lost at first')
  t.equal(two.find('cluster1', 'k', 'alice')?.value, 'here')
  talk.settle()
  t.equal(two.find('cluster1', 'k', 'bob')?.value, 'here')
  t.strictSame(talk.said('cluster2', 'hub', since), ['pull'])
  t.strictSame(talk.said('hub', 'cluster2', since), ['page'])
  t.equal(two.store.find('cluster1', 'k', 'bob')?.value, 'here', 'and on disk')
})

t.test('a pull that was under way asked for too little, so another follows its page', async (t) => {
  const { talk, two } = withBob()
  const since = talk.sent.length
  two.driver.run({ type: 'synchronize' })
  two.driver.reload()
  talk.settle()
  t.equal(two.find('cluster1', 'k', 'bob')?.value, 'here')
  t.strictSame(talk.said('cluster2', 'hub', since), ['pull', 'pull'])
})
