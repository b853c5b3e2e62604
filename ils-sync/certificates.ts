// Use TLS Certificates: who a peer is, by its X.509 certificate. Certificates come from a CA that all clusters trust, or were exchanged
// one by one, as Bulk Certificate Management does it with the clusters' Tomcat certificates.
import { X509Certificate, constants, createPrivateKey, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { PeerCertificates } from './core/state.ts'

export interface PeerCertificateOptions {
  /** The common name that the own certificate must have: peers ask for it. */
  readonly self: string
  readonly certPem: string
  readonly keyPem: string
  /** PEM texts, of any number of certificates each: whatever these CAs have issued is good for the name that is in it. */
  readonly authorities: readonly string[]
  /** The same of certificates that were exchanged: each is good for its own name and nothing else, even if it calls itself a CA. */
  readonly exchanged: readonly string[]
  /** Wall clock: certificates are judged by this node's own. */
  readonly clock: { now(): number }
}

/** Stops a start; the message is one sentence for people. */
export class PeerCertificateError extends Error {
  readonly code = 'ILS_CERTIFICATE'
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'PeerCertificateError'
  }
}

/** Certificates whose chain was found good; so many are remembered. */
const remembered = 1024
const weakestRsaBits = 2048

/** Throws PeerCertificateError when the own certificate is of no use, or what is to be trusted cannot be read. */
export function createPeerCertificates(options: PeerCertificateOptions): PeerCertificates {
  const { self, clock } = options
  const own = readCertificates('the own certificate', options.certPem)[0] as X509Certificate
  const privateKey = readKey(options.keyPem)
  if (!own.checkPrivateKey(privateKey)) throw new PeerCertificateError('the key is not that of the own certificate')
  if (commonName(own) !== self)
    throw new PeerCertificateError(`the own certificate names ${commonName(own) ?? 'nobody'}, and not ${self}`)
  const weak = refuseKey(own.publicKey)
  if (weak !== undefined) throw new PeerCertificateError(`the own certificate is of no use: ${weak}`)
  const authorities = options.authorities.flatMap((pem) => readAuthorities('the certificate of a trusted CA', pem))
  const exchanged = options.exchanged.flatMap((pem) => readCertificates('a certificate that was exchanged', pem))
  const good = new Map<string, Trusted>()

  function find(certificate: string): Trusted | string {
    const known = good.get(certificate)
    if (known !== undefined) return known
    const read = parse(Buffer.from(certificate, 'base64'))
    if (read === undefined) return 'its certificate cannot be read'
    const reason = refuseKey(read.publicKey)
    if (reason !== undefined) return reason
    const issuers = authorities.filter((one) => isIssuer(one, read))
    const anchors = [...issuers, ...exchanged.filter((one) => one.raw.equals(read.raw))]
    if (anchors.length === 0) return 'its certificate is of no trusted CA, and was not exchanged'
    if (good.size >= remembered) good.clear()
    good.set(certificate, { read, anchors })
    return { read, anchors }
  }

  return {
    certificate: own.raw.toString('base64'),
    sign: (data) => sign(digestOf(privateKey), data, signingWith(privateKey)),
    refuse(peer, { certificate, data, signature }) {
      const found = find(certificate)
      if (typeof found === 'string') return found
      const name = commonName(found.read)
      if (name !== peer) return `its certificate names ${name?.slice(0, 64) ?? 'nobody'}`
      const now = clock.now()
      const untimely =
        refuseTime('its certificate', found.read, now) ??
        refuseAll(found.anchors.map((anchor) => refuseTime('its CA', anchor, now)))
      if (untimely !== undefined) return untimely
      return fits(found.read.publicKey, data, signature) ? undefined : 'its signature is not of its certificate'
    },
  }
}

interface Trusted {
  readonly read: X509Certificate
  /** The CA that issued it, before and after the CA's own certificate was renewed; or itself. */
  readonly anchors: readonly X509Certificate[]
}

/** All certificates of a text. Throws PeerCertificateError, in which `what` says what it is, when there is none or one cannot be read. */
export function readCertificates(what: string, pem: string): readonly X509Certificate[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu)?.map((one) => parse(one))
  if (found === undefined || found.includes(undefined)) throw new PeerCertificateError(`${what} cannot be read`)
  return found as X509Certificate[]
}

/** The same of CAs. */
export function readAuthorities(what: string, pem: string): readonly X509Certificate[] {
  const found = readCertificates(what, pem)
  if (found.every(({ ca }) => ca)) return found
  throw new PeerCertificateError(`${what} is not that of a CA`)
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new PeerCertificateError('the key of the own certificate cannot be read', { cause })
  }
}

function parse(certificate: string | Buffer): X509Certificate | undefined {
  try {
    const parsed = new X509Certificate(certificate)
    // A key of a kind that OpenSSL does not know throws only when it is asked for.
    return parsed.publicKey && parsed
  } catch {
    return undefined
  }
}

/** `checkIssued` compares names and extensions only, so the signature has to be looked at as well. */
function isIssuer(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
  } catch {
    return false
  }
}

/** Undefined unless there is exactly one, alone in its place: several names, or one hidden beside another, are nobody's. */
function commonName({ subject }: X509Certificate): string | undefined {
  const names = (subject ?? '').split('\n').filter((line) => /(?:^|\+ ?)CN=/u.test(line))
  return names.length === 1 && names[0]?.startsWith('CN=') ? names[0].slice(3) : undefined
}

function refuseTime(what: string, { validFromDate, validToDate }: X509Certificate, now: number): string | undefined {
  if (now < validFromDate.getTime()) return `${what} is not valid yet by this node's clock`
  return now > validToDate.getTime() ? `${what} is not valid any more by this node's clock` : undefined
}

/** One that is not refused will do; of several reasons the first is as good as any. */
function refuseAll(reasons: readonly (string | undefined)[]): string | undefined {
  return reasons.includes(undefined) ? undefined : reasons[0]
}

function refuseKey({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string | undefined {
  if (type === 'ec' || type === 'ed25519') return undefined
  if (type !== 'rsa') return `its key is of a kind that is not used here: ${type}`
  return (details?.modulusLength ?? 0) < weakestRsaBits
    ? `its RSA key is shorter than ${weakestRsaBits} bits`
    : undefined
}

function fits(key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(digestOf(key), data, signingWith(key), signature)
  } catch {
    return false
  }
}

/** Ed25519 has its own. */
function digestOf({ asymmetricKeyType }: KeyObject): 'sha256' | null {
  return asymmetricKeyType === 'ed25519' ? null : 'sha256'
}

function signingWith(key: KeyObject) {
  if (key.asymmetricKeyType === 'ec') return { key, dsaEncoding: 'ieee-p1363' as const }
  if (key.asymmetricKeyType === 'ed25519') return { key }
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
}
