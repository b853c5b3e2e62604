// ILS Authentication from the settings: Use Password, Use TLS Certificates, or both.
import { readFile } from 'node:fs/promises'
import {
  PeerCertificateError,
  createPeerCertificates,
  readAuthorities,
  readCertificates,
} from '../../ils-sync/certificates.ts'
import type { PeerCertificates } from '../../ils-sync/core/state.ts'
import type { NodeAuthentication } from '../../ils-sync/node.ts'
import type { Identity } from '../certificates/api.ts'
import type { Clock } from '../service.ts'
import type { IlsConfig } from './config.ts'
import { IlsError } from './errors.ts'

export interface AuthenticationParts {
  readonly self: string
  readonly settings: Pick<IlsConfig, 'authentication' | 'password' | 'trustedCertificates' | 'trustedAuthorities'>
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

/** The CA of the lab has issued the certificates of all its processes; those of others were exchanged, or issued by CAs of their own. */
async function loadCertificates({ self, settings, identity, clock }: AuthenticationParts): Promise<PeerCertificates> {
  const { certPem, keyPem, caPem } = identity()
  const { trustedCertificates, trustedAuthorities } = settings
  const exchanged = await readFiles('trustedCertificates', trustedCertificates, readCertificates)
  const authorities = [caPem, ...(await readFiles('trustedAuthorities', trustedAuthorities, readAuthorities))]
  return explained(() => createPeerCertificates({ self, certPem, keyPem, authorities, exchanged, clock }))
}

type Read = (what: string, pem: string) => unknown

async function readFiles(setting: string, files: readonly string[], read: Read): Promise<readonly string[]> {
  return Promise.all(
    files.map(async (file) => {
      const what = `${setting}: ${file}`
      const pem = await readText(what, file)
      explained(() => read(what, pem))
      return pem
    }),
  )
}

async function readText(what: string, file: string): Promise<string> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new IlsError('ILS_CONFIG', `${what} cannot be read: ${(cause as Error).message}`, { cause })
  }
  if (/-----BEGIN CERTIFICATE-----/u.test(text)) return text
  throw new IlsError('ILS_CONFIG', `${what} holds no certificate`)
}

function explained<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof PeerCertificateError)) throw error
    throw new IlsError('ILS_CONFIG', `ILS authentication: ${error.message}`, { cause: error })
  }
}
