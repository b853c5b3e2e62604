// Secrets on disk: whole or not at all, and readable by their owner only.
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CertificatesError, CertificatesErrorCode } from './errors.ts'

/** Creates `folder` (owner only) unless it exists; its parent must be there. `member` is its name in the configuration. */
export async function ensureFolder(folder: string, member: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
    const message = `the folder ${dirname(folder)} does not exist: create it, or correct ${member}`
    throw new CertificatesError(CertificatesErrorCode.folderMissing, message, { cause: error })
  }
}

/** Undefined when there is no such file. */
export async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Writes a new file (0600) and returns once it is on disk. */
export async function writeSecret(file: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Puts `content` in the place of `file` in one step: a reader sees the old or the new, never a part. */
export async function replaceSecret(file: string, content: string): Promise<void> {
  const temporary = `${file}.${process.pid}.new`
  await rm(temporary, { force: true })
  await writeSecret(temporary, content)
  await rename(temporary, file)
}
