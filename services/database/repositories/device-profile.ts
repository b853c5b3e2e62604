import { randomUUID } from 'node:crypto'
import type { DeviceProfile, DeviceProfileChanges, DeviceProfileRepository, NewDeviceProfile } from '../api.ts'
import type { ButtonRows } from '../button-rows.ts'
import { DatabaseError } from '../errors.ts'
import { DeviceClass, type References } from '../references.ts'
import { foldName, type RowCache } from '../row-memory.ts'
import type { Tables } from '../tables.ts'
import { deviceDefaults, frozenList, refuseTakenName } from './device-name.ts'
import { endLoginsWith } from './end-logins.ts'

type Row = Omit<DeviceProfile, 'lines' | 'phoneServices'>

const profiles = `d.tkclass = ${DeviceClass.deviceProfile}`
const select = `
  SELECT d.pkid, d.name, d.description, ifnull(m.name, '') AS model, ifnull(c.name, '') AS callingSearchSpace
  FROM device AS d
  LEFT JOIN typemodel AS m ON m.enum = d.tkmodel
  LEFT JOIN callingsearchspace AS c ON c.pkid = d.fkcallingsearchspace`

/** User device profiles: rows of `device` with class 254. */
export class DeviceProfiles implements DeviceProfileRepository {
  readonly #tables: Tables
  readonly #references: References
  readonly #buttons: ButtonRows
  readonly #found: RowCache<DeviceProfile>

  constructor(tables: Tables, references: References, buttons: ButtonRows) {
    this.#tables = tables
    this.#references = references
    this.#buttons = buttons
    this.#found = tables.memory.cache()
  }

  find(name: string): DeviceProfile | undefined {
    const key = foldName(name)
    const known = this.#found.get(key)
    if (known) return known
    const [profile] = this.#read(`d.name = ? AND ${profiles}`, name)
    if (profile) this.#found.set(key, profile)
    return profile
  }

  list(): readonly DeviceProfile[] {
    return this.#read(profiles)
  }

  insert(profile: NewDeviceProfile): DeviceProfile {
    return this.#tables.change(`device profile ${profile.name}`, () => {
      refuseTakenName(this.#tables, profile.name)
      const pkid = randomUUID()
      this.#tables.run(
        'INSERT INTO device (pkid, name, tkclass, tkdeviceprofile) VALUES (?, ?, ?, 1)',
        pkid,
        profile.name,
        DeviceClass.deviceProfile,
      )
      this.#fill(pkid, { ...deviceDefaults, ...profile })
      return this.#existing(profile.name)
    })
  }

  update(name: string, changes: DeviceProfileChanges): DeviceProfile {
    return this.#tables.change(`device profile ${name}`, () => {
      const { lines: _lines, phoneServices: _services, ...current } = this.#existing(name)
      this.#fill(current.pkid, { ...current, ...changes })
      return this.#existing(name)
    })
  }

  /** Also ends the logins that use it. */
  remove(name: string): boolean {
    return this.#tables.change(`device profile ${name}`, () => {
      const profile = this.find(name)
      if (!profile) return false
      endLoginsWith(this.#tables, profile.pkid)
      const numbers = this.#buttons.removeLines(profile.pkid)
      this.#tables.run('DELETE FROM device WHERE pkid = ?', profile.pkid)
      this.#buttons.removeOrphans(numbers)
      return true
    })
  }

  #fill(pkid: string, profile: Omit<DeviceProfile, 'pkid' | 'lines' | 'phoneServices'> & DeviceProfileChanges): void {
    const where = `device profile ${profile.name}`
    this.#tables.run(
      'UPDATE device SET description = ?, tkmodel = ?, fkcallingsearchspace = ? WHERE pkid = ?',
      profile.description,
      this.#references.model(profile.model),
      this.#references.callingSearchSpace(profile.callingSearchSpace, where),
      pkid,
    )
    if (profile.lines) this.#buttons.replaceLines(pkid, profile.lines, where)
    if (profile.phoneServices) this.#buttons.replaceServices(pkid, profile.phoneServices, where)
  }

  #existing(name: string): DeviceProfile {
    const profile = this.find(name)
    if (!profile) throw new DatabaseError('DATABASE_NOT_FOUND', `There is no device profile ${JSON.stringify(name)}`)
    return profile
  }

  #read(condition: string, ...values: string[]): readonly DeviceProfile[] {
    const lines = this.#buttons.lines(condition, ...values)
    const services = this.#buttons.services(condition, ...values)
    const rows = this.#tables.all<Row>(`${select} WHERE ${condition} ORDER BY d.name`, ...values)
    return rows.map((row) =>
      Object.freeze({
        ...row,
        phoneServices: services.get(row.pkid) ?? frozenList,
        lines: lines.get(row.pkid) ?? frozenList,
      }),
    )
  }
}
