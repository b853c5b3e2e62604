// Certificates that are the same in every run: Ed25519 takes any 32 bytes for a key and signs without chance, so a seed that draws
// the keys as well is told the same story again, down to the length of each message.
import 'reflect-metadata'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { BasicConstraintsExtension, X509CertificateGenerator } from '@peculiar/x509'
import { createPeerCertificates } from '../../ils-sync/certificates.ts'
import type { PeerCertificates } from '../../ils-sync/core/state.ts'
import type { Random } from '../simulation/random.ts'

/** RFC 8410: what stands before the 32 bytes of an Ed25519 key in PKCS #8. */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const algorithm = { name: 'Ed25519' } as const
const validity = { notBefore: new Date('2020-01-01'), notAfter: new Date('2120-01-01') }

/** Members of one CA. */
export async function drawCertificates(
  names: readonly string[],
  random: Random,
): Promise<ReadonlyMap<string, PeerCertificates>> {
  const authorityKeys = drawKeys(random)
  const authority = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=CA of all clusters',
    serialNumber: '01',
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [new BasicConstraintsExtension(true, 0, true)],
  })
  const members = new Map<string, PeerCertificates>()
  for (const name of names) {
    const { publicKey, keyPem } = drawKeys(random)
    const certificate = await X509CertificateGenerator.create({
      subject: `CN=${name}`,
      serialNumber: '02',
      issuer: authority.subjectName,
      publicKey,
      signingKey: authorityKeys.privateKey,
      signingAlgorithm: algorithm,
      ...validity,
    })
    const own = { self: name, certPem: certificate.toString('pem'), keyPem }
    members.set(
      name,
      createPeerCertificates({ ...own, authorities: [authority.toString('pem')], exchanged: [], clock: Date }),
    )
  }
  return members
}

function drawKeys(random: Random) {
  const privateKey = createPrivateKey({
    key: Buffer.concat([pkcs8, random.bytes(32)]),
    format: 'der',
    type: 'pkcs8',
  })
  return {
    privateKey: privateKey.toCryptoKey(algorithm, true, ['sign']),
    publicKey: createPublicKey(privateKey).toCryptoKey(algorithm, true, ['verify']),
    keyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
  }
}
