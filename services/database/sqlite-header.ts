// What the first bytes of a file say, read without opening it as a database: opening one may already change it.
import { closeSync, openSync, readSync } from 'node:fs'

const magic = 'SQLite format 3\0'
/** Offsets in the header: https://www.sqlite.org/fileformat.html#the_database_header */
const userVersionOffset = 60
const applicationIdOffset = 68
const headerBytes = 100

export type SqliteHeader =
  | { readonly kind: 'other' }
  | { readonly kind: 'truncated' }
  | { readonly kind: 'sqlite'; readonly applicationId: number; readonly userVersion: number }

/** Of a file that exists and is not empty. `other` is no SQLite database, `truncated` ends inside its header. */
export function readSqliteHeader(path: string): SqliteHeader {
  const header = readStart(path)
  if (header.toString('latin1', 0, magic.length) !== magic) return { kind: 'other' }
  if (header.length < headerBytes) return { kind: 'truncated' }
  return {
    kind: 'sqlite',
    applicationId: header.readUInt32BE(applicationIdOffset),
    userVersion: header.readUInt32BE(userVersionOffset),
  }
}

function readStart(path: string): Buffer {
  const header = Buffer.alloc(headerBytes)
  const file = openSync(path, 'r')
  try {
    return header.subarray(0, readSync(file, header, 0, headerBytes, 0))
  } finally {
    closeSync(file)
  }
}
