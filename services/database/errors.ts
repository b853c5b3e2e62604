/** What can go wrong with a cluster's database, for callers to match on; the message is for people. */
export const DatabaseErrorCode = {
  /** The path holds something that this program did not make. */
  foreign: 'DATABASE_FOREIGN',
  damaged: 'DATABASE_DAMAGED',
  /** Made by a newer version of this program. */
  tooNew: 'DATABASE_TOO_NEW',
  /** Another process has it open. */
  inUse: 'DATABASE_IN_USE',
  /** The operating system refuses to read, create or write it. */
  inaccessible: 'DATABASE_INACCESSIBLE',
  duplicate: 'DATABASE_DUPLICATE',
  unknownReference: 'DATABASE_UNKNOWN_REFERENCE',
  notFound: 'DATABASE_NOT_FOUND',
  /** Something else still names what should be removed. */
  referenced: 'DATABASE_REFERENCED',
  /** A value that the table does not take, e.g. button 0. */
  invalid: 'DATABASE_INVALID',
  /** What was being read has been replaced meanwhile. */
  changed: 'DATABASE_CHANGED',
  alreadySeeded: 'DATABASE_ALREADY_SEEDED',
  /** The batch could not be committed; nothing of it is on disk. */
  writeFailed: 'DATABASE_WRITE_FAILED',
  /** `write` was called inside a work, whose own transaction is not over. */
  nestedWrite: 'DATABASE_NESTED_WRITE',
  /** Something that belongs inside `write` was called outside it. */
  outsideWrite: 'DATABASE_OUTSIDE_WRITE',
  closed: 'DATABASE_CLOSED',
} as const
export type DatabaseErrorCode = (typeof DatabaseErrorCode)[keyof typeof DatabaseErrorCode]

/** Every refusal and failure of the database; `code` says which, the message what to do about it. */
export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode
  constructor(code: DatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DatabaseError'
    this.code = code
  }
}

/** The SQLite result code of an error that node:sqlite threw (primary code, without its extension); undefined for others. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return error.errcode & 0xff
}

/** The error of a call that belongs inside `write`. */
export function outsideWrite(call: string): DatabaseError {
  return new DatabaseError('DATABASE_OUTSIDE_WRITE', `${call} was called outside write()`)
}
