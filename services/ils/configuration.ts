// Advanced Features > ILS Configuration: what the file says until it is changed at run time, then what the database says.
import { isDeepStrictEqual } from 'node:util'
import type { MembershipChange } from '../../ils-sync/node.ts'
import type { ClusterDatabase } from '../database/api.ts'
import { Problem } from '../problem.ts'
import type { ServiceContext } from '../service.ts'
import type { IlsConfiguration, IlsConfigured } from './api.ts'
import { configurationOf, routeStringOf } from './config.ts'
import type { IlsConfig } from './config.ts'
import { createConfigurationStore } from './configuration-store.ts'
import type { ConfigurationStore } from './configuration-store.ts'
import { IlsError } from './errors.ts'
import { breachOf } from './rules.ts'
import type { Breach } from './rules.ts'

export interface ConfigurationParts {
  readonly context: Pick<ServiceContext, 'clusterId' | 'events'>
  readonly database: Pick<ClusterDatabase, 'write' | 'afterCommit' | 'sql'>
  readonly file: IlsConfig
  /** What a change needs before it is kept; rejects when it cannot be had, and then nothing has changed. */
  readonly prepare: (next: IlsConfiguration) => Promise<void>
  /** Inside the write that keeps it, which `inWrite` sees: what this cluster advertises follows. */
  readonly record: () => void
  /** Takes the place in the network that it says, in the same transaction. Rejects when nothing of that was kept. */
  readonly move: (next: IlsConfiguration) => Promise<MembershipChange>
  /** Whatever follows from what is in force now. */
  readonly settle: (now: IlsConfiguration) => Promise<void>
}

export class Configuration {
  readonly #parts: ConfigurationParts
  readonly #store: ConfigurationStore
  #current: IlsConfiguration
  #last: Promise<unknown> = Promise.resolve()

  /** Throws IlsError when what is kept cannot be under this file: its password may be gone since. */
  constructor(parts: ConfigurationParts) {
    this.#parts = parts
    this.#store = createConfigurationStore(parts.database.sql)
    this.#current = this.#store.load() ?? configurationOf(parts.context.clusterId, parts.file)
    const breach = this.#breachOf(this.#current)
    if (breach) throw new IlsError('ILS_CONFIG', breach.sentence)
  }

  get current(): IlsConfiguration {
    return this.#current
  }

  /** As the running write sees it. */
  inWrite(): IlsConfiguration {
    return this.#store.load() ?? this.#current
  }

  /** One change after the other. Rejects with Problem 409 or 422 for what cannot be, and then nothing has changed. */
  change(changes: Partial<IlsConfiguration>): Promise<IlsConfigured> {
    const changed = this.#last.then(() => this.#change(changes))
    this.#last = changed.catch(() => {})
    return changed
  }

  /** Resolves when no change is under way. */
  async idle(): Promise<void> {
    await this.#last
  }

  async #change(changes: Partial<IlsConfiguration>): Promise<IlsConfigured> {
    const { prepare, settle } = this.#parts
    const next = this.#merged(changes)
    const breach = this.#breachOf(next)
    if (breach) throw problemOf(breach)
    if (isDeepStrictEqual(next, this.#current)) return this.#current
    try {
      await prepare(next)
    } catch (error) {
      throw error instanceof IlsError ? problemOf({ kind: 'state', sentence: error.message }, error) : error
    }
    try {
      const { untold } = await this.#carryOut(next)
      return untold.length === 0 ? this.#current : { ...this.#current, untold }
    } finally {
      await settle(this.#current)
    }
  }

  /** Both or none: a cluster whose page says other than what it does would be found out by its next restart. */
  async #carryOut(next: IlsConfiguration): Promise<MembershipChange> {
    const { move } = this.#parts
    const before = this.#current
    const rowBefore = this.#store.load()
    // Of one turn of the event loop, and so of one transaction.
    const [kept, moved] = await Promise.allSettled([this.#keep(next, next), move(next)])
    if (kept.status === 'fulfilled' && moved.status === 'fulfilled') return moved.value
    if (kept.status === 'fulfilled') await this.#keep(before, rowBefore)
    if (moved.status === 'fulfilled') await move(before)
    throw (kept.status === 'rejected' ? kept : (moved as PromiseRejectedResult)).reason
  }

  /** `row`: what the database says of it, nothing where that is the file's. */
  async #keep(next: IlsConfiguration, row: IlsConfiguration | undefined): Promise<void> {
    const { database, context, record } = this.#parts
    await database.write(() => {
      this.#store.save(row)
      record()
      database.afterCommit(() => {
        const before = this.#current
        this.#current = next
        for (const [name, value] of changesFrom(before, next))
          context.events.publish('parameterChanged', { service: ilsTitle, name, value: String(value) })
      })
    })
  }

  #merged(changes: Partial<IlsConfiguration>): IlsConfiguration {
    const next = { ...this.#current, ...changes }
    return {
      ...next,
      registrationServer: next.registrationServer.trim(),
      advertisedRouteString: routeStringOf(this.#parts.context.clusterId, next.advertisedRouteString),
    }
  }

  #breachOf(configuration: IlsConfiguration): Breach | undefined {
    const { context, file } = this.#parts
    return breachOf(configuration, { clusterId: context.clusterId, ...file })
  }
}

/** As Service Activation shows the service. */
export const ilsTitle = 'Cisco Intercluster Lookup Service'

/** The fields as the vendor's page names them. */
const fieldNames: Readonly<Record<keyof IlsConfiguration, string>> = {
  role: 'Role',
  registrationServer: 'Registration Server',
  exchangeGlobalDialPlan: 'Exchange Global Dial Plan Replication Data with Remote Clusters',
  advertisedRouteString: 'Advertised Route String',
  synchronizeClustersEveryMinutes: 'Synchronize Clusters Every',
}

function changesFrom(before: IlsConfiguration, after: IlsConfiguration): (readonly [string, unknown])[] {
  const keys = Object.keys(fieldNames) as (keyof IlsConfiguration)[]
  return keys.filter((key) => before[key] !== after[key]).map((key) => [fieldNames[key], after[key]] as const)
}

function problemOf({ kind, sentence }: Breach, cause?: unknown): Problem {
  const detail = `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`
  const facts =
    kind === 'wrong' ? { status: 422, title: 'Not a possible value' } : { status: 409, title: 'Not ready for ILS' }
  return new Problem({ ...facts, detail }, { cause })
}
