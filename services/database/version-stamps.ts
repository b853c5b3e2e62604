import { randomUUID } from 'node:crypto'
import type { DeviceStamp, EffectiveConfiguration } from './api.ts'
import { DeviceClass } from './references.ts'
import { foldName, type RowCache } from './row-memory.ts'
import type { Tables } from './tables.ts'

/**
 * Version stamps of the phones' configurations: seconds since the epoch, a hyphen, a UUID. Logins write theirs into the row of
 * `extensionmobilitydynamic` that they change anyway; where that has none, the one of `device` counts.
 */
export class VersionStamps {
  readonly #tables: Tables
  readonly #now: () => number
  /** By folded device name. */
  readonly #known: RowCache<string>
  readonly #effective: RowCache<EffectiveConfiguration>

  /** `effective` holds configurations by folded device name; a phone's is dropped when its stamp is renewed. */
  constructor(tables: Tables, now: () => number, effective: RowCache<EffectiveConfiguration>) {
    this.#tables = tables
    this.#now = now
    this.#known = tables.memory.cache()
    this.#effective = effective
  }

  /** One that no phone has. */
  next(): string {
    return `${Math.floor(this.#now() / 1000)}-${randomUUID()}`
  }

  /** Empty for an unknown phone. */
  of(deviceName: string): string {
    const key = foldName(deviceName)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const row = this.#tables.one<{ stamp: string }>(
      `SELECT ifnull(e.versionstamp, d.versionstamp) AS stamp FROM device AS d
       LEFT JOIN extensionmobilitydynamic AS e ON e.pkid = d.pkid
       WHERE d.name = ? AND d.tkclass = ${DeviceClass.phone}`,
      deviceName,
    )
    if (row) this.#known.set(key, row.stamp)
    return row?.stamp ?? ''
  }

  /** Those of the phones after this name, in the order of names. */
  page(after: string, limit: number): readonly DeviceStamp[] {
    return this.#tables.all<DeviceStamp>(
      `SELECT d.name, ifnull(e.versionstamp, d.versionstamp) AS versionStamp FROM device AS d
       LEFT JOIN extensionmobilitydynamic AS e ON e.pkid = d.pkid
       WHERE d.name > ? AND d.tkclass = ${DeviceClass.phone} ORDER BY d.name LIMIT ?`,
      after,
      limit,
    )
  }

  /** The running work wrote this stamp to a row of the phone with this folded name. */
  written(key: string, stamp: string): void {
    this.#known.change(key, stamp)
    this.#effective.change(key)
  }

  /** Writes a new stamp to one phone without forgetting anything else; `pkid` must be a phone's. */
  renew(deviceName: string, pkid: string): void {
    const stamp = this.next()
    const dynamic = 'UPDATE extensionmobilitydynamic SET versionstamp = ? WHERE pkid = ?'
    if (this.#tables.run(dynamic, stamp, pkid) === 0) {
      this.#tables.run('UPDATE device SET versionstamp = ? WHERE pkid = ?', stamp, pkid)
    }
    this.written(foldName(deviceName), stamp)
  }

  /** Inside a change: a new stamp for every phone whose pkid a query selects. */
  renewSelected(query: string, ...values: string[]): void {
    const phones = this.#tables.all<{ pkid: string }>(query, ...values)
    if (phones.length === 0) return
    const stamp = this.next()
    for (const { pkid } of phones) {
      this.#tables.run('UPDATE device SET versionstamp = ? WHERE pkid = ?', stamp, pkid)
      this.#tables.run('UPDATE extensionmobilitydynamic SET versionstamp = NULL WHERE pkid = ?', pkid)
    }
  }

  /** Inside a change that may reach every phone, such as one of a phone service. */
  renewAll(): void {
    this.#tables.run(`UPDATE device SET versionstamp = ? WHERE tkclass = ${DeviceClass.phone}`, this.next())
    this.#tables.run('UPDATE extensionmobilitydynamic SET versionstamp = NULL WHERE versionstamp IS NOT NULL')
  }
}

/**
 * Phones that show a profile (its pkid): somebody is logged in with it, or it is their log out profile. Logins are reached through the
 * users who control it, because an index on the profile would double the cost of every login.
 */
export const phonesWithProfile = `
  SELECT e.pkid FROM enduserdevicemap AS x JOIN extensionmobilitydynamic AS e ON e.fkenduser = x.fkenduser
  WHERE x.fkdevice = ?1 AND e.fkdevice_currentloginprofile = ?1
  UNION SELECT d.pkid FROM device AS d WHERE d.rl_fkdevice_logoutprofile = ?1`
