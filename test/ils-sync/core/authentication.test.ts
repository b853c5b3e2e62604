// ILS Authentication: Use Password, Use TLS Certificates, and both. Each row of the issue's list of how it may fail has a test here.
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { createEnvelopeCodec } from '../../../ils-sync/core/wire/envelope.ts'
import { limits } from '../../../ils-sync/core/limits.ts'
import { serializeFrame } from '../../../ils-sync/core/wire/message.ts'
import { openKey } from '../../../ils-sync/core/session/open-key.ts'
import { createExchange, deriveSessionKey } from '../../../ils-sync/core/session/session-key.ts'
import type { PeerCertificates } from '../../../ils-sync/core/state.ts'
import { Conversation, heartbeatMs, networkKey } from '../conversation.ts'
import { createAuthority } from '../fixtures/identities.ts'
import { by, distrusting, lab, modes, names, pwd, sessionOf, spoke, tls, trusting } from '../fixtures/trust.ts'

for (const mode of modes) {
  t.test(`B2 ILS Authentication: by ${mode}, clusters that belong together share what they write`, async (t) => {
    const { talk, hub, one, other } = await trusting(mode)
    one.change(['k', 'a', 1])
    talk.settle()
    t.equal(other.find('cluster1', 'k', 'a')?.value, 1)
    t.same([one.status('hub'), hub.status('cluster2')], ['Up to Date', 'Up to Date'])
    t.same(
      [hub, one, other].flatMap((node) => node.alarms()),
      [],
    )
    t.equal(sessionOf(hub, 'cluster1')?.peerId, one.store.peerId(), 'the session knows whose store is at its other end')
  })
}

t.test('a wrong password is the alarm of passwords at both ends, by password and by both', async (t) => {
  for (const mode of ['password', 'both'] as const) {
    const guessed = await by(mode, 'cluster3', { key: Buffer.from('guessed') })
    const { hub, cluster, first } = await distrusting(await by(mode, 'hub'), guessed)
    t.same(first, [[`${pwd} cluster3`], [`${pwd} hub`]], mode)
    t.notOk(hub.find('cluster3', 'k', 'secret'))
    t.equal(sessionOf(cluster, 'hub'), undefined)
  }
})

t.test(
  'whoever authenticates in another way is refused: TLS alarm at both ends, once per poll, no session',
  async (t) => {
    for (const hubs of modes) {
      for (const clusters of modes) {
        if (hubs === clusters) continue
        const what = `a hub by ${hubs}, a cluster by ${clusters}`
        const { hub, cluster, first } = await distrusting(await by(hubs, 'hub'), await by(clusters, 'cluster3'))
        t.same(first, [[`${tls} cluster3`], [`${tls} hub`]], what)
        t.notOk(hub.find('cluster3', 'k', 'secret'), what)
        for (const node of [hub, cluster]) {
          t.same([...new Set(names(node))], [tls], what)
          t.ok(
            names(node).length >= 3 && names(node).length <= 5,
            `${what}: ${names(node).length} alarms in ten heartbeats`,
          )
        }
      }
    }
  },
)

t.test(
  'an unknown CA, a certificate of another, one that is not valid now: TLS alarm with reason at both ends',
  async (t) => {
    const strange = await (await createAuthority()).member('cluster3')
    const lately = { now: () => Date.now() + 900 * 86_400_000 }
    const early = { now: () => Date.now() - 30 * 86_400_000 }
    const cases: Record<string, readonly [hub: PeerCertificates, cluster: PeerCertificates, reason: RegExp]> = {
      'unknown CA': [await lab.member('hub'), strange, /no trusted CA/u],
      'of cluster9': [await lab.member('hub'), await lab.member('cluster9'), /names cluster9/u],
      expired: [
        await lab.member('hub', lately),
        await lab.member('cluster3'),
        /not valid any more by this node's clock/u,
      ],
      'of tomorrow': [
        await lab.member('hub', early),
        await lab.member('cluster3'),
        /not valid yet by this node's clock/u,
      ],
    }
    for (const mode of ['certificates', 'both'] as const) {
      for (const [what, [hubs, clusters, reason]] of Object.entries(cases)) {
        const ways = [
          await by(mode, 'hub', { certificates: hubs }),
          await by(mode, 'cluster3', { certificates: clusters }),
        ] as const
        const { hub, cluster, first } = await distrusting(...ways)
        t.same(first, [[`${tls} cluster3`], [`${tls} hub`]], `${what}, by ${mode}`)
        t.equal(hub.alarms()[0]?.text, 'TLS Failure to ILS at remote cluster')
        t.equal(hub.alarms()[0]?.severity, 'Alert')
        const refused = hub.notices.find((notice) => notice.type === 'refused')
        t.match(refused?.type === 'refused' && refused.detail, reason, what)
        t.equal(sessionOf(cluster, 'hub') ?? sessionOf(hub, 'cluster3'), undefined)
      }
    }
  },
)

t.test('a hub that cannot prove who it is gets no session either, and both ends are told', async (t) => {
  const impostor = await by('both', 'hub', { certificates: await lab.member('cluster9') })
  const { hub, cluster, first } = await distrusting(impostor, await by('both', 'cluster3'))
  t.same(first, [[`${tls} cluster3`], [`${tls} hub`]])
  t.equal(sessionOf(cluster, 'hub'), undefined)
  t.notOk(hub.find('cluster3', 'k', 'secret'))
})

t.test(
  'no downgrade: a call with the right password and without proof, or as if by password, is refused',
  async (t) => {
    const { talk, hub } = await trusting('both')
    const before = hub.snapshot()
    const honest = {
      nonce: 'x'.repeat(24),
      role: 'spoke',
      peerId: 'p',
      at: talk.wallMs,
      mode: 'both',
      key: createExchange(randomBytes).key,
    }
    const { certificate } = await lab.member('cluster7')
    const weaker = {
      'no proof': honest,
      'a certificate without proof': { ...honest, certificate },
      'a proof of nothing': { ...honest, certificate, proof: 'AAAA' },
      'by password': { ...honest, mode: 'password', key: undefined },
      'by certificates': { ...honest, mode: 'certificates' },
      'no key': { ...honest, key: undefined },
    }
    for (const [what, hello] of Object.entries(weaker)) {
      const told = hub.refusals().length
      const body = serializeFrame({ network: 'n', to: 'hub' }, 'hello', JSON.stringify(hello))
      talk.deliver({ to: 'hub', bytes: createEnvelopeCodec(networkKey, 'cluster7').seal('H', body) })
      t.same(hub.refusals().slice(told), ['certificate'], what)
      t.equal(hub.snapshot(), before, what)
      t.notOk(hub.driver.state.links.has('cluster7'), `${what}: no link`)
    }
    t.same(names(hub), [tls], 'one alarm for all of them')
  },
)

t.test('what a genuine call says cannot be changed by whoever knows the network’s key', async (t) => {
  const { talk, hub, one } = await trusting('certificates')
  talk.join({ self: 'cluster1', membership: spoke, authentication: await by('certificates', 'cluster1') }, one.store)
  const call = talk.letters.find(({ message }) => message?.type === 'hello')
  if (call?.message?.type !== 'hello') return t.fail('no call')
  const { payload } = call.message
  const session = sessionOf(hub, 'cluster1')?.id
  const others = {
    'another key': { key: createExchange(randomBytes).key },
    'another nonce': { nonce: 'y'.repeat(24) },
    'another role': { role: 'hub' },
    'another store': { peerId: 'another' },
    'another time': { at: 1 },
  }
  for (const [what, change] of Object.entries(others)) {
    const body = serializeFrame({ network: 'n', to: 'hub' }, 'hello', JSON.stringify({ ...payload, ...change }))
    const told = hub.refusals().length
    talk.deliver({ to: 'hub', bytes: createEnvelopeCodec(openKey('n'), 'cluster1').seal('H', body) })
    t.same(hub.refusals().slice(told), ['certificate'], what)
  }
  const renamed = serializeFrame({ network: 'n', to: 'hub' }, 'hello', JSON.stringify(payload))
  talk.deliver({ to: 'hub', bytes: createEnvelopeCodec(openKey('n'), 'cluster2').seal('H', renamed) })
  t.equal(hub.refusals().at(-1), 'certificate', 'another sender')
  t.equal(sessionOf(hub, 'cluster1')?.id, session)
})

t.test('who knows the network’s key and has heard everything still cannot speak in a session', async (t) => {
  const { talk, hub, one } = await trusting('both')
  const hello = talk.sent.find(({ from, message }) => from === 'cluster1' && message?.type === 'hello')?.message
  const welcome = talk.sent.find(({ to, message }) => to === 'cluster1' && message?.type === 'welcome')?.message
  if (hello?.type !== 'hello' || welcome?.type !== 'welcome') return t.fail('no handshake')
  const caller = { id: 'cluster1', ...hello.payload }
  const answerer = { id: 'hub', ...welcome.payload, nonce: welcome.payload.answer }
  const guessed = deriveSessionKey({ mode: 'both', key: networkKey }, 'n', { caller, answerer })
  t.equal(guessed.id, sessionOf(hub, 'cluster1')?.id, 'the name of the session is known')
  const body = serializeFrame({ network: 'n', to: 'hub', n: 1000 }, 'beat', '{"digest":"d","at":1}')
  const told = hub.refusals().length
  talk.deliver({ to: 'hub', bytes: createEnvelopeCodec(networkKey, 'cluster1').seal(guessed, body) })
  t.same(hub.refusals().slice(told), ['authentication'])
  one.change(['k', 'a', 1])
  talk.settle()
  t.equal(hub.find('cluster1', 'k', 'a')?.value, 1)
})

t.test('a refusal ends a session only if it is signed by the node that the session is with', async (t) => {
  const { talk, hub, one } = await trusting('both')
  const hubPeerId = hub.store.peerId()
  const session = sessionOf(one, 'hub')?.id as string
  const { certificate } = await lab.member('hub')
  const calls = () => talk.sent.filter(({ from, message }) => from === 'cluster1' && message?.type === 'hello').length
  const refusals = {
    unsigned: { reason: 'session', session, peerId: hubPeerId },
    'of a certificate without its key': { reason: 'session', session, peerId: hubPeerId, certificate, proof: 'AAAA' },
    'of another store': { reason: 'session', session, peerId: 'another' },
    'of another session': { reason: 'session', session: 'x'.repeat(22), peerId: hubPeerId },
  }
  for (const [what, refused] of Object.entries(refusals)) {
    const before = one.snapshot()
    const [told, called] = [one.refusals().length, calls()]
    const body = serializeFrame({ network: 'n', to: 'cluster1' }, 'refused', JSON.stringify(refused))
    talk.deliver({ to: 'cluster1', bytes: createEnvelopeCodec(networkKey, 'hub').seal('R', body) })
    t.equal(one.refusals().length, told + 1, what)
    t.same([one.snapshot(), calls()], [before, called], `${what}: it neither ends the session nor makes it call`)
  }
  talk.join({ self: 'hub', membership: { role: 'hub' }, authentication: await by('both', 'hub') }, hub.store)
  one.change(['k', 'after', 1])
  talk.settle()
  t.not(sessionOf(one, 'hub')?.id, session, 'a hub that has restarted says so, signed')
  t.equal(talk.nodes.get('hub')?.find('cluster1', 'k', 'after')?.value, 1)
})

t.test('certificates are looked at a bounded number of times, by sender and in all', async (t) => {
  const judge = await lab.member('hub')
  let looked = 0
  const counting: PeerCertificates = {
    ...judge,
    refuse(peer, proof) {
      looked += 1
      return judge.refuse(peer, proof)
    },
  }
  const talk = new Conversation()
  const hub = talk.join({
    self: 'hub',
    membership: { role: 'hub' },
    authentication: await by('certificates', 'hub', { certificates: counting }),
  })
  const nine = await lab.member('cluster9')
  const flood = (sender: string) => {
    const said = {
      nonce: randomBytes(18).toString('base64url'),
      role: 'spoke',
      peerId: 'p',
      at: 1,
      mode: 'certificates',
    }
    const payload = { ...said, key: createExchange(randomBytes).key, certificate: nine.certificate, proof: 'AAAA' }
    const body = serializeFrame({ network: 'n', to: 'hub' }, 'hello', JSON.stringify(payload))
    talk.deliver({ to: 'hub', bytes: createEnvelopeCodec(openKey('n'), sender).seal('H', body) })
  }
  for (let i = 0; i < 1000; i++) flood('cluster9')
  t.equal(looked, limits.handshakesPerPoll, 'of one sender')
  for (let i = 0; i < 1000; i++) flood(`claimed${i}`)
  t.equal(looked, limits.strangersPerPoll, 'of all strangers')
  t.equal(hub.refusals().length, 2000, 'but each is counted')
  t.ok(hub.driver.state.handshakes.bySender.size <= limits.strangersPerPoll)
  t.equal(hub.alarms().length, limits.claimedSendersPerPoll)
  t.equal(hub.driver.state.links.size, 0)
  const { length } = talk.sent
  t.ok(length <= 2 * limits.claimedSendersPerPoll, `${length} answers`)

  talk.pass(3 * heartbeatMs)
  const one = talk.join({ self: 'cluster1', membership: spoke, authentication: await by('certificates', 'cluster1') })
  talk.settle()
  for (let i = 0; i < 2000; i++) flood(`claimed${i}`)
  const again = talk.join(
    { self: 'cluster1', membership: spoke, authentication: await by('certificates', 'cluster1') },
    one.store,
  )
  talk.settle()
  t.ok(sessionOf(again, 'hub'), 'a neighbour that restarts in the middle of it is let in')
})

t.test(
  'a node that was restarted is told that its session is unknown, even by a hub that has never heard of it',
  async (t) => {
    for (const mode of modes) {
      const { talk, hub, one } = await trusting(mode)
      talk.join({ self: 'hub', membership: { role: 'hub' }, authentication: await by(mode, 'hub') }, hub.store)
      talk.letters = talk.letters.filter(({ message }) => message?.type !== 'hello')
      one.change(['k', 'a', 1])
      const since = talk.sent.length
      talk.settle()
      t.same(talk.said('cluster1', 'hub', since).slice(0, 2), ['hello', 'pull'], mode)
      t.same(talk.said('hub', 'cluster1', since).slice(0, 2), ['refused', 'welcome'], mode)
      t.equal(talk.nodes.get('hub')?.find('cluster1', 'k', 'a')?.value, 1, mode)
    }
  },
)

t.test('nobody gets a link, or more than a few answers, by talking in sessions that never were', async (t) => {
  const { talk, hub } = await trusting('both')
  const links = hub.driver.state.links.size
  const before = talk.sent.length
  const beat = serializeFrame({ network: 'n', to: 'hub', n: 1 }, 'beat', '{"digest":"d","at":1}')
  const mac = () => Buffer.alloc(32)
  for (let i = 0; i < 3000; i++) {
    const forger = createEnvelopeCodec(randomBytes(32), `claimed${i % 1500}`)
    talk.deliver({ to: 'hub', bytes: forger.seal({ id: 'x'.repeat(22), mac }, beat) })
  }
  t.equal(hub.driver.state.links.size, links)
  t.equal(talk.sent.length - before, limits.refusedSessions)
  t.same(names(hub), [], 'and nobody is woken up by it')
})

t.test(
  'whoever only hears the wire cannot spoil the calls of others by asking for what no call may carry',
  async (t) => {
    const talk = new Conversation()
    const one = talk.join({ self: 'cluster1', membership: spoke, authentication: await by('certificates', 'cluster1') })
    const nonce = one.driver.state.links.get('hub')?.call?.nonce
    const anybody = createEnvelopeCodec(openKey('n'), 'hub')
    for (const session of ['y'.repeat(64), '', 'x']) {
      const payload = JSON.stringify({ reason: 'challenge', nonce, session, peerId: 'anybody' })
      one.receive(anybody.seal('R', serializeFrame({ network: 'n', to: 'cluster1' }, 'refused', payload)))
    }
    // The first call is lost; those that follow it would carry what was asked for.
    talk.letters = []
    const hub = talk.join({ self: 'hub', membership: { role: 'hub' }, authentication: await by('certificates', 'hub') })
    talk.pass(3 * heartbeatMs)
    t.equal(one.status('hub'), 'Up to Date')
    t.same(hub.refusals(), [])
  },
)
