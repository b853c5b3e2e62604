import t from 'tap'
import type { Logger } from '../../../services/service.ts'
import { createEventBus } from '../../../services/serviceability/index.ts'

const clock = { now: () => Date.UTC(2026, 10, 21, 8) }
const quiet = { error() {} } as unknown as Logger

t.test("an event is stamped, frozen and delivered in the publisher's turn", async (t) => {
  const bus = createEventBus({ cluster: 'cluster1', clock, log: quiet })
  const seen: unknown[] = []
  bus.subscribe((event) => seen.push(event))
  bus.publish('login', { userId: 'bob', type: 'forged', cluster: 'forged', at: 'forged' })
  t.match(seen, [
    { type: 'login', at: '2026-11-21T08:00:00.000Z', cluster: 'cluster1', userId: 'bob', monotonicMs: Number },
  ])
  t.ok(Object.isFrozen(seen[0]))
})

t.test("the monotonic stamp is the machine's, and rises", async (t) => {
  const bus = createEventBus({ cluster: 'cluster1', clock, log: quiet })
  const stamps: number[] = []
  bus.subscribe(({ monotonicMs }) => stamps.push(monotonicMs))
  const before = Number(process.hrtime.bigint()) / 1e6
  bus.publish('alarm')
  bus.publish('alarm')
  t.ok(stamps.length === 2 && before <= (stamps[0] ?? 0) && (stamps[0] ?? 0) <= (stamps[1] ?? 0))
})

t.test('a listener that throws disturbs nobody and is logged', async (t) => {
  const errors: unknown[] = []
  const log = { error: (facts: unknown) => errors.push(facts) } as unknown as Logger
  const bus = createEventBus({ cluster: 'cluster1', clock, log })
  const seen: string[] = []
  bus.subscribe(() => {
    throw new Error('careless')
  })
  bus.subscribe(({ type }) => seen.push(type))
  bus.publish('logout')
  t.same(seen, ['logout'])
  t.match(errors, [{ event: 'logout', err: { message: 'careless' } }])
})

t.test('who unsubscribes hears nothing more, once for each subscription', async (t) => {
  const bus = createEventBus({ cluster: 'cluster1', clock, log: quiet })
  let heard = 0
  const listener = (): void => void heard++
  const first = bus.subscribe(listener)
  bus.subscribe(listener)
  bus.publish('alarm')
  t.equal(heard, 2)
  first()
  first()
  bus.publish('alarm')
  t.equal(heard, 3)
})

t.test('a listener that names types hears only those', async (t) => {
  const bus = createEventBus({ cluster: 'cluster1', clock, log: quiet })
  const some: string[] = []
  const all: string[] = []
  const end = bus.subscribe(({ type }) => some.push(type), ['login', 'alarm'])
  bus.subscribe(({ type }) => all.push(type))
  bus.publish('login')
  bus.publish('logout')
  end()
  bus.publish('alarm')
  t.same(some, ['login'])
  t.same(all, ['login', 'logout', 'alarm'])
})
