// ILS Authentication from the settings: Use Password, Use TLS Certificates, or both.
import { readFile } from 'node:fs/promises'
import { PeerCertificateError, createPeerCertificates } from '../../ils-sync/certificates.ts'
import type { PeerCertificates } from '../../ils-sync/core/state.ts'
import type { NodeAuthentication } from '../../ils-sync/node.ts'
import type { Identity } from '../certificates/api.ts'
import type { Clock } from '../service.ts'
import type { IlsConfig } from './config.ts'
import { IlsError } from './errors.ts'

export interface AuthenticationParts {
  readonly self: string
  readonly settings: Pick<IlsConfig, 'authentication' | 'password' | 'trustedCertificates'>
  /** Not looked at while passwords alone are used. */
  readonly identity: () => Pick<Identity, 'certPem' | 'keyPem' | 'caPem'>
  readonly clock: Clock
}

/** Rejects with IlsError for certificates that cannot be read or used. */
export async function loadAuthentication(parts: AuthenticationParts): Promise<NodeAuthentication> {
  const { authentication: mode, password } = parts.settings
  if (mode === 'password') return { mode, password }
  const certificates = await loadCertificates(parts)
  return mode === 'certificates' ? { mode, certificates } : { mode, password, certificates }
}

/** The CA of the lab has issued the certificates of all its processes; those of others were exchanged, and lie in files. */
async function loadCertificates({ self, settings, identity, clock }: AuthenticationParts): Promise<PeerCertificates> {
  const { certPem, keyPem, caPem } = identity()
  const exchanged = await Promise.all(settings.trustedCertificates.map(readCertificate))
  try {
    return createPeerCertificates({ self, certPem, keyPem, trusted: [caPem, ...exchanged], clock })
  } catch (error) {
    if (!(error instanceof PeerCertificateError)) throw error
    throw new IlsError('ILS_CONFIG', `ILS authentication: ${error.message}`, { cause: error })
  }
}

async function readCertificate(file: string): Promise<string> {
  let pem: string
  try {
    pem = await readFile(file, 'utf8')
  } catch (cause) {
    throw new IlsError('ILS_CONFIG', `trustedCertificates: ${file} cannot be read: ${(cause as Error).message}`, {
      cause,
    })
  }
  if (/-----BEGIN CERTIFICATE-----/u.test(pem)) return pem
  throw new IlsError('ILS_CONFIG', `trustedCertificates: ${file} holds no certificate`)
}
