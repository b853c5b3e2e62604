import t from 'tap'
import { waitFor } from '../../fixtures/wait-for.ts'
import { ilsLab } from './ils-lab.ts'
import type { LabCluster } from './ils-lab.ts'

/** bob is a superuser of cluster1, and known at the others. */
async function three(t: Parameters<typeof ilsLab>[0]) {
  const lab = await ilsLab(t)
  const clusters = [
    await lab.cluster('cluster1'),
    await lab.cluster('cluster2'),
    await lab.cluster('cluster3'),
  ] as const
  const [one, two, three_] = clusters
  await one.addUser('bob')
  await two.addUser('bob', { home: false })
  await three_.addUser('bob', { home: false })
  await waitFor('bob to be known at home', () => clusters.every((each) => bobAt(each) === 'home cluster1'))
  return { lab, one, two, three: three_, clusters }
}

function bobAt({ ils }: LabCluster): string | undefined {
  const found = ils.locate('1000001')
  return found && `${found.source} ${found.cluster}`
}

t.test('A2.3 ILS sync at login or logout: a login is known everywhere, a logout brings the user home', async (t) => {
  const { one, two, three: kallys } = await three(t)
  await two.login('Bob')
  await waitFor('cluster3 to know', () => bobAt(kallys) === 'learned cluster2')
  t.equal(bobAt(two), 'local cluster2')
  t.match(kallys.ils.locate('1000002'), { userId: 'bob', deviceNames: ['SEP1'] }, 'all lines of the profile')
  await waitFor('cluster1 to know', () => bobAt(one) === 'learned cluster2')
  await two.logout('bob')
  await waitFor('cluster3 to know', () => bobAt(kallys) === 'home cluster1')
  t.match(
    kallys.events
      .filter(({ type }) => type === 'ilsLocation')
      .map(({ userId, location, source }) => ({ userId, location, source })),
    [
      { source: 'home' },
      { userId: 'bob', location: 'cluster2', source: 'learned' },
      { location: 'cluster1', source: 'home' },
    ],
  )
})

t.test('a login elsewhere supersedes the one here, which ends by itself', async (t) => {
  const { one, two, clusters } = await three(t)
  one.endSuperseded()
  await one.login('bob')
  await waitFor('cluster2 to know', () => bobAt(two) === 'learned cluster1')
  await two.login('bob')
  await waitFor('the older login to end', () => one.database.logins.of('bob').length === 0)
  await waitFor('everybody to know', () => clusters.every((each) => each.ils.locate('1000001')?.cluster === 'cluster2'))
  t.same(one.ils.superseded(), [])
  t.equal(two.database.logins.of('bob').length, 1)
})

t.test(
  'A2.3 Waits until the cluster is up: a cluster that was down is not caught up before its superseded logins are ended',
  async (t) => {
    const { one, two } = await three(t)
    await one.login('bob')
    await waitFor('cluster2 to know', () => bobAt(two) === 'learned cluster1')
    await one.stop()
    await two.login('bob')
    await one.start()
    await waitFor('cluster1 to learn', () => one.ils.superseded().length > 0)
    t.same(one.ils.superseded(), [{ userId: 'bob', cluster: 'cluster2' }])
    t.match(one.service.notReady?.(), /superseded/u)
    const before = await Promise.race([one.ils.caughtUp(), Promise.resolve('waiting')])
    t.equal(before, 'waiting')
    one.endSuperseded()
    t.equal(await one.ils.caughtUp(), 'caught-up')
    t.equal(one.service.notReady?.(), undefined)
    t.equal(bobAt(one), 'learned cluster2')
  },
)

t.test(
  'C Third cluster while the second is down: the login is carried out, and the logout waits for that cluster',
  async (t) => {
    const { one, two, three: kallys } = await three(t)
    for (const each of [one, two, kallys]) each.endSuperseded()
    await two.login('bob')
    await waitFor('cluster3 to know', () => bobAt(kallys) === 'learned cluster2')
    await two.stop()
    await kallys.login('bob')
    t.equal(bobAt(kallys), 'local cluster3')
    await waitFor('cluster1 to know', () => bobAt(one) === 'learned cluster3')
    t.equal(two.database.logins.of('bob').length, 1, 'nobody could tell it')
    await two.start()
    two.endSuperseded()
    t.equal(await two.ils.caughtUp(), 'caught-up')
    await waitFor('the older login to end', () => two.database.logins.of('bob').length === 0)
    t.equal(bobAt(two), 'learned cluster3')
  },
)

t.test('a login that comes back in the same moment is not ended by the older notice', async (t) => {
  const { one, two } = await three(t)
  await one.login('bob')
  await waitFor('cluster2 to know', () => bobAt(two) === 'learned cluster1')
  const noticed = new Promise((resolve) => one.ils.onSuperseded(resolve))
  await two.login('bob')
  await noticed
  await one.database.write(() => {
    one.ils.locationChanged('bob', 'login')
    t.same(one.ils.superseded(), [], 'the running write is newer than what was noticed')
  })
  await waitFor('cluster2 to be superseded', () => two.ils.superseded().length === 1)
})

t.test('a clock that is an hour behind loses no login', async (t) => {
  const { one, two, three: kallys } = await three(t)
  two.clockOffsetMs = -3_600_000
  one.endSuperseded()
  await one.login('bob')
  await waitFor('cluster2 to know', () => bobAt(two) === 'learned cluster1')
  await two.login('bob')
  await waitFor('cluster3 to know', () => bobAt(kallys) === 'learned cluster2')
  t.same(two.ils.superseded(), [])
})

t.test('a write that fails tells nobody', async (t) => {
  const { one, two, three: kallys } = await three(t)
  const failing = two.database.write(() => {
    two.ils.locationChanged('bob', 'login')
    throw new Error('refused after all')
  })
  await t.rejects(failing, /refused/u)
  await one.login('bob')
  await waitFor('cluster3 to know of the other', () => bobAt(kallys) === 'learned cluster1')
  t.equal(kallys.ils.status().peers.find(({ clusterId }) => clusterId === 'cluster2')?.status, 'Up to Date')
  t.equal(bobAt(two), 'learned cluster1')
})

t.test('a commit that fails is forgotten, what it took along of others is pulled again, and ILS goes on', async (t) => {
  const { two, three: kallys } = await three(t)
  const failing = two.database.write(() => {
    two.ils.locationChanged('bob', 'login')
    // The transaction is gone under the batch, as after an I/O error.
    two.database.sql.exec('ROLLBACK')
  })
  await t.rejects(failing)
  t.not(bobAt(two), 'local cluster2')
  // What cluster1 wrote last may not have been on disk yet; nobody waits for the timer of ten minutes.
  await waitFor('cluster2 to know what it knew', () => bobAt(two) === 'home cluster1')
  await two.login('bob')
  await waitFor('cluster3 to know', () => bobAt(kallys) === 'learned cluster2')
})

t.test('only superusers are told of, and only while they are superusers', async (t) => {
  const { one, three: kallys } = await three(t)
  await one.addUser('alice', { superuser: false })
  await one.login('alice', 'SEP2')
  await one.login('bob')
  await waitFor('cluster3 to know of bob', () => bobAt(kallys) === 'learned cluster1')
  t.notOk(kallys.ils.locations().some(({ userId }) => userId === 'alice'))
  await one.database.write(() => {
    one.database.endUsers.update('bob', { groups: [] })
    one.ils.superuserChanged('bob')
  })
  await waitFor('cluster3 to forget bob', () => bobAt(kallys) === undefined)
  await one.logout('bob')
  t.equal(bobAt(one), undefined)
})

t.test('what changed while ILS was not running is told at its start', async (t) => {
  const { one, two, three: kallys } = await three(t)
  await two.stop()
  await two.login('bob')
  await two.start()
  await waitFor('cluster3 to know of the login', () => bobAt(kallys) === 'learned cluster2')
  await two.stop()
  await two.logout('bob')
  await one.login('bob')
  await two.start()
  await waitFor('cluster2 to know', () => bobAt(two) === 'learned cluster1')
  t.same(one.ils.superseded(), [], 'a login that has ended unseen supersedes no later one')
})

t.test('a restart without changes writes nothing', async (t) => {
  const { two, three: kallys } = await three(t)
  await two.login('bob')
  await waitFor('cluster3 to know', () => bobAt(kallys) === 'learned cluster2')
  await waitFor('its address', () => kallys.ils.addressOf('cluster2'))
  const usn = () => kallys.ils.status().peers.find(({ clusterId }) => clusterId === 'cluster2')?.usn
  const before = usn()
  await two.stop()
  await two.start()
  t.equal(await two.ils.caughtUp(), 'caught-up')
  t.equal(bobAt(two), 'local cluster2')
  await waitFor('its link', () => two.ils.status().peers.every(({ status }) => status === 'Up to Date'))
  t.equal(usn(), before)
})

t.test('a hub that has never answered has no last contact, also if it was known from others before', async (t) => {
  const { lab, one } = await three(t)
  const seen = () => one.ils.status().peers.find(({ clusterId }) => clusterId === 'hub')
  await waitFor('the link', () => seen()?.status === 'Up to Date')
  await lab.hub.stop()
  await one.ils.configure({ role: 'standalone' })
  await one.ils.configure({ role: 'spoke' })
  t.match(seen(), { status: 'Never contacted', direct: true })
  t.equal(seen()?.lastContact, undefined)
})

t.test('addresses travel, also those that become known only later', async (t) => {
  const { lab, one } = await three(t)
  const four = await lab.cluster('cluster4')
  await four.stop()
  four.address = undefined
  await four.start()
  t.equal(one.ils.addressOf('nobody'), undefined)
  four.address = 'https://127.0.0.14:8443'
  await waitFor('the address', () => one.ils.addressOf('cluster4') === 'https://127.0.0.14:8443')
})

t.test(
  'B2 ILS Clusters and Global Dial Plan Imported Catalogs: the status names the hub, every cluster behind it, and what was learned',
  async (t) => {
    const { lab, one, two } = await three(t)
    await two.login('bob')
    await waitFor('all addresses', () => one.ils.addressOf('cluster2') && one.ils.addressOf('cluster3'))
    await waitFor('the login', () => bobAt(one) === 'learned cluster2')
    const status = one.ils.status()
    t.match(status, { clusterId: 'cluster1', role: 'spoke', hub: 'hub' })
    t.same(
      status.peers.map(({ clusterId, role, status: word, https }) => [clusterId, role, word, https]),
      [
        ['cluster2', 'spoke', 'Up to Date', 'https://cluster2.lab'],
        ['cluster3', 'spoke', 'Up to Date', 'https://cluster3.lab'],
        ['hub', 'hub', 'Up to Date', undefined],
      ],
    )
    t.match(status.learned, { superusers: 0, locations: 1 })
    t.ok(status.peers.every(({ lastContact }) => lastContact && !Number.isNaN(Date.parse(lastContact))))
    await lab.hub.stop()
    await waitFor('the hub to be missed', () => one.ils.status().peers.every((peer) => peer.status === 'Unreachable'))
    t.ok(one.events.some(({ type, name }) => type === 'alarm' && name === 'ILSHubClusterUnreachable'))
    t.ok(
      one.events.some(({ type, peer, status: word }) => type === 'ilsPeer' && peer === 'hub' && word === 'Unreachable'),
    )
  },
)

t.test(
  'B4 Hub down: while the hub is down nothing is learned; when it is back, everything is, in both directions',
  async (t) => {
    const { lab, one, two, three: kallys } = await three(t)
    await lab.hub.stop()
    await waitFor('the hub to be missed', () => kallys.ils.status().peers.some((peer) => peer.status === 'Unreachable'))
    await two.login('bob')
    t.equal(bobAt(kallys), 'home cluster1', 'as last learned')
    await lab.hub.start()
    await waitFor('cluster3 to know', () => bobAt(kallys) === 'learned cluster2')
    await waitFor('cluster1 to know', () => bobAt(one) === 'learned cluster2')
  },
)

t.test('a spoke whose hub does not answer is stale after its grace', async (t) => {
  const { lab, two } = await three(t)
  await two.stop()
  await lab.hub.stop()
  await two.start({ catchUpGraceMs: 300 })
  t.match(two.service.notReady?.(), /hub/u)
  t.equal(await two.ils.caughtUp(), 'stale')
  t.equal(bobAt(two), 'home cluster1', 'and routes by what it knew')
})

t.test('a standalone cluster knows its own superusers and waits for nobody', async (t) => {
  const { one } = await three(t)
  await one.stop()
  await one.start({ role: 'standalone' })
  t.equal(await one.ils.caughtUp(), 'caught-up')
  await one.login('bob')
  t.equal(bobAt(one), 'local cluster1')
  t.equal(one.ils.status().role, 'standalone')
})

t.test(
  'B4 ILSPwdAuthenticationFailed: a wrong password is an alarm at the cluster, and it learns nothing',
  async (t) => {
    const { two } = await three(t)
    await two.stop()
    const told = two.events.length
    await two.start({ password: 'guessed', catchUpGraceMs: 100 })
    const alarm = await waitFor('the alarm', () =>
      two.events.slice(told).find(({ type, name }) => type === 'alarm' && name === 'ILSPwdAuthenticationFailed'),
    )
    t.match(alarm, {
      severity: 'Alert',
      text: 'Password Authentication Failure with ILS at remote cluster',
      peer: 'hub',
    })
    t.equal(await two.ils.caughtUp(), 'stale')
  },
)

t.test('refused messages are counted by reason and told, a flood of them only now and then', async (t) => {
  const { lab, one } = await three(t)
  const told = one.events.length
  const intruder = lab.network.transport('intruder')
  intruder.start({ onMessage: () => {}, onUp: () => {}, onDown: () => {} })
  for (let i = 0; i < 200; i++) intruder.send('cluster1', Buffer.from('garbage'))
  const counted = async () => /ils_messages_refused_total\{reason="malformed"\} 200/u.test(await one.metrics.metrics())
  await waitFor('all to be counted', counted)
  const events = one.events.slice(told).filter(({ type }) => type === 'ilsRefused')
  t.ok(events.length >= 10 && events.length <= 30, `${events.length} events`)
  t.match(events[0], { reason: 'malformed' })
  t.match(await one.metrics.metrics(), /ils_pulls_sent_total [1-9]/u)
})

t.test('an ILS that could not start leaves nothing behind, and can be started later', async (t) => {
  const lab = await ilsLab(t)
  const one = await lab.cluster('cluster1')
  await one.stop()
  await one.addUser('bob')
  one.database.sql.exec(`CREATE TRIGGER full BEFORE INSERT ON ils_record BEGIN SELECT RAISE(ABORT, 'full'); END`)
  await t.rejects(one.start(), /full/u)
  t.same(one.metrics.getMetricsAsArray(), [], 'what is measured')
  one.database.sql.exec('DROP TRIGGER full')
  await one.start()
  await waitFor('bob to be known', () => bobAt(one) === 'home cluster1')
})
