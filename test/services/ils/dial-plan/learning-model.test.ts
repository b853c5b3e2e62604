// Whatever comes in whatever order, with restarts between: what is learned is what a list on paper says.
import t from 'tap'
import { waitFor } from '../../../fixtures/wait-for.ts'
import { oneCluster } from './one-cluster.ts'
import type { OneCluster } from './one-cluster.ts'

const kind = 'directory-uri'
const origins = ['cluster2', 'cluster3', 'cluster4']
const keys = Array.from({ length: 8 }, (_, n) => `user${n}@example.com`)

interface Said {
  readonly origin: string
  readonly key: string
}

/** The rules, said as simply as possible. */
class Paper {
  learned: Said[] = []
  /** In the order in which each cluster wrote them. */
  refused: Said[] = []
  maximum = 100

  hear(said: Said, withdrawn: boolean): void {
    const isSame = (one: Said) => one.origin === said.origin && one.key === said.key
    const isLearned = this.learned.some(isSame)
    this.refused = this.refused.filter((one) => !isSame(one))
    if (withdrawn) this.learned = this.learned.filter((one) => !isSame(one))
    else if (!isLearned) this.refused.push(said)
    this.catchUp()
  }

  catchUp(): void {
    while (this.refused.length > 0 && this.learned.length < this.maximum) {
      const origin = this.refused.map((one) => one.origin).sort()[0]
      const next = this.refused.find((one) => one.origin === origin) as Said
      this.refused = this.refused.filter((one) => one !== next)
      this.learned.push(next)
    }
  }

  used(key: string): string | undefined {
    return this.learned.find((one) => one.key === key)?.origin
  }
}

/** Numbers from 0 up to `below`, the same for the same seed. */
function drawer(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

async function step(cluster: OneCluster, paper: Paper, draw: (below: number) => number): Promise<string> {
  const chance = draw(20)
  if (chance === 0) {
    await cluster.restart()
    return 'restart'
  }
  if (chance === 1) {
    paper.maximum = 1 + draw(20)
    paper.catchUp()
    await cluster.allow(paper.maximum)
    return `allow ${paper.maximum}`
  }
  const said = { origin: origins[draw(3)] as string, key: keys[draw(8)] as string }
  const withdrawn = draw(3) === 0
  cluster.hear(said.origin, [kind, said.key, withdrawn ? null : { f: `+49${draw(1000)}` }])
  paper.hear(said, withdrawn)
  return `${said.origin} ${withdrawn ? 'withdraws' : 'says'} ${said.key}`
}

for (const seed of [1, 2, 3, 4]) {
  t.test(`seed ${seed}`, async (t) => {
    const cluster = await oneCluster(t)
    const paper = new Paper()
    const draw = drawer(seed)
    const steps: string[] = []
    for (let n = 0; n < 400; n += 1) {
      steps.push(await step(cluster, paper, draw))
      const expected = { objects: paper.learned.length, refusedObjects: paper.refused.length }
      await waitFor(`${JSON.stringify(expected)} after ${steps.slice(-5).join(', ')}`, () => {
        const { objects, refusedObjects } = cluster.dialPlan.status()
        return objects === expected.objects && refusedObjects === expected.refusedObjects
      })
      const used = keys.map((key) => cluster.dialPlan.learned.matchUri(key)?.cluster)
      const wanted = keys.map((key) => paper.used(key))
      if (used.join() === wanted.join()) continue
      t.same(used, wanted, steps.slice(-10).join(', '))
      return
    }
    t.equal(steps.length, 400)
  })
}
