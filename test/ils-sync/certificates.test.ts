// Use TLS Certificates: whom a node takes for a peer.
import { X509Certificate } from 'node:crypto'
import 'reflect-metadata'
import t from 'tap'
import { createPeerCertificates } from '../../ils-sync/certificates.ts'
import type { PeerCertificates } from '../../ils-sync/core/state.ts'
import { issueCertificate } from '../../services/certificates/issue.ts'
import type { Issued } from '../../services/certificates/issue.ts'
import { createAuthority, keyKinds, renewals, selfSigned } from './fixtures/identities.ts'

const data = Buffer.from('what cluster2 says')
const day = 86_400_000

/** Why `hearer` does not believe that `speaker` is cluster2. */
function judge(hearer: PeerCertificates, speaker: PeerCertificates, changes: { peer?: string; data?: Buffer } = {}) {
  const signature = speaker.sign(data)
  return hearer.refuse(changes.peer ?? 'cluster2', {
    certificate: speaker.certificate,
    data: changes.data ?? data,
    signature,
  })
}

t.test('a certificate of the CA that names the peer is believed, again and again', async (t) => {
  const lab = await createAuthority()
  const [hub, two] = [await lab.member('hub'), await lab.member('cluster2')]
  for (let i = 0; i < 3; i++) t.equal(judge(hub, two), undefined)
})

t.test('what does not prove that the peer has said it is refused by reason', async (t) => {
  const [lab, other] = [await createAuthority(), await createAuthority()]
  const [hub, two, nine] = [await lab.member('hub'), await lab.member('cluster2'), await lab.member('cluster9')]
  t.equal(judge(hub, nine), 'its certificate names cluster9', 'the certificate of another cluster')
  t.match(judge(hub, await other.member('cluster2')), /no trusted CA, and was not exchanged/u, 'another CA')
  t.match(judge(hub, two, { data: Buffer.from('something else') }), /signature is not/u, 'other words')
  t.match(
    hub.refuse('cluster2', { certificate: two.certificate, data, signature: nine.sign(data) }),
    /signature is not/u,
    'a copied certificate without its key',
  )
  for (const signature of [Buffer.alloc(0), Buffer.alloc(64), Buffer.alloc(5000, 1)]) {
    t.match(hub.refuse('cluster2', { certificate: two.certificate, data, signature }), /signature is not/u)
  }
  for (const certificate of ['', 'AAAA', '!', Buffer.alloc(3000, 48).toString('base64')]) {
    t.equal(hub.refuse('cluster2', { certificate, data, signature: two.sign(data) }), 'its certificate cannot be read')
  }
})

t.test("certificates are judged by this node's clock, and the reason says so", async (t) => {
  const lab = await createAuthority()
  const two = await lab.member('cluster2')
  const clock = { ms: Date.now(), now: () => clock.ms }
  const hub = await lab.member('hub', clock)
  t.equal(judge(hub, two), undefined)
  clock.ms -= 2 * day
  t.equal(judge(hub, two), "its certificate is not valid yet by this node's clock")
  clock.ms += 830 * day
  t.equal(judge(hub, two), "its certificate is not valid any more by this node's clock")
  clock.ms = Date.now()
  t.equal(judge(hub, two), undefined, 'and again when the clock is right')
})

t.test('a CA whose certificate was renewed is trusted by either, while one of them is valid', async (t) => {
  const clock = { ms: Date.now(), now: () => clock.ms }
  const [expiring, renewed] = (await renewals(1, 60)) as [Issued, Issued]
  const [hubs, twos] = [await issueCertificate('hub', [], renewed), await issueCertificate('cluster2', [], renewed)]
  const two = createPeerCertificates({
    self: 'cluster2',
    ...twos,
    authorities: [renewed.certPem],
    exchanged: [],
    clock,
  })
  for (const authorities of [
    [expiring.certPem, renewed.certPem],
    [renewed.certPem, expiring.certPem],
    [`${expiring.certPem}\n${renewed.certPem}`],
  ]) {
    const hub = createPeerCertificates({ self: 'hub', ...hubs, authorities, exchanged: [], clock })
    t.equal(judge(hub, two), undefined)
    clock.ms += 2 * day
    t.equal(judge(hub, two), undefined, 'the older one is not valid any more')
    clock.ms -= 2 * day
  }
  const hub = createPeerCertificates({ self: 'hub', ...hubs, authorities: [expiring.certPem], exchanged: [], clock })
  clock.ms += 2 * day
  t.equal(judge(hub, two), "its CA is not valid any more by this node's clock")
})

t.test('exchanged certificates are trusted one by one, whatever their keys are', async (t) => {
  const hubs = await selfSigned('hub')
  for (const kind of Object.keys(keyKinds) as (keyof typeof keyKinds)[]) {
    const twos = await selfSigned('cluster2', { kind })
    const hub = createPeerCertificates({
      self: 'hub',
      ...hubs,
      authorities: [],
      exchanged: [twos.certPem],
      clock: Date,
    })
    const two = () =>
      createPeerCertificates({ self: 'cluster2', ...twos, authorities: [], exchanged: [hubs.certPem], clock: Date })
    if (kind === 'RSA of 1024 bits') t.throws(two, /shorter than 2048 bits/u)
    else t.equal(judge(hub, two()), undefined, kind)
    const certificate = new X509Certificate(twos.certPem).raw.toString('base64')
    if (kind === 'RSA of 1024 bits') t.match(hub.refuse('cluster2', { certificate, data, signature: data }), /shorter/u)
  }
})

t.test('a cluster whose certificate was exchanged cannot issue others', async (t) => {
  const nines = await selfSigned('cluster9')
  const hub = createPeerCertificates({
    self: 'hub',
    ...(await selfSigned('hub')),
    authorities: [],
    exchanged: [nines.certPem],
    clock: Date,
  })
  const forged = createPeerCertificates({
    self: 'cluster2',
    ...(await selfSigned('cluster2')),
    authorities: [],
    exchanged: [],
    clock: Date,
  })
  t.match(judge(hub, forged), /was not exchanged/u)
})

t.test('B3 an exchanged certificate that calls itself a CA vouches for its own name and for no other', async (t) => {
  const nines = await selfSigned('cluster9', { ca: true })
  const [hubs, twos] = [await selfSigned('hub'), await issueCertificate('cluster2', [], nines)]
  const trusting = { self: 'hub', ...hubs, clock: Date }
  const nobody = { authorities: [], exchanged: [], clock: Date }
  const [two, nine] = [
    createPeerCertificates({ self: 'cluster2', ...twos, ...nobody }),
    createPeerCertificates({ self: 'cluster9', ...nines, ...nobody }),
  ]
  const hub = createPeerCertificates({ ...trusting, authorities: [], exchanged: [nines.certPem] })
  t.equal(judge(hub, nine, { peer: 'cluster9' }), undefined)
  t.match(judge(hub, two), /no trusted CA, and was not exchanged/u, 'what it has issued')
  t.equal(judge(hub, nine), 'its certificate names cluster9', 'itself under another name')
  const trustful = createPeerCertificates({ ...trusting, authorities: [nines.certPem], exchanged: [] })
  t.equal(judge(trustful, two), undefined, 'a CA that is trusted as one')
})

t.test('exactly one common name counts', async (t) => {
  const subjects = {
    'two of them': 'CN=cluster2, CN=cluster9',
    none: 'O=cluster2',
    'a part of another': 'O=x+CN=cluster2',
  }
  for (const [what, subject] of Object.entries(subjects)) {
    const odd = await selfSigned('cluster2', { subject })
    const hub = createPeerCertificates({
      self: 'hub',
      ...(await selfSigned('hub')),
      authorities: [],
      exchanged: [odd.certPem],
      clock: Date,
    })
    const certificate = new X509Certificate(odd.certPem).raw.toString('base64')
    t.match(hub.refuse('cluster2', { certificate, data, signature: data }), /^its certificate names/u, what)
  }
})

t.test('a node does not start with a certificate that is of no use to it', async (t) => {
  const [one, two] = [await selfSigned('cluster1'), await selfSigned('cluster2')]
  const base = { self: 'cluster1', ...one, authorities: [], exchanged: [], clock: Date }
  const wrong = {
    'of another name': { ...base, self: 'cluster7' },
    'with the key of another': { ...base, keyPem: two.keyPem },
    'that cannot be read': { ...base, certPem: 'x' },
    'whose key cannot be read': { ...base, keyPem: 'x' },
    'and trusts a CA that is none': { ...base, authorities: [two.certPem] },
    'and trusts what cannot be read': {
      ...base,
      exchanged: ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'],
    },
  }
  for (const [what, options] of Object.entries(wrong)) {
    t.throws(() => createPeerCertificates(options), { code: 'ILS_CERTIFICATE' }, what)
  }
})
