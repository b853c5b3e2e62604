// Trusted List of IPs: addresses and host names. Names are resolved off the event loop and remembered for a short while, so that a
// login waits for the resolver at most once in that time.
import type { Clock } from '../../service.ts'
import { normalizeIpAddress } from './ip-address.ts'

/** All addresses of a host name; rejects when it has none. */
export type Lookup = (host: string) => Promise<readonly string[]>

export interface TrustedListParts {
  readonly clock: Clock
  readonly lookup: Lookup
  /** How long an answer of the resolver is believed. */
  readonly keepMs: number
}

/** Answers at once where it can; a host name that cannot be resolved trusts nobody. `address` is normalised. */
export interface TrustedList {
  includes(list: string, address: string): boolean | Promise<boolean>
}

/** A resolver that fails or hangs is left alone for so long, else every login would wait for it (our choice). */
const failedForMs = 10_000

interface Entries {
  readonly addresses: ReadonlySet<string>
  readonly hosts: readonly string[]
}

interface Answer {
  readonly addresses: ReadonlySet<string>
  readonly until: number
}

/** Nothing is resolved yet. */
export function createTrustedList({ clock, lookup, keepMs }: TrustedListParts): TrustedList {
  const answers = new Map<string, Answer>()
  const asking = new Map<string, Promise<Answer>>()
  let text = ''
  let entries = parseEntries(text)

  function read(list: string): Entries {
    if (list === text) return entries
    answers.clear()
    text = list
    entries = parseEntries(list)
    return entries
  }

  async function resolve(host: string): Promise<Answer> {
    try {
      const found = (await lookup(host)).map(normalizeIpAddress).filter((one) => one !== undefined)
      const answer = { addresses: new Set(found), until: clock.now() + keepMs }
      answers.set(host, answer)
      return answer
    } catch {
      const answer = { addresses: new Set<string>(), until: clock.now() + failedForMs }
      answers.set(host, answer)
      return answer
    } finally {
      asking.delete(host)
    }
  }

  /** Many logins that need the same name wait for one answer. */
  function ask(host: string): Promise<Answer> {
    const known = asking.get(host)
    if (known !== undefined) return known
    const answer = resolve(host)
    asking.set(host, answer)
    return answer
  }

  return {
    includes(list, address) {
      const { addresses, hosts } = read(list)
      if (addresses.has(address)) return true
      if (hosts.length === 0) return false
      const now = clock.now()
      const stale = hosts.filter((host) => (answers.get(host)?.until ?? 0) <= now)
      const trusted = hosts.some((host) => !stale.includes(host) && answers.get(host)?.addresses.has(address))
      if (trusted || stale.length === 0) return trusted
      return Promise.all(stale.map(ask)).then((fresh) => fresh.some((answer) => answer.addresses.has(address)))
    },
  }
}

function parseEntries(list: string): Entries {
  const entries = list.split(';').map((entry) => entry.trim())
  const addresses = entries.map(normalizeIpAddress)
  return {
    addresses: new Set(addresses.filter((one) => one !== undefined)),
    hosts: entries.filter((entry, at) => entry !== '' && addresses[at] === undefined),
  }
}
