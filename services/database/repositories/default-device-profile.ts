import { randomUUID } from 'node:crypto'
import type { DefaultDeviceProfile, DefaultDeviceProfileRepository } from '../api.ts'
import { settingsAssignment, settingsJoin, settingsOf, settingsSelection, settingValues } from '../device-columns.ts'
import type { SettingsRow } from '../device-columns.ts'
import { deviceSettingDefaults } from '../device-settings.ts'
import { DatabaseError } from '../errors.ts'
import { DeviceClass } from '../references.ts'
import type { RowCache } from '../row-memory.ts'
import { frozenList, refuseTakenName } from './device-name.ts'
import type { DeviceParts } from './device-parts.ts'

const defaults = `d.tkclass = ${DeviceClass.defaultDeviceProfile}`
const select = `SELECT d.pkid, m.name AS model, ${settingsSelection} FROM device AS d
  JOIN typemodel AS m ON m.enum = d.tkmodel ${settingsJoin}`

type Row = Omit<DefaultDeviceProfile, 'phoneServices'> & SettingsRow & { readonly pkid: string }

/** Default device profiles, one per model at most: rows of `device` of a class of ours. */
export class DefaultDeviceProfiles implements DefaultDeviceProfileRepository {
  readonly #parts: DeviceParts
  /** By model; null: known to have none. */
  readonly #found: RowCache<DefaultDeviceProfile | null>

  constructor(parts: DeviceParts) {
    this.#parts = parts
    this.#found = parts.tables.memory.cache()
  }

  find(model: string): DefaultDeviceProfile | undefined {
    const known = this.#found.get(model)
    if (known !== undefined) return known ?? undefined
    const [profile] = this.#read(`d.tkmodel = (SELECT enum FROM typemodel WHERE name = ?) AND ${defaults}`, model)
    // Of models, unlike of the names that callers make up, there are only few.
    this.#found.set(model, profile ?? null)
    return profile
  }

  list(): readonly DefaultDeviceProfile[] {
    return this.#read(defaults)
  }

  set(model: string, changes: Partial<Omit<DefaultDeviceProfile, 'model'>>): DefaultDeviceProfile {
    const { tables, references, buttons } = this.#parts
    const where = `default device profile of ${model}`
    return tables.change(where, () => {
      if (model === '') throw new DatabaseError('DATABASE_INVALID', 'A default device profile needs a model')
      const settings = { ...deviceSettingDefaults, ...this.find(model), ...changes }
      const pkid = this.#pkid(model) ?? this.#insert(model)
      const values = settingValues(settings, references, where)
      tables.run(`UPDATE device SET ${settingsAssignment} WHERE pkid = ?`, ...values, pkid)
      if (changes.phoneServices) buttons.replaceServices(pkid, changes.phoneServices, where)
      this.#stampPhones(model)
      const profile = this.find(model)
      if (!profile) throw new DatabaseError('DATABASE_NOT_FOUND', `There is no ${where}`)
      return profile
    })
  }

  remove(model: string): boolean {
    return this.#parts.tables.change(`default device profile of ${model}`, () => {
      const pkid = this.#pkid(model)
      if (pkid === undefined) return false
      this.#parts.tables.run('DELETE FROM device WHERE pkid = ?', pkid)
      this.#stampPhones(model)
      return true
    })
  }

  #pkid(model: string): string | undefined {
    const text = `SELECT d.pkid FROM typemodel AS m JOIN device AS d ON d.tkmodel = m.enum WHERE m.name = ? AND ${defaults}`
    return this.#parts.tables.one<{ pkid: string }>(text, model)?.pkid
  }

  #insert(model: string): string {
    const { tables, references } = this.#parts
    const name = `Default Device Profile of ${model}`
    refuseTakenName(tables, name)
    const pkid = randomUUID()
    tables.run(
      'INSERT INTO device (pkid, name, tkclass, tkmodel) VALUES (?, ?, ?, ?)',
      pkid,
      name,
      DeviceClass.defaultDeviceProfile,
      references.model(model),
    )
    return pkid
  }

  #stampPhones(model: string): void {
    const phones = `SELECT d.pkid FROM device AS d JOIN typemodel AS m ON m.enum = d.tkmodel
      WHERE d.tkclass = ${DeviceClass.phone} AND m.name = ?`
    this.#parts.stamps.renewSelected(phones, model)
  }

  #read(condition: string, ...values: string[]): readonly DefaultDeviceProfile[] {
    const services = this.#parts.buttons.services(condition, ...values)
    const rows = this.#parts.tables.all<Row>(`${select} WHERE ${condition} ORDER BY m.name`, ...values)
    return rows.map((row) => {
      const { pkid, ...profile } = settingsOf(row)
      return Object.freeze({ ...profile, phoneServices: services.get(pkid) ?? frozenList })
    })
  }
}
