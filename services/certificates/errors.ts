/** What can be wrong with the files of the lab's chain of trust. */
export const CertificatesErrorCode = {
  /** A file is there and cannot be read as what it should be. It is never overwritten. */
  damaged: 'CERTIFICATES_DAMAGED',
  /** The folder that should hold a folder of ours does not exist. */
  folderMissing: 'CERTIFICATES_FOLDER_MISSING',
} as const
export type CertificatesErrorCode = (typeof CertificatesErrorCode)[keyof typeof CertificatesErrorCode]

/** Stops a start. The message is one sentence for people: which file, what is wrong, what to do. */
export class CertificatesError extends Error {
  readonly code: CertificatesErrorCode
  constructor(code: CertificatesErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CertificatesError'
    this.code = code
  }
}
