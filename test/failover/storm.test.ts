// Everything at once: for a while processes are killed, paused and restarted at random while people log in; then it is judged.
// `STORM_SEED=7 STORM_SECONDS=600 node test/failover/storm.test.ts` is a longer one. The seed draws what happens; when it hits, real
// processes decide.
import t from 'tap'
import { createClusterClient } from '../../scripts/cluster-client.ts'
import type { Lab, LabCluster } from '../../scripts/lab/lab.ts'
import { startLab } from '../fixtures/lab.ts'
import { waitFor } from '../fixtures/wait-for.ts'
import { createStreams } from '../simulation/random.ts'
import { replicaOnDisk } from './fixtures/agreement.ts'
import { hubsOf, slowly, twoHubsLab } from './fixtures/two-hubs.ts'
import { createChaos } from './storm/chaos.ts'
import { Person } from './storm/person.ts'

const seed = Number(process.env['STORM_SEED'] ?? 4)
const seconds = Number(process.env['STORM_SECONDS'] ?? 8)
const superusers = [
  { userId: 'bob', pin: '12345', dn: '1000001', home: 'cluster1' },
  { userId: 'alice', pin: '23456', dn: '2000001', home: 'cluster2' },
  { userId: 'kally', pin: '34567', dn: '3000001', home: 'cluster3' },
]

t.setTimeout((seconds + 110) * 1000)

t.test(`a storm of ${seconds} seconds, seed ${seed}`, async (t) => {
  const lab = await startLab(t, { lab: stormLab() })
  const { nodes, agreed } = hubsOf(lab)
  const names = lab.lab.clusters.map(({ name }) => name)
  const doors = names.map((name) => createClusterClient({ name, http: lab.cluster(name).http, timeoutMs: 1500 }))
  const streams = createStreams(seed)
  const people = superusers.map((one, at) => new Person({ ...one, phoneAt: (cluster) => phoneOf(cluster, at) }))
  // Two at a time, since a restart takes a while.
  const chaos = [
    ['redis', 'hub1', 'cluster1', 'cluster4'],
    ['hub2', 'cluster2', 'cluster3'],
  ].map((victims, at) => {
    const onDeath = (process: string) => people.forEach((one) => one.isPast(process))
    return createChaos({ lab, victims, random: streams(`chaos ${at}`), onDeath })
  })

  const end = AbortSignal.timeout(seconds * 1000)
  const lives = people.map(async (one) => {
    const random = streams(one.userId)
    while (!end.aborted) await one.act(doors, random)
  })
  await Promise.all([...chaos.map((one) => one.rage(end)), ...lives])
  for (const one of chaos) {
    await one.heal()
    t.comment([...one.done].map(([what, count]) => `${what}: ${count}`).join(', '))
  }
  for (const { userId, counts } of people) t.comment(`${userId}: ${JSON.stringify(counts)}`)
  await agreed()

  const whereIs = async ({ userId }: Person) => {
    const all = await Promise.all(names.map(async (name) => ({ name, logins: await lab.cluster(name).logins() })))
    return all.filter(({ logins }) => logins.some((one) => one.userId === userId)).map(({ name }) => name)
  }
  for (const one of people) {
    const { userId, dn } = one
    await waitFor(`${userId} is logged in at one place at most`, async () => (await whereIs(one)).length <= 1, slowly)
    const [place] = await whereIs(one)
    const possible = [...one.mayBe()]
    t.ok(possible.includes(place), `${userId} is at ${place ?? 'no cluster'}, of ${possible.map(String).join(', ')}`)
    const expected = place ?? homeOf(userId)
    for (const name of names) t.match(await lab.cluster(name).where(dn), { cluster: expected }, `${name} agrees`)
  }

  for (const [at, one] of people.entries()) {
    const where = names[(at + 2) % names.length] ?? ''
    if ((await whereIs(one))[0] !== where) await one.logIn(lab.cluster(where))
    const finds = async (name: string) => (await lab.cluster(name).where(one.dn))?.cluster === where
    for (const name of names) await waitFor(`${name} finds ${one.userId} at ${where}`, () => finds(name), slowly)
    const reached = await lab.cluster('cluster4').call('4000102', one.dn)
    t.match(reached, { state: 'connected', to: { cluster: where, userId: one.userId } }, `${one.userId} can be called`)
    await lab.cluster('cluster4').hangUp(reached.id)
  }
  await agreed()
  await lab.stop()
  const [first = [], ...others] = nodes.map(({ name }) => replicaOnDisk(lab, name))
  for (const other of others) t.same(other, first, 'every disk holds the same')
})

function homeOf(user: string): string {
  return superusers.find(({ userId }) => userId === user)?.home ?? ''
}

/** SEP + 12 digits: the cluster's number and the person's. */
function phoneOf(cluster: string, person: number): string {
  return `SEP0000000${cluster.at(-1)}010${person}`
}

/** Everybody is a superuser, has a phone of his own everywhere, and is logged in nowhere. */
function stormLab(): Lab {
  const lab = twoHubsLab()
  const clusters = lab.clusters.map((cluster) => ({
    ...cluster,
    users: (cluster.users ?? []).map((user) => ({ ...user, superuser: true })),
    phones: [
      ...(cluster.phones ?? []).map(nobodys),
      ...superusers.map((_, at) => ({ name: phoneOf(cluster.name, at), lines: lineOf(cluster, at) })),
    ],
  }))
  return { ...lab, clusters }
}

function nobodys(phone: NonNullable<LabCluster['phones']>[number]) {
  const { loggedIn: _, ...rest } = phone
  return rest
}

function lineOf({ name }: LabCluster, person: number) {
  return [{ dn: `${name.at(-1)}00020${person}` }]
}
