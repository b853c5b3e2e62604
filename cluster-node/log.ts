import { pino } from 'pino'
import type { DestinationStream, Logger } from 'pino'

/** What never reaches a log, wherever in a logged object it stands. */
const secretMembers = [
  'authorization',
  'pin',
  'password',
  'credential',
  'credentials',
  'secret',
  'appCertificate',
  'pepper',
  'keyPem',
  'hash',
]
/** `pin`, `body.pin`, `request.body.pin`, `err.request.body.pin`. */
const depths = ['', '*.', '*.*.', '*.*.*.']

/** Options of `createLog`. */
export interface LogOptions {
  readonly cluster: string
  readonly level: string
  /** Default: stderr, written at once, so that the last line before a crash is there. */
  readonly destination?: DestinationStream | undefined
}

/** The cluster's log: JSON lines on stderr (stdout holds the ready line), secrets redacted. */
export function createLog({ cluster, level, destination }: LogOptions): Logger {
  const paths = depths.flatMap((depth) => secretMembers.map((member) => `${depth}${member}`))
  return pino(
    { level, base: { cluster }, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths, censor: '[redacted]' } },
    destination ?? pino.destination({ dest: 2, sync: true }),
  )
}
