// A hundred thousand bad messages against a working ILS network, from one seed: none throws, each changes no more than an oracle allows
// that knows only who sent what to whom, no node grows, and afterwards all replicas are equal. A failing message is printed with its
// number; its seed has it again. Others, and more of them:
//
//     FUZZ_SEED=7 FUZZ_INPUTS=2000000 node test/fuzz/ils.test.ts
import tap from 'tap'
import type { Test } from 'tap'
import { limits } from '../../ils-sync/core/limits.ts'
import { createRandom } from '../simulation/random.ts'
import { nextAttack } from './ils-attacks.ts'
import type { Attack } from './ils-attacks.ts'
import { World, honest, places } from './ils-world.ts'
import { drawCertificates } from './seeded-certificates.ts'

const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_121)
const count = Number(process.env['FUZZ_INPUTS'] ?? 102_000)
const perWorld = 8500

// Of the whole file, so that a longer run needs no option of tap's.
tap.setTimeout(7_200_000)

/** Refusals that a run must have met, so that it cannot pass by going nowhere. */
const expected =
  'oversize malformed version authentication mode session network misaddressed stranger replay certificate flood origin'.split(
    ' ',
  )

tap.test(`${count} bad messages to a network of two hubs and four clusters`, async (t) => {
  const random = createRandom(seed)
  const certificates = await drawCertificates(Object.keys(places), random)
  const seen = new Map<string, number>()
  for (let number = 0, round = 0; number < count; number += perWorld, round++) {
    const mode = (['password', 'both', 'certificates'] as const)[round % 3] as 'password' | 'both' | 'certificates'
    const world = new World({ mode, random, certificates })
    const wrong = torment(t, world, { first: number + 1, last: Math.min(count, number + perWorld), seen })
    checkBounds(t, world)
    if (wrong === 0) checkPeace(t, world)
    else break
  }
  t.comment(
    [...seen]
      .sort(([, a], [, b]) => b - a)
      .map(([what, times]) => `${what} ${times}`)
      .join(', '),
  )
  if (count >= 100_000) for (const what of expected) t.ok(seen.has(what), `${what} was among the refusals`)
  t.notOk('polluted' in {}, 'no prototype was touched')
})

/** How many messages did what they may not. */
function torment(
  t: Test,
  world: World,
  { first, last, seen }: { first: number; last: number; seen: Map<string, number> },
): number {
  let wrong = 0
  for (let number = first; number <= last && wrong < 3; number++) {
    if (world.random.chance(0.1)) liveOn(world)
    const attack = nextAttack(world)
    let problem: string | undefined
    for (let times = attack.times ?? 1; times > 0 && problem === undefined; times--) problem = put(world, attack, seen)
    number += (attack.times ?? 1) - 1
    if (problem === undefined) continue
    wrong += 1
    const head = attack.bytes.toString('latin1', 0, 2000)
    t.fail(`message ${number} of seed ${seed}, ${attack.story}, by ${world.mode}: ${problem}`, { to: attack.to, head })
  }
  return wrong
}

function put(world: World, { to, bytes }: Attack, seen: Map<string, number>): string | undefined {
  const { notices } = world.node(to)
  notices.length = 0
  const verdict = world.judge(to, bytes)
  const except = verdict === 'of mallory' ? 'mallory' : undefined
  const before = verdict === 'anything' ? '' : world.fingerprint(to, except)
  try {
    world.talk.deliver({ to, bytes })
  } catch (error) {
    return `threw ${(error as Error).stack}`
  }
  const after = verdict === 'anything' ? '' : world.fingerprint(to, except)
  for (const notice of notices)
    if (notice.type === 'refused') seen.set(notice.reason, (seen.get(notice.reason) ?? 0) + 1)
  return before === after ? undefined : `may change ${verdict}, and ${to} became\n${after}\nfrom\n${before}`
}

/** What honest nodes do all day: write, restart, let time go by. */
function liveOn(world: World): void {
  const { random } = world
  const name = random.pick(honest)
  if (random.chance(0.5)) world.node(name).change(['note', `n${random.between(0, 20)}`, random.between(0, 1e6)])
  // Sometimes with its first calls still under way: what fits to those comes from their addressees alone.
  if (random.chance(0.03)) return world.start(random.pick(Object.keys(places)))
  if (random.chance(0.4)) world.pass()
  else world.deliverAll()
}

/** No peer has made a node grow. */
function checkBounds(t: Test, world: World): void {
  const { talk } = world
  for (const name of honest) {
    const { links, claims, refusals, handshakes, replica, seen, heads } = world.node(name).driver.state
    t.ok(links.size <= Object.keys(places).length + limits.unprovenLinks, `${name}: ${links.size} links`)
    for (const { pending, outbox } of links.values()) {
      t.ok(pending.size <= limits.pendingSessions, `${name}: ${pending.size} pending sessions`)
      t.ok(outbox.size <= Object.keys(places).length, `${name}: ${outbox.size} origins to be pushed`)
    }
    t.ok(claims.size <= limits.claimedSendersPerPoll, `${name}: ${claims.size} claimed senders`)
    t.ok(refusals.size <= limits.refusedSessions, `${name}: ${refusals.size} told of unknown sessions`)
    t.ok(
      handshakes.bySender.size <= limits.strangersPerPoll + links.size,
      `${name}: ${handshakes.bySender.size} callers`,
    )
    const known = Object.keys(places).length
    t.ok(replica.progress().size <= known, `${name}: ${replica.progress().size} origins, staged ones included`)
    t.ok(
      seen.size <= known && heads.size <= known + 1,
      `${name}: claims about ${seen.size} origins, heads of ${heads.size}`,
    )
  }
  t.ok(talk.letters.length < 2000, `${talk.letters.length} letters under way`)
}

/** Mallory is thrown out, and everybody comes to hold the same. */
function checkPeace(t: Test, world: World): void {
  const { talk } = world
  talk.nodes.delete('mallory')
  // Epochs that mallory has talked honest nodes into are taken after ever longer waits.
  for (let beats = 0; beats < 500; beats++) world.pass()
  world.node('cluster3').change(['note', 'afterwards', 1])
  for (let beats = 0; beats < 20; beats++) world.pass()
  const [hub, ...others] = honest.map((name) => {
    const { replica, own } = world.node(name).driver.state
    t.ok(own.epoch < limits.epoch, `${name} is in an epoch that others can read`)
    const records = [...replica.origins()]
      .sort()
      .flatMap((origin) => [...replica.records(origin)].map((one) => JSON.stringify(one)))
    const disk = world
      .node(name)
      .store.load()
      .toSorted((a, b) => (a.origin < b.origin ? -1 : 1))
    const stored = disk.flatMap(({ records: kept }) =>
      kept.toSorted((a, b) => a.usn - b.usn).map((one) => JSON.stringify(one)),
    )
    t.same(stored, records, `${name} has on disk what it holds`)
    return { name, vector: JSON.stringify([...replica.vector()].sort()), records }
  })
  for (const { name, vector, records } of others) {
    t.equal(vector, hub?.vector, `${name} has come as far as the hub`)
    t.same(records, hub?.records, `${name} holds what the hub holds`)
  }
  t.equal(world.node('cluster1').find('cluster3', 'note', 'afterwards')?.value, 1, 'and news travel')
}
