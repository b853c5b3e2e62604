// Packets are lost, and cables pulled, between processes that each have a network of their own; see story.ts. It
// nearly only waits for timeouts of TCP, and is not in failover/, whose suites run alone, so that others use the time.
import { join } from 'node:path'
import t from 'tap'
import { findServer } from '../../scripts/lab/redis.ts'
import { inOwnNetwork, whyNoNamespaces } from '../fixtures/netns.ts'

t.setTimeout(240_000)

const reason =
  findServer() === undefined ? 'there is no redis-server or valkey-server on the PATH' : await whyNoNamespaces()

t.test('each process in a network namespace of its own', reason === undefined ? {} : { skip: reason }, async (t) => {
  await inOwnNetwork(t, join(import.meta.dirname, 'story.ts'))
})
