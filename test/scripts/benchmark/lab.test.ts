import t from 'tap'
import { phoneOf, scaleLab, travellers } from '../../../scripts/benchmark/scale/lab.ts'
import { breaches } from '../../../scripts/lab/lab-rules.ts'
import { parseLab } from '../../../scripts/lab/lab-file.ts'

t.test('a lab of any size is one that a lab file could describe', async (t) => {
  for (const size of [
    { hubs: 1, clusters: 1, superuserEvery: 1 },
    { hubs: 4, clusters: 60, superuserEvery: 5 },
    { hubs: 10, clusters: 200, superuserEvery: 7 },
  ]) {
    const lab = scaleLab(size)
    t.strictSame(breaches(lab), [])
    // Reading a file of hundreds of thousands of lines takes longer than it shows.
    if (size.clusters <= 60) t.equal(parseLab(JSON.stringify(lab), 'scale.json').clusters.length, size.clusters)
  }
})

t.test('clusters are spread over the hubs, each with one phone', async (t) => {
  const { hubs, clusters } = scaleLab({ hubs: 3, clusters: 8, superuserEvery: 5 })
  t.strictSame(
    hubs?.map(({ name }) => [name, clusters.filter(({ hub }) => hub === name).length]),
    [
      ['hub1', 3],
      ['hub2', 3],
      ['hub3', 2],
    ],
  )
  t.strictSame(
    clusters.map(({ phones }) => phones?.map(({ name }) => name)),
    clusters.map((_, index) => [phoneOf(index)]),
  )
})

t.test('who travels is a superuser with one home and a copy at every other cluster', async (t) => {
  const { clusters } = scaleLab({ hubs: 2, clusters: 12, superuserEvery: 5 })
  const people = travellers(12, 5)
  t.strictSame(people, [
    { userId: 'user1', home: 'cluster1' },
    { userId: 'user6', home: 'cluster6' },
    { userId: 'user11', home: 'cluster11' },
  ])
  for (const { name, users = [] } of clusters) {
    for (const { userId, home } of people) {
      const user = users.find((one) => one.userId === userId)
      t.match(user, { superuser: true, homeCluster: home === name }, `${userId} at ${name}`)
    }
    t.equal(users.filter(({ homeCluster }) => homeCluster).length, 1)
  }
})

t.test('nobody travels whose home is not there yet', async (t) => {
  t.strictSame(
    travellers(5, 5).map(({ home }) => home),
    ['cluster1'],
  )
  t.strictSame(
    travellers(6, 5).map(({ home }) => home),
    ['cluster1', 'cluster6'],
  )
})
