import { randomUUID } from 'node:crypto'
import { PhoneServiceType } from '../api.ts'
import type { NewPhoneService, PhoneService, PhoneServiceChanges, PhoneServiceRepository } from '../api.ts'
import { DatabaseError } from '../errors.ts'
import { flag } from '../references.ts'
import type { RowCache } from '../row-memory.ts'
import type { Tables } from '../tables.ts'
import type { VersionStamps } from '../version-stamps.ts'

type Row = Omit<PhoneService, 'enabled' | 'enterpriseSubscription'> & {
  readonly enabled: 't' | 'f'
  readonly enterprisesubscription: 't' | 'f'
}

const select = `SELECT name, description, urltemplate AS url, secureurltemplate AS secureUrl, rl_category AS category,
  rl_type AS type, vendor, version, enterprisesubscription, enabled FROM telecasterservice`

const initial = {
  description: '',
  secureUrl: '',
  category: 'XML Service',
  type: PhoneServiceType.services,
  vendor: '',
  version: '',
  enterpriseSubscription: false,
  enabled: true,
} as const

/** The one key under which the list of services with enterprise subscription is kept. */
const all = ''

/** IP phone services: `telecasterservice`. */
export class PhoneServices implements PhoneServiceRepository {
  readonly #tables: Tables
  readonly #stamps: VersionStamps
  readonly #found: RowCache<PhoneService>
  readonly #enterprise: RowCache<readonly PhoneService[]>

  constructor(tables: Tables, stamps: VersionStamps) {
    this.#tables = tables
    this.#stamps = stamps
    this.#found = tables.memory.cache()
    this.#enterprise = tables.memory.cache()
  }

  find(name: string): PhoneService | undefined {
    const known = this.#found.get(name)
    if (known) return known
    const row = this.#tables.one<Row>(`${select} WHERE name = ?`, name)
    if (!row) return undefined
    const service = phoneService(row)
    this.#found.set(name, service)
    return service
  }

  list(): readonly PhoneService[] {
    return this.#tables.all<Row>(`${select} ORDER BY name`).map(phoneService)
  }

  /** Those that every phone has. */
  enterprise(): readonly PhoneService[] {
    const known = this.#enterprise.get(all)
    if (known) return known
    const services = this.list().filter(({ enterpriseSubscription }) => enterpriseSubscription)
    this.#enterprise.set(all, services)
    return services
  }

  insert(service: NewPhoneService): PhoneService {
    const { name } = service
    return this.#tables.change(`phone service ${name}`, () => {
      if (this.find(name)) throw new DatabaseError('DATABASE_DUPLICATE', `There is a phone service ${name} already`)
      const wanted = { ...initial, ...service }
      this.#tables.run(
        `INSERT INTO telecasterservice (pkid, name, urltemplate, enterprisesubscription, enabled) VALUES (?, ?, ?, ?, 't')`,
        randomUUID(),
        name,
        wanted.url,
        flag(wanted.enterpriseSubscription),
      )
      this.#fill(wanted)
      if (wanted.enterpriseSubscription) this.#stamps.renewAll()
      return this.#existing(name)
    })
  }

  update(name: string, changes: PhoneServiceChanges): PhoneService {
    return this.#tables.change(`phone service ${name}`, () => {
      this.#fill({ ...this.#existing(name), ...changes })
      this.#stamps.renewAll()
      return this.#existing(name)
    })
  }

  remove(name: string): boolean {
    return this.#tables.change(`phone service ${name}`, () => {
      if (this.#tables.run('DELETE FROM telecasterservice WHERE name = ?', name) === 0) return false
      this.#stamps.renewAll()
      return true
    })
  }

  /** Subscriptions carry the URL too, as at the vendor. */
  #fill(service: PhoneService): void {
    this.#tables.run(
      `UPDATE telecasterservice SET description = ?, urltemplate = ?, secureurltemplate = ?, rl_category = ?, rl_type = ?,
         vendor = ?, version = ?, enabled = ? WHERE name = ?`,
      service.description,
      service.url,
      service.secureUrl,
      service.category,
      service.type,
      service.vendor,
      service.version,
      flag(service.enabled),
      service.name,
    )
    this.#tables.run(
      `UPDATE telecastersubscribedservice SET serviceurl = ?
       WHERE fktelecasterservice = (SELECT pkid FROM telecasterservice WHERE name = ?)`,
      service.url,
      service.name,
    )
  }

  #existing(name: string): PhoneService {
    const service = this.find(name)
    if (!service) throw new DatabaseError('DATABASE_NOT_FOUND', `There is no phone service ${JSON.stringify(name)}`)
    return service
  }
}

function phoneService({ enabled, enterprisesubscription, ...row }: Row): PhoneService {
  return Object.freeze({ ...row, enterpriseSubscription: enterprisesubscription === 't', enabled: enabled === 't' })
}
