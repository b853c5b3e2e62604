// The lab's certificate authority and pepper: one folder, made once, by whichever process comes first.
import { X509Certificate, createPrivateKey, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CertificatesError, CertificatesErrorCode } from './errors.ts'
import { ensureFolder, writeSecret } from './files.ts'

/** What every process of the lab shares. */
export interface Authority {
  readonly certificate: X509Certificate
  readonly caPem: string
  readonly caKeyPem: string
  readonly pepper: Buffer
}

const pepperBytes = 32

/**
 * Reads `secretsDirectory/lab-ca`, or makes it. Processes that start at once agree on one: each makes a whole folder beside it and
 * renames it into place, which only the first can. Throws CertificatesError for damage, never overwrites.
 */
export async function loadAuthority(secretsDirectory: string): Promise<Authority> {
  await ensureFolder(secretsDirectory, 'secretsDirectory')
  const folder = join(secretsDirectory, 'lab-ca')
  if (!(await exists(folder))) await createAuthority(secretsDirectory, folder)
  return readAuthority(folder)
}

async function exists(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
}

async function createAuthority(secretsDirectory: string, folder: string): Promise<void> {
  // Loaded here and not above: a start that finds its certificates does not pay for the library.
  const { issueAuthority } = await import('./issue.ts')
  const { certPem, keyPem } = await issueAuthority()
  const temporary = await mkdtemp(join(secretsDirectory, 'lab-ca.new-'))
  await writeSecret(join(temporary, 'ca.pem'), certPem)
  await writeSecret(join(temporary, 'ca.key'), keyPem)
  await writeSecret(join(temporary, 'pepper'), randomBytes(pepperBytes))
  try {
    await rename(temporary, folder)
  } catch (error) {
    // rename(2) refuses a target folder that is not empty: another process was first, and its authority counts.
    await rm(temporary, { recursive: true, force: true })
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
  }
}

async function readAuthority(folder: string): Promise<Authority> {
  const caPem = (await readPart(folder, 'ca.pem')).toString()
  const caKeyPem = (await readPart(folder, 'ca.key')).toString()
  const pepper = await readPart(folder, 'pepper')
  const certificate = attempt(folder, 'ca.pem', () => new X509Certificate(caPem))
  const key = attempt(folder, 'ca.key', () => createPrivateKey(caKeyPem))
  if (!certificate.ca || !certificate.checkPrivateKey(key)) throw damaged(folder, 'ca.key does not belong to ca.pem')
  if (certificate.validToDate.getTime() < Date.now()) throw damaged(folder, `ca.pem expired on ${certificate.validTo}`)
  if (pepper.length !== pepperBytes) throw damaged(folder, `pepper is not ${pepperBytes} bytes long`)
  return { certificate, caPem, caKeyPem, pepper }
}

async function readPart(folder: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, name))
  } catch (error) {
    throw damaged(folder, `${name} cannot be read`, error)
  }
}

function attempt<T>(folder: string, name: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw damaged(folder, `${name} is not what it should be`, error)
  }
}

function damaged(folder: string, what: string, cause?: unknown): CertificatesError {
  const advice =
    'restore it from a copy, or move the folder away to have a new CA made (PIN hashes then no longer match)'
  return new CertificatesError(CertificatesErrorCode.damaged, `${folder} is damaged, ${what}: ${advice}`, { cause })
}
