import { randomUUID } from 'node:crypto'
import type { DeviceProfile, DeviceProfileChanges, DeviceProfileRepository, NewDeviceProfile } from '../api.ts'
import { settingsAssignment, settingsJoin, settingsOf, settingsSelection, settingValues } from '../device-columns.ts'
import type { SettingsRow } from '../device-columns.ts'
import { DatabaseError } from '../errors.ts'
import { DeviceClass } from '../references.ts'
import { foldName, type RowCache } from '../row-memory.ts'
import { phonesWithProfile } from '../version-stamps.ts'
import { deviceDefaults, frozenList, refuseTakenName } from './device-name.ts'
import type { DeviceParts } from './device-parts.ts'
import { endLoginsWith } from './end-logins.ts'

type Row = Omit<DeviceProfile, 'lines' | 'phoneServices'> & SettingsRow

const profiles = `d.tkclass = ${DeviceClass.deviceProfile}`
const select = `
  SELECT d.pkid, d.name, d.description, ifnull(m.name, '') AS model, ifnull(c.name, '') AS callingSearchSpace,
    ifnull(u.userid, '') AS loginUserId, ${settingsSelection}
  FROM device AS d
  LEFT JOIN typemodel AS m ON m.enum = d.tkmodel
  LEFT JOIN callingsearchspace AS c ON c.pkid = d.fkcallingsearchspace
  LEFT JOIN enduser AS u ON u.pkid = d.rl_fkenduser_login
  ${settingsJoin}`

/** User device profiles: rows of `device` with class 254. */
export class DeviceProfiles implements DeviceProfileRepository {
  readonly #parts: DeviceParts
  readonly #found: RowCache<DeviceProfile>

  constructor(parts: DeviceParts) {
    this.#parts = parts
    this.#found = parts.tables.memory.cache()
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
    const { tables } = this.#parts
    return tables.change(`device profile ${profile.name}`, () => {
      refuseTakenName(tables, profile.name)
      const pkid = randomUUID()
      tables.run(
        'INSERT INTO device (pkid, name, tkclass, tkdeviceprofile) VALUES (?, ?, ?, 1)',
        pkid,
        profile.name,
        DeviceClass.deviceProfile,
      )
      this.#fill(pkid, { ...deviceDefaults, loginUserId: '', ...profile }, profile)
      return this.#existing(profile.name)
    })
  }

  update(name: string, changes: DeviceProfileChanges): DeviceProfile {
    return this.#parts.tables.change(`device profile ${name}`, () => {
      const current = this.#existing(name)
      this.#fill(current.pkid, { ...current, ...changes }, changes)
      this.#parts.stamps.renewSelected(phonesWithProfile, current.pkid)
      return this.#existing(name)
    })
  }

  /** Also ends the logins that use it. */
  remove(name: string): boolean {
    const { tables, buttons, stamps } = this.#parts
    return tables.change(`device profile ${name}`, () => {
      const profile = this.find(name)
      if (!profile) return false
      stamps.renewSelected(phonesWithProfile, profile.pkid)
      endLoginsWith(this.#parts, profile.pkid)
      const numbers = buttons.removeLines(profile.pkid)
      tables.run('DELETE FROM device WHERE pkid = ?', profile.pkid)
      buttons.removeOrphans(numbers)
      return true
    })
  }

  /** Writes the row as `profile` has it, and of the lists only what `changes` names. */
  #fill(pkid: string, profile: Omit<DeviceProfile, 'pkid' | 'lines'>, changes: DeviceProfileChanges): void {
    const { tables, references, buttons, featureButtons } = this.#parts
    const where = `device profile ${profile.name}`
    tables.run(
      `UPDATE device SET description = ?, tkmodel = ?, fkcallingsearchspace = ?, rl_fkenduser_login = ?,
         ${settingsAssignment} WHERE pkid = ?`,
      profile.description,
      references.model(profile.model),
      references.callingSearchSpace(profile.callingSearchSpace, where),
      references.owner(profile.loginUserId, where),
      ...settingValues(profile, references, where),
      pkid,
    )
    if (changes.lines) buttons.replaceLines(pkid, changes.lines, where)
    if (changes.phoneServices) buttons.replaceServices(pkid, changes.phoneServices, where)
    featureButtons.replace(pkid, changes, where, changes.intercomLines ? this.#phoneInUse(pkid) : '')
  }

  /** The phone on which somebody is logged in with the profile, the one with the oldest login where there are several; else empty. */
  #phoneInUse(pkid: string): string {
    const row = this.#parts.tables.one<{ name: string }>(
      `SELECT d.name FROM enduserdevicemap AS x
       JOIN extensionmobilitydynamic AS e ON e.fkenduser = x.fkenduser AND e.fkdevice_currentloginprofile = x.fkdevice
       JOIN device AS d ON d.pkid = e.fkdevice
       WHERE x.fkdevice = ? ORDER BY e.rl_logintimems, d.name`,
      pkid,
    )
    return row?.name ?? ''
  }

  #existing(name: string): DeviceProfile {
    const profile = this.find(name)
    if (!profile) throw new DatabaseError('DATABASE_NOT_FOUND', `There is no device profile ${JSON.stringify(name)}`)
    return profile
  }

  #read(condition: string, ...values: string[]): readonly DeviceProfile[] {
    const { tables, buttons, featureButtons } = this.#parts
    const lines = buttons.lines(condition, ...values)
    const services = buttons.services(condition, ...values)
    const features = featureButtons.read(condition, ...values)
    const rows = tables.all<Row>(`${select} WHERE ${condition} ORDER BY d.name`, ...values)
    return rows.map((row) =>
      Object.freeze({
        ...settingsOf(row),
        ...features(row.pkid),
        phoneServices: services.get(row.pkid) ?? frozenList,
        lines: lines.get(row.pkid) ?? frozenList,
      }),
    )
  }
}
