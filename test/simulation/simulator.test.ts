import t from 'tap'
import { runSimulation } from './simulator.ts'

/** CI's budget: fixed seeds, so that a failure there can be looked at here. `npm run simulate` takes fresh ones. */
const seeds = 120
const steps = 150

t.test('whatever happens, replicas become equal, users are in one place and no answered login is lost', async (t) => {
  let crashes = 0
  for (let seed = 1; seed <= seeds; seed++) {
    const nodes = 3 + (seed % 8)
    const result = runSimulation({ seed, steps, nodes })
    crashes += result.crashes
    if (result.violation === undefined) continue
    t.comment(result.story.slice(-30).join('\n'))
    t.fail(`npm run simulate -- --seed ${seed} --steps ${steps} --nodes ${nodes}: ${result.violation}`)
    break
  }
  t.ok(crashes > seeds, `${crashes} processes were killed on the way`)
})

t.test('the same seed tells the same story', async (t) => {
  const options = { seed: 4711, steps: 120, nodes: 6 }
  t.same(runSimulation(options), runSimulation(options))
  t.notSame(runSimulation(options).story, runSimulation({ ...options, seed: 4712 }).story)
})

t.test('a simulation whose host leaves out a rule breaks a promise', async (t) => {
  const run = (seed: number, omitted: readonly string[]) => runSimulation({ seed, steps: 120, nodes: 5, omitted })
  for (const rule of ['supersede', 'hybridClock']) {
    const tried = Array.from({ length: 30 }, (_, index) => index + 1)
    const broken = tried.find((seed) => run(seed, [rule]).violation !== undefined)
    t.ok(broken, `without ${rule} seed ${broken} breaks`)
    t.equal(run(broken ?? 1, []).violation, undefined, 'and with it, it does not')
  }
})
