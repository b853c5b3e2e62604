// From a login on disk at one cluster to its location known at both others, against two raw Redis hops with a relay between.
import { createClusterClient } from '../cluster-client.ts'
import type { ClusterEvent } from '../../services/serviceability/api.ts'
import { benchmarkLab, startBenchmarkLab, stations } from './bench-lab.ts'
import { compare, median, quantile } from './measure.ts'
import type { Comparison } from './measure.ts'
import { startRawHops } from './raw-hops.ts'

/** `samples` logins one after another, each awaited at both other clusters; the raw hops in turn with them. */
export async function benchmarkLoginVisible(options: {
  samples: number
  redis?: string | undefined
}): Promise<Comparison> {
  await using world = await startBenchmarkLab(benchmarkLab(2), { redis: options.redis })
  await using hops = await startRawHops(world.lab.status().redis.url)
  const stop = new AbortController()
  const at = (name: string) => createClusterClient({ name, http: world.find(name).http })
  const cluster2 = at('cluster2')
  const [person, opener] = stations(2)
  const watchFor = (name: string, type: ClusterEvent['type']) =>
    watch(at(name).events(stop.signal), (event) => event.type === type && event['userId'] === person!.userId)
  const logins = watchFor('cluster2', 'login')
  const seen = ['cluster1', 'cluster3'].map((name) => watchFor(name, 'ilsLocation'))
  // A stream says that it is open by the first event in it: of somebody else, since what came before is never told.
  while (![logins, ...seen].every(({ isOpen }) => isOpen())) {
    await cluster2.login(opener!)
    await cluster2.logout(opener!.deviceName)
  }
  const ours: number[] = []
  const floor: number[] = []
  // The first logins pay for connections, compiled code and the slow hash.
  for (let sample = -20; sample < options.samples; sample++) {
    const next = Promise.all([logins.next(), ...seen.map((one) => one.next())])
    await cluster2.login(person!)
    const [login, ...learned] = await next
    const visible = Math.max(...learned.map((event) => event.monotonicMs)) - login.monotonicMs
    const gone = Promise.all(seen.map((one) => one.next()))
    await cluster2.logout(person!.deviceName)
    await gone
    const raw = await hops.once()
    if (sample < 0) continue
    ours.push(visible)
    floor.push(raw)
  }
  stop.abort()
  return compare(
    {
      name: 'login-visible',
      what: 'from a login on disk at cluster2 to its location known at cluster1 and cluster3, through the hub',
      floorWhat: 'two raw Redis pub/sub hops by ioredis through a relay to two subscribers',
      unit: 'ms',
      aim: { ratio: 1.5, better: 'lower' },
      notes: [
        `p99 ${quantile(ours, 0.99).toFixed(2)} ms against ${quantile(floor, 0.99).toFixed(2)} ms; ratio of the medians ${(median(ours) / median(floor)).toFixed(2)}`,
      ],
    },
    ours,
    floor,
  )
}

/** Hands out the events that match, in order, one per call. */
function watch(events: AsyncIterable<ClusterEvent>, matches: (event: ClusterEvent) => boolean) {
  const arrived: ClusterEvent[] = []
  const waiting: ((event: ClusterEvent) => void)[] = []
  let open = false
  void (async () => {
    for await (const event of events) {
      open = true
      if (!matches(event)) continue
      const first = waiting.shift()
      if (first) first(event)
      else arrived.push(event)
    }
  })()
  return {
    isOpen: () => open,
    next: () =>
      new Promise<ClusterEvent>((resolve) => {
        const first = arrived.shift()
        if (first) resolve(first)
        else waiting.push(resolve)
      }),
  }
}
