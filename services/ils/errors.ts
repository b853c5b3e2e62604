export type IlsErrorCode =
  /** A setting that cannot be. */
  | 'ILS_CONFIG'
  /** The hub's file cannot be read any more. */
  | 'ILS_STORE_DAMAGED'
  /** The hub's file is not one of ours, or of a newer release. */
  | 'ILS_STORE_FOREIGN'
  /** The hub's file cannot be opened, or is in use by another process. */
  | 'ILS_STORE_UNAVAILABLE'

/** Something that keeps ILS from starting; the message is one sentence for people. */
export class IlsError extends Error {
  readonly code: IlsErrorCode
  constructor(code: IlsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'IlsError'
    this.code = code
  }
}
