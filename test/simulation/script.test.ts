import t from 'tap'
import { drawScript } from './plan.ts'
import type { Script } from './script.ts'
import { ScriptError, parseScript, serializeScript } from './script.ts'

const script = drawScript({ seed: 7, steps: 60, nodes: 8 })

/** What is said about a script with something else in it. */
function refusalOf(change: object): string {
  try {
    parseScript(JSON.stringify({ ...script, ...change }))
  } catch (error) {
    if (error instanceof ScriptError) return error.message
    throw error
  }
  return 'accepted'
}

t.test('what is drawn can be written down and read again', async (t) => {
  t.strictSame(parseScript(serializeScript(script)), script)
  t.strictSame(drawScript({ seed: 7, steps: 60, nodes: 8 }), script, 'and the same seed draws the same')
})

t.test('a script that cannot be run says why', async (t) => {
  t.throws(() => parseScript('{'), { message: /^not JSON: / })
  t.match(refusalOf({ format: 2 }), /^\/format: /u)
  t.match(refusalOf({ actions: [{ at: 1, do: 'fly' }] }), '/actions/0: there is no action "fly"')
  t.match(refusalOf({ actions: [{ at: -1, do: 'redis', ms: 5 }] }), /^\/actions\/0\/at: /u)
  t.match(
    refusalOf({ actions: [{ at: 1, do: 'kill', node: 'mars', effects: 0, downMs: 1 }] }),
    /there is no node "mars"/u,
  )
  t.match(refusalOf({ nodes: [...script.nodes, ...script.nodes] }), /two nodes have the same ID/u)
  const [redis, earlier] = [
    { at: 9, do: 'redis', ms: 5 },
    { at: 8, do: 'redis', ms: 5 },
  ]
  t.match(refusalOf({ actions: [redis, earlier] }), /^\/actions\/1: it happens before/u)
  t.equal(refusalOf({ actions: [] } satisfies Partial<Script>), 'accepted')
})
