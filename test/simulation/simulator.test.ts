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

t.test('a simulation that leaves out a rule of the host breaks a promise', async (t) => {
  for (const rule of ['supersede', 'hybridClock']) {
    const broken = Array.from({ length: 30 }, (_, seed) => seed + 1).find(
      (seed) => runSimulation({ seed, steps: 120, nodes: 5, omitted: [rule] }).violation !== undefined,
    )
    t.ok(broken, `without ${rule} seed ${broken} breaks`)
  }
})
