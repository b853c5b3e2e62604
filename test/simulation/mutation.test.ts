// Would the simulation notice? Each rule that repairs something is taken out of a copy of ils-sync, and some seed must break.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = new URL('../..', import.meta.url).pathname

interface Edit {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** Rules that stand in for one another are taken out together. */
interface Mutation {
  readonly rule: string
  readonly edits: readonly Edit[]
}

const mutations: readonly Mutation[] = [
  {
    rule: 'a digest that differs leads to a pull',
    edits: [
      {
        file: 'core/pulse.ts',
        find: 'if (quiet || link.mismatches >= toleratedMismatches) askPull(state, turn, link)',
        replace: '',
      },
    ],
  },
  {
    rule: 'a batch that does not follow on what is held is a gap, not news',
    edits: [
      {
        file: 'core/replica.ts',
        find: "if (held.usn < batch.from) return { outcome: 'gap' }\n    return",
        replace: 'return',
      },
    ],
  },
  {
    rule: 'records that are held already are not applied again',
    edits: [
      {
        file: 'core/replica.ts',
        find: 'batch.records.filter((record) => record.usn > from)',
        replace: 'batch.records.slice()',
      },
    ],
  },
  {
    rule: 'own records are sent only after their commit',
    edits: [
      {
        file: 'driver.ts',
        find: "afterCommit(() => this.run({ type: 'committed', token: effect.token }))",
        replace: "this.run({ type: 'committed', token: effect.token })",
      },
    ],
  },
  {
    rule: 'an origin that lost data starts a new epoch',
    edits: [
      {
        file: 'core/own-changes.ts',
        find: "turn.effects.push({ type: 'lostData'",
        replace: "if (Date.now() < 0) turn.effects.push({ type: 'lostData'",
      },
    ],
  },
  {
    rule: 'a store that failed is read again',
    edits: [{ file: 'driver.ts', find: 'if (!this.#stopped) this.reload()', replace: '' }],
  },
  {
    rule: 'a session that the peer does not know is opened anew',
    edits: [
      {
        file: 'core/handshake.ts',
        find: 'if (link.initiator) sayHello(state, turn, link)',
        replace: 'if (link.initiator) return',
      },
      { file: 'core/pulse.ts', find: 'if ((!link.live || silent) && now', replace: 'if (!link.live && now' },
    ],
  },
  {
    rule: 'a pull that was not answered is repeated',
    edits: [
      {
        file: 'core/pulse.ts',
        find: 'if (link.pull && now - link.pull.at >= 2 * heartbeatMs) retryPull(state, turn, link)',
        replace: '',
      },
    ],
  },
]

for (const mutation of mutations) {
  t.test(`without the rule that ${mutation.rule}, the simulation breaks`, async (t) => {
    const copy = t.testdir()
    const seed = firstBrokenSeed(copy, mutation)
    t.ok(seed, `seed ${seed} breaks`)
  })
}

function firstBrokenSeed(copy: string, { edits }: Mutation): number | undefined {
  mkdirSync(join(copy, 'test'))
  cpSync(join(root, 'ils-sync'), join(copy, 'ils-sync'), { recursive: true })
  cpSync(join(root, 'test/simulation'), join(copy, 'test/simulation'), { recursive: true })
  for (const { file, find, replace } of edits) {
    const path = join(copy, 'ils-sync', file)
    const parts = readFileSync(path, 'utf8').split(find)
    if (parts.length !== 2) throw new Error(`${file} does not hold exactly one "${find}"`)
    writeFileSync(path, parts.join(replace))
  }
  const script = `
    import { runSimulation } from ${JSON.stringify(join(copy, 'test/simulation/simulator.ts'))}
    for (let seed = 1; seed <= 80; seed++) {
      let broken = true
      try { broken = runSimulation({ seed, steps: 150, nodes: 3 + (seed % 8) }).violation !== undefined } catch {}
      if (broken) { console.log(seed); break }
    }`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  return Number(stdout.trim()) || undefined
}
