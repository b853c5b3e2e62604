import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { chmod, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { issueCertificate } from '../../../services/certificates/issue.ts'
import { loadIdentity } from '../../../services/certificates/index.ts'
import type { IdentityPlace } from '../../../services/certificates/index.ts'

function placeIn(folder: string, changes: Partial<IdentityPlace> = {}): IdentityPlace {
  const hosts = ['127.0.0.11', 'localhost', '::1']
  return { secretsDirectory: `${folder}/secrets`, dataDirectory: `${folder}/data`, name: 'cluster1', hosts, ...changes }
}

t.test('a first start makes CA, pepper and a certificate for server and client', async (t) => {
  const folder = t.testdir()
  const { name, certPem, keyPem, caPem, pepper } = await loadIdentity(placeIn(folder))
  const ca = new X509Certificate(caPem)
  const certificate = new X509Certificate(certPem)
  t.equal(name, 'cluster1')
  t.equal(certificate.subject, 'CN=cluster1')
  t.ok(certificate.checkIssued(ca) && certificate.verify(ca.publicKey) && ca.ca && !certificate.ca)
  for (const host of ['cluster1', 'localhost']) t.equal(certificate.checkHost(host), host)
  for (const ip of ['127.0.0.11', '::1']) t.ok(certificate.checkIP(ip))
  t.same(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
  t.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
  t.match(keyPem, /PRIVATE KEY/u)
  t.equal(pepper.length, 32)
})

t.test('secrets are readable by their owner only', async (t) => {
  const folder = t.testdir()
  await loadIdentity(placeIn(folder))
  const files = ['secrets/lab-ca/ca.key', 'secrets/lab-ca/pepper', 'secrets/lab-ca/ca.pem', 'data/identity.pem']
  for (const file of files) t.equal((await stat(`${folder}/${file}`)).mode & 0o777, 0o600, file)
  for (const made of ['secrets', 'secrets/lab-ca', 'data'])
    t.equal((await stat(`${folder}/${made}`)).mode & 0o777, 0o700, made)
})

t.test('a second start finds what the first made', async (t) => {
  const folder = t.testdir()
  const first = await loadIdentity(placeIn(folder))
  t.same(await loadIdentity(placeIn(folder)), first)
  const reordered = ['0:0:0:0:0:0:0:1', 'LOCALHOST', '127.0.0.11', 'cluster1']
  t.same(
    await loadIdentity(placeIn(folder, { hosts: reordered })),
    first,
    'in whatever order and spelling hosts are given',
  )
})

t.test('a changed host, name or CA makes a new certificate and nothing else', async (t) => {
  const folder = t.testdir()
  const first = await loadIdentity(placeIn(folder))
  const moved = await loadIdentity(placeIn(folder, { hosts: ['127.0.0.12'] }))
  t.notSame(moved.certPem, first.certPem)
  t.same([moved.caPem, moved.pepper], [first.caPem, first.pepper])
  t.equal(new X509Certificate(moved.certPem).subjectAltName, 'DNS:cluster1, IP Address:127.0.0.12')
  const renamed = await loadIdentity(placeIn(folder, { hosts: ['127.0.0.12'], name: 'cluster9' }))
  t.equal(new X509Certificate(renamed.certPem).subject, 'CN=cluster9')

  await rm(`${folder}/secrets`, { recursive: true })
  const newLab = await loadIdentity(placeIn(folder, { hosts: ['127.0.0.12'], name: 'cluster9' }))
  t.notSame(newLab.caPem, first.caPem)
  t.ok(new X509Certificate(newLab.certPem).verify(new X509Certificate(newLab.caPem).publicKey))
})

t.test('a certificate that is about to expire is renewed', async (t) => {
  const folder = t.testdir()
  const place = placeIn(folder)
  const { certPem } = await loadIdentity(place)
  const now = Date.now
  const days = (count: number): void => {
    t.intercept(Date, 'now', { value: () => now() + count * 86_400_000, configurable: true })
  }
  days(700)
  t.equal((await loadIdentity(place)).certPem, certPem, 'after 700 of its 825 days it is good')
  days(800)
  t.not((await loadIdentity(place)).certPem, certPem)
})

t.test('processes that start at once agree on one CA and one pepper', async (t) => {
  const folder = t.testdir()
  const inOneProcess = ['cluster1', 'cluster2', 'cluster3'].map((name) =>
    loadIdentity(placeIn(folder, { name, dataDirectory: `${folder}/${name}` })),
  )
  const all = await Promise.all(inOneProcess)
  t.equal(new Set(all.map(({ caPem, pepper }) => caPem + pepper.toString('hex'))).size, 1)
  t.same(await readdir(`${folder}/secrets`), ['lab-ca'], 'and the losers clean up')

  const program = `
    import { loadIdentity } from ${JSON.stringify(fileURLToPath(new URL('../../../services/certificates/index.ts', import.meta.url)))}
    const [secretsDirectory, dataDirectory, name] = process.argv.slice(1)
    const { caPem, pepper } = await loadIdentity({ secretsDirectory, dataDirectory, name, hosts: [] })
    console.log(caPem + pepper.toString('hex'))`
  const children = ['a', 'b', 'c'].map((name) =>
    promisify(execFile)(process.execPath, [
      '--input-type=module-typescript',
      '-e',
      program,
      `${folder}/common`,
      `${folder}/${name}`,
      name,
    ]),
  )
  const answers = await Promise.all(children)
  t.equal(new Set(answers.map(({ stdout }) => stdout)).size, 1)
})

t.test('a damaged file is refused with what to do, and never overwritten', async (t) => {
  const folder = t.testdir()
  await loadIdentity(placeIn(folder))
  const other = `${folder}/another-lab`
  await mkdir(other)
  await loadIdentity(placeIn(other))
  const foreign = (file: string): Promise<Buffer> => readFile(`${other}/${file}`)
  const cases: readonly [file: string, content: string | Buffer, message: RegExp][] = [
    ['secrets/lab-ca/ca.pem', 'garbage', /lab-ca is damaged, ca\.pem is not what it should be: restore it/u],
    ['secrets/lab-ca/ca.key', '', /ca\.key is not what it should be/u],
    ['secrets/lab-ca/ca.key', await foreign('secrets/lab-ca/ca.key'), /ca\.key does not belong to ca\.pem/u],
    ['secrets/lab-ca/pepper', 'short', /pepper is not 32 bytes long/u],
    ['data/identity.pem', 'garbage', /identity\.pem is damaged \(certificate or key is missing\): delete it/u],
    [
      'data/identity.pem',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
      /identity\.pem is damaged/u,
    ],
  ]
  for (const [file, content, message] of cases) {
    const path = `${folder}/${file}`
    const whole = await readFile(path)
    await writeFile(path, content)
    await t.rejects(
      loadIdentity(placeIn(folder)),
      { name: 'CertificatesError', code: 'CERTIFICATES_DAMAGED', message },
      `${file} ${String(message)}`,
    )
    t.same(await readFile(path), Buffer.from(content), 'as it was found')
    await writeFile(path, whole)
  }
  await rm(`${folder}/secrets/lab-ca/pepper`)
  await t.rejects(loadIdentity(placeIn(folder)), { code: 'CERTIFICATES_DAMAGED', message: /pepper cannot be read/u })
})

t.test('a key that is not that of its certificate is refused', async (t) => {
  const folder = t.testdir()
  const { certPem, caPem } = await loadIdentity(placeIn(folder))
  const keyPem = await readFile(`${folder}/secrets/lab-ca/ca.key`, 'utf8')
  const another = await issueCertificate('cluster1', ['localhost'], { certPem: caPem, keyPem })
  await writeFile(`${folder}/data/identity.pem`, `${certPem}\n${another.keyPem}`)
  await t.rejects(loadIdentity(placeIn(folder)), { message: /the key is not that of the certificate/u })
})

t.test('folders are made, but not their parents', async (t) => {
  const folder = t.testdir()
  await t.rejects(loadIdentity(placeIn(folder, { secretsDirectory: `${folder}/no/secrets` })), {
    code: 'CERTIFICATES_FOLDER_MISSING',
    message: `the folder ${folder}/no does not exist: create it, or correct secretsDirectory`,
  })
  await t.rejects(loadIdentity(placeIn(folder, { dataDirectory: `${folder}/no/data` })), {
    message: /correct dataDirectory/u,
  })
})

t.test(
  'a folder without permission is an error that names it',
  { skip: process.getuid?.() === 0 && 'root may do everything' },
  async (t) => {
    const folder = t.testdir({ secrets: {} })
    await chmod(`${folder}/secrets`, 0o500)
    await t.rejects(loadIdentity(placeIn(folder)), { code: 'EACCES', message: /secrets/u })
  },
)
