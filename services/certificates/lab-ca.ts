// A process's identity in the lab: its own certificate, signed by the CA that all processes of the lab share.
import { X509Certificate, createPrivateKey } from 'node:crypto'
import { SocketAddress, isIP, isIPv6 } from 'node:net'
import { join } from 'node:path'
import type { Identity } from './api.ts'
import { loadAuthority } from './authority.ts'
import type { Authority } from './authority.ts'
import { CertificatesError, CertificatesErrorCode } from './errors.ts'
import { ensureFolder, readIfThere, replaceSecret } from './files.ts'

/** Where the files are and whom they are for. */
export interface IdentityPlace {
  /** Shared by all processes of the lab: CA and pepper. */
  readonly secretsDirectory: string
  /** The process's own folder. */
  readonly dataDirectory: string
  /** Becomes the common name: the cluster ID, or the tool's name. */
  readonly name: string
  /** IP addresses and DNS names at which the process is reached. */
  readonly hosts: readonly string[]
}

/** A certificate with less time than this left is made anew. */
const renewBeforeMs = 30 * 86_400_000

/** Whose certificate it is to be. */
interface Subject {
  readonly name: string
  /** Every host once, in the spelling of `canonicalHost`. */
  readonly hosts: readonly string[]
}

type Pems = Pick<Identity, 'certPem' | 'keyPem'>

/**
 * Loads the identity, making what is missing: the lab's CA and pepper on the lab's first start, the process's certificate on its
 * first start and whenever its name, its hosts or the CA changed or it is about to expire. Damaged files throw CertificatesError.
 */
export async function loadIdentity({ secretsDirectory, dataDirectory, name, hosts }: IdentityPlace): Promise<Identity> {
  const authority = await loadAuthority(secretsDirectory)
  await ensureFolder(dataDirectory, 'dataDirectory')
  const file = join(dataDirectory, 'identity.pem')
  const subject = { name, hosts: [...new Set([name, ...hosts].map(canonicalHost))] }
  const found = await readIfThere(file)
  const kept = found && parseStillGood(file, found.toString(), subject, authority)
  return {
    name,
    caPem: authority.caPem,
    pepper: authority.pepper,
    ...(kept ?? (await renew(file, subject, authority))),
  }
}

/** The certificate and key of `file`; undefined when they are whole and no longer right. */
function parseStillGood(file: string, text: string, subject: Subject, authority: Authority): Pems | undefined {
  const { certificate, ...pems } = parse(file, text)
  const good =
    certificate.checkIssued(authority.certificate) &&
    certificate.verify(authority.certificate.publicKey) &&
    certificate.validToDate.getTime() - Date.now() > renewBeforeMs &&
    certificate.subject === `CN=${subject.name}` &&
    namesExactly(certificate, subject.hosts)
  return good ? pems : undefined
}

function parse(file: string, text: string): Pems & { certificate: X509Certificate } {
  try {
    const [certPem, keyPem] = text.match(/-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----/gu) ?? []
    if (certPem === undefined || keyPem === undefined) throw new Error('certificate or key is missing')
    const certificate = new X509Certificate(certPem)
    if (!certificate.checkPrivateKey(createPrivateKey(keyPem)))
      throw new Error('the key is not that of the certificate')
    return { certificate, certPem, keyPem }
  } catch (cause) {
    const message = `${file} is damaged (${(cause as Error).message}): delete it, a new certificate is made at the next start`
    throw new CertificatesError(CertificatesErrorCode.damaged, message, { cause })
  }
}

async function renew(file: string, { name, hosts }: Subject, authority: Authority): Promise<Pems> {
  const { issueCertificate } = await import('./issue.ts')
  const pems = await issueCertificate(name, hosts, { certPem: authority.caPem, keyPem: authority.caKeyPem })
  await replaceSecret(file, `${pems.certPem}\n${pems.keyPem}\n`)
  return pems
}

function namesExactly(certificate: X509Certificate, hosts: readonly string[]): boolean {
  const entries = (certificate.subjectAltName ?? '')
    .split(', ')
    .map((entry) => entry.replace(/^(?:DNS|IP Address):/u, ''))
  return entries.map(canonicalHost).sort().join() === hosts.toSorted().join()
}

/** One spelling for one host: IPv6 shortened, names in lower case. */
function canonicalHost(host: string): string {
  if (isIP(host) === 0) return host.toLowerCase()
  return new SocketAddress({ address: host, family: isIPv6(host) ? 'ipv6' : 'ipv4' }).address
}
