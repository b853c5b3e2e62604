import t from 'tap'
import { drawScript } from './plan.ts'
import { serializeScript } from './script.ts'
import type { Script } from './script.ts'
import { shrink } from './shrink.ts'
import { runScript } from './simulator.ts'

t.test('a failing seed is shrunk to a short script, which replays exactly', async (t) => {
  const breaks = (script: Script) => runScript(script, { omitted: ['supersede'] }).violation !== undefined
  const seeds = Array.from({ length: 30 }, (_, index) => index + 1)
  const long = seeds.map((seed) => drawScript({ seed, steps: 100, nodes: 8 })).find(breaks)
  if (long === undefined) return t.fail('no seed breaks without the supersede rule')

  const short = shrink(long, { breaks, runs: 600 })
  t.comment(serializeScript(short))
  t.ok(breaks(short), 'it still breaks')
  t.ok(short.actions.length <= 4, `${short.actions.length} of ${long.actions.length} actions are left`)
  t.ok(short.nodes.length <= 3, `${short.nodes.length} of ${long.nodes.length} nodes are left`)
  t.strictSame(runScript(short, { omitted: ['supersede'] }), runScript(short, { omitted: ['supersede'] }))
  t.equal(runScript(short).violation, undefined, 'and with the rule it holds')
})

t.test('what need not be there goes: faults of the network, nodes, actions', async (t) => {
  const long = drawScript({ seed: 3, steps: 80, nodes: 12, violence: 1 })
  const isKilled = (script: Script) => script.actions.some((action) => action.do === 'kill')
  const short = shrink(long, { breaks: isKilled })
  t.equal(short.actions.length, 1)
  t.strictSame(Object.values(short.network), [0, 0, 0, 0, 0])
  t.ok(short.nodes.length < long.nodes.length)
})
