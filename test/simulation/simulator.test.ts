import { globSync, readFileSync } from 'node:fs'
import t from 'tap'
import { drawScript } from './plan.ts'
import { parseScript, serializeScript } from './script.ts'
import type { Action, Script } from './script.ts'
import { shrink } from './shrink.ts'
import { runScript, runSimulation } from './simulator.ts'
import type { HostRule } from './roaming.ts'

/** CI's budget: fixed seeds, so that a failure there can be looked at here. `npm run simulate` takes fresh ones. */
const seeds = 100
const steps = 150

t.test('whatever happens, replicas become equal, users are in one place and no answered login is lost', async (t) => {
  let crashes = 0
  for (let seed = 1; seed <= seeds; seed++) {
    const nodes = 3 + (seed % 8)
    const result = runSimulation({ seed, steps, nodes })
    crashes += result.crashes
    if (result.violation === undefined) continue
    const breaks = (script: Script) => runScript(script).violation !== undefined
    const short = shrink(drawScript({ seed, steps, nodes }), { breaks, runs: 600 })
    t.comment(`${runScript(short).story.join('\n')}\n${serializeScript(short)}`)
    t.comment('save the lines from { to } as script.json: npm run simulate -- --replay script.json')
    t.fail(`npm run simulate -- --seed ${seed} --steps ${steps} --nodes ${nodes}: ${result.violation}`)
    break
  }
  t.ok(crashes > seeds, `${crashes} processes were killed on the way`)
})

t.test('a network of ten hubs and two hundred spokes comes through as well', async (t) => {
  const { violation, healedAfter } = runSimulation({ seed: 2, steps: 60, nodes: 210 })
  t.equal(violation, undefined, `healed within ${healedAfter} heartbeats`)
})

t.test('the same seed tells the same story', async (t) => {
  const options = { seed: 4711, steps: 120, nodes: 6 }
  t.same(runSimulation(options), runSimulation(options))
  t.notSame(runSimulation(options).story, runSimulation({ ...options, seed: 4712 }).story)
})

t.test('a hub is down for days', async (t) => {
  const minuteMs = 60_000
  const script = drawScript({ seed: 1, steps: 0, nodes: 8, synchronizeEveryMs: 0 })
  const cluster = (index: number) => `cluster${index + 1}`
  const logins = Array.from({ length: 60 }, (_, index): Action => {
    return { at: (10 + 60 * index) * minuteMs, do: 'login', node: cluster(index % 6), user: index % 5 }
  })
  const kill: Action = { at: 5 * minuteMs, do: 'kill', node: 'hub1', effects: 0, downMs: 3 * 24 * 60 * minuteMs }
  const endsAt = 3 * 24 * 60 * minuteMs
  const result = runScript({ ...script, heartbeatMs: minuteMs, actions: [kill, ...logins], endsAt })
  t.equal(result.violation, undefined)
  t.equal(result.logins, 60)
})

t.test('a simulation whose host leaves out a rule breaks a promise', async (t) => {
  const run = (seed: number, omitted: readonly HostRule[]) => runSimulation({ seed, steps: 120, nodes: 5, omitted })
  for (const rule of ['supersede', 'hybridClock'] as const) {
    const tried = Array.from({ length: 30 }, (_, index) => index + 1)
    const broken = tried.find((seed) => run(seed, [rule]).violation !== undefined)
    t.ok(broken, `without ${rule} seed ${broken} breaks`)
    t.equal(run(broken ?? 1, []).violation, undefined, 'and with it, it does not')
  }
})

t.test('what the simulation has found once does not come back', async (t) => {
  for (const file of scriptsIn('found')) t.equal(replay(file), undefined, file)
})

t.test(
  'scripts that were made by hand, one for each rule that chance hardly ever needs, keep their promises',
  async (t) => {
    for (const file of scriptsIn('cases')) t.equal(replay(file), undefined, file)
  },
)

function scriptsIn(folder: string): readonly string[] {
  return globSync(`${folder}/*.json`, { cwd: import.meta.dirname }).sort()
}

function replay(file: string): string | undefined {
  return runScript(parseScript(readFileSync(`${import.meta.dirname}/${file}`, 'utf8'))).violation
}
