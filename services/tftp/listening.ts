import { isIPv6 } from 'node:net'
import { Problem } from '../problem.ts'

/** A host as a URL holds it. */
export function hostInUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host
}

/** Where somebody wants to listen. */
export interface Place {
  readonly host: string
  readonly port: number
  readonly transport: 'TCP' | 'UDP'
  /** The configuration's member that holds the port. */
  readonly member: string
}

/** What to tell who cannot have a place: one sentence, and what to do about it. Anything unknown is passed on as it is. */
export function cannotListen(error: unknown, { host, port, transport, member }: Place): unknown {
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? '']
  if (reason === undefined) return error
  const detail = `Cisco Tftp cannot listen at ${hostInUrl(host)}:${port} (${transport}), ${reason(member)}.`
  return new Problem({ status: 503, title: 'Port Not Available', detail }, { cause: error })
}

const reasons: Readonly<Record<string, (member: string) => string>> = {
  EADDRINUSE: (member) => `which is in use: stop the process that has it, or change ${member} (0 takes any free port)`,
  EADDRNOTAVAIL: () => 'because this machine has no such address: change services.tftp.host',
  ENOTFOUND: () => 'because there is no such host: change services.tftp.host',
  EACCES: (member) => `which this user may not have: change ${member} to 1024 or above`,
}
