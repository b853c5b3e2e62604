import { randomUUID } from 'node:crypto'
import { AddressingMode, AnswerMode } from '../api.ts'
import type { Device, DeviceChanges, DeviceRepository, DeviceStamp, EffectiveConfiguration, NewDevice } from '../api.ts'
import { settingsAssignment, settingsJoin, settingsOf, settingsSelection, settingValues } from '../device-columns.ts'
import type { SettingsRow } from '../device-columns.ts'
import { DatabaseError } from '../errors.ts'
import { DeviceClass, flag } from '../references.ts'
import { foldName, type RowCache } from '../row-memory.ts'
import type { AutoDeviceProfiles } from './auto-device-profile.ts'
import { deviceDefaults, frozenList, refuseTakenName } from './device-name.ts'
import type { DeviceParts } from './device-parts.ts'

type Row = Omit<Device, 'extensionMobility' | 'protectedDevice' | 'lines' | 'phoneServices'> &
  SettingsRow & { readonly allowhotelingflag: 't' | 'f'; readonly isProtected: 't' | 'f' }

const phones = `d.tkclass = ${DeviceClass.phone}`
const select = `
  SELECT d.pkid, d.name, d.description, ifnull(m.name, '') AS model, d.allowhotelingflag, ifnull(u.userid, '') AS owner,
    ifnull(c.name, '') AS callingSearchSpace, ifnull(a.name, '') AS aarCallingSearchSpace, ifnull(p.name, '') AS devicePool, d.rl_answermode AS answerMode,
    ifnull(o.name, '') AS logoutProfile, d.rl_addressingmode AS addressingMode, d.rl_ipaddress AS ipAddress,
    d.rl_securitymode AS securityMode, d.rl_protecteddevice AS isProtected, ${settingsSelection}
  FROM device AS d
  LEFT JOIN typemodel AS m ON m.enum = d.tkmodel
  LEFT JOIN enduser AS u ON u.pkid = d.fkenduser
  LEFT JOIN callingsearchspace AS c ON c.pkid = d.fkcallingsearchspace
  LEFT JOIN callingsearchspace AS a ON a.pkid = d.fkcallingsearchspace_aar
  LEFT JOIN devicepool AS p ON p.pkid = d.fkdevicepool
  LEFT JOIN device AS o ON o.pkid = d.rl_fkdevice_logoutprofile
  ${settingsJoin}`

/** What phones need beside the parts that profiles need too. */
export interface PhoneParts extends DeviceParts {
  readonly autoDeviceProfiles: AutoDeviceProfiles
  /** What a phone shows, which follows from more than its own rows. */
  readonly effective: (name: string) => EffectiveConfiguration | undefined
  readonly now: () => number
}

/** Phones: rows of `device` with class 1, and their rows of `extensionmobilitydynamic`. */
export class Devices implements DeviceRepository {
  readonly #parts: PhoneParts
  readonly #found: RowCache<Device>

  constructor(parts: PhoneParts) {
    this.#parts = parts
    this.#found = parts.tables.memory.cache()
  }

  find(name: string): Device | undefined {
    const key = foldName(name)
    const known = this.#found.get(key)
    if (known) return known
    const [device] = this.#read(`d.name = ? AND ${phones}`, name)
    if (device) this.#found.set(key, device)
    return device
  }

  list(): readonly Device[] {
    return this.#read(phones)
  }

  effective(name: string): EffectiveConfiguration | undefined {
    return this.#parts.effective(name)
  }

  versionStamps(after: string, limit: number): readonly DeviceStamp[] {
    return this.#parts.stamps.page(after, limit)
  }

  stamp(name: string): void {
    const device = this.#existing(name)
    this.#parts.stamps.renew(device.name, device.pkid)
  }

  insert(device: NewDevice): Device {
    const { tables } = this.#parts
    return tables.change(`device ${device.name}`, () => {
      refuseTakenName(tables, device.name)
      const pkid = randomUUID()
      tables.run('INSERT INTO device (pkid, name, tkclass) VALUES (?, ?, ?)', pkid, device.name, DeviceClass.phone)
      this.#fill(pkid, { ...deviceDefaults, ...initial, ...device }, device)
      return this.#existing(device.name)
    })
  }

  update(name: string, changes: DeviceChanges): Device {
    return this.#parts.tables.change(`device ${name}`, () => {
      const current = this.#existing(name)
      this.#parts.autoDeviceProfiles.keep(current)
      this.#fill(current.pkid, { ...current, ...changes }, changes)
      return this.#existing(name)
    })
  }

  remove(name: string): boolean {
    const { tables, buttons } = this.#parts
    return tables.change(`device ${name}`, () => {
      const device = this.find(name)
      if (!device) return false
      const numbers = buttons.removeLines(device.pkid)
      tables.run('DELETE FROM device WHERE pkid = ?', device.pkid)
      buttons.removeOrphans(numbers)
      return true
    })
  }

  /** Writes the row as `device` has it, and of the lists only what `changes` names. */
  #fill(pkid: string, device: Omit<Device, 'pkid' | 'lines'>, changes: DeviceChanges): void {
    const { tables, references, buttons, featureButtons, stamps } = this.#parts
    const where = `device ${device.name}`
    tables.run(
      `UPDATE device SET description = ?, tkmodel = ?, fkdevicepool = ?, fkcallingsearchspace = ?,
         fkcallingsearchspace_aar = ?, fkenduser = ?,
         allowhotelingflag = ?, rl_answermode = ?, rl_fkdevice_logoutprofile = ?, rl_addressingmode = ?, rl_ipaddress = ?,
         rl_securitymode = ?, rl_protecteddevice = ?, ${settingsAssignment} WHERE pkid = ?`,
      device.description,
      references.model(device.model),
      references.devicePool(device.devicePool),
      references.callingSearchSpace(device.callingSearchSpace, where),
      references.callingSearchSpace(device.aarCallingSearchSpace, where),
      references.owner(device.owner, where),
      flag(device.extensionMobility),
      device.answerMode,
      device.logoutProfile === '' ? null : references.deviceProfile(device.logoutProfile, where),
      device.addressingMode,
      device.ipAddress,
      device.securityMode,
      flag(device.protectedDevice),
      ...settingValues(device, references, where),
      pkid,
    )
    this.#enableExtensionMobility(pkid, device.extensionMobility)
    if (changes.lines) buttons.replaceLines(pkid, changes.lines, where)
    if (changes.phoneServices) buttons.replaceServices(pkid, changes.phoneServices, where)
    featureButtons.replace(pkid, changes, where, device.name)
    stamps.renew(device.name, pkid)
  }

  /** A phone without Extension Mobility has no row, and so nobody logged in. */
  #enableExtensionMobility(pkid: string, enabled: boolean): void {
    const { tables, now } = this.#parts
    if (!enabled) {
      tables.run('DELETE FROM extensionmobilitydynamic WHERE fkdevice = ?', pkid)
      return
    }
    tables.run(
      `INSERT INTO extensionmobilitydynamic (pkid, fkdevice, datetimestamp) VALUES (?1, ?1, ?2)
       ON CONFLICT (pkid) DO NOTHING`,
      pkid,
      Math.floor(now() / 1000),
    )
  }

  #existing(name: string): Device {
    const device = this.find(name)
    if (!device) throw new DatabaseError('DATABASE_NOT_FOUND', `There is no device ${JSON.stringify(name)}`)
    return device
  }

  #read(condition: string, ...values: string[]): readonly Device[] {
    const { tables, buttons, featureButtons } = this.#parts
    const lines = buttons.lines(condition, ...values)
    const services = buttons.services(condition, ...values)
    const features = featureButtons.read(condition, ...values)
    const rows = tables.all<Row>(`${select} WHERE ${condition} ORDER BY d.name`, ...values)
    return rows.map((row) => {
      const { allowhotelingflag, isProtected, ...rest } = settingsOf(row)
      return Object.freeze({
        ...rest,
        ...features(row.pkid),
        extensionMobility: allowhotelingflag === 't',
        protectedDevice: isProtected === 't',
        phoneServices: services.get(row.pkid) ?? frozenList,
        lines: lines.get(row.pkid) ?? frozenList,
      })
    })
  }
}

const initial = {
  extensionMobility: false,
  owner: '',
  aarCallingSearchSpace: '',
  devicePool: 'Default',
  answerMode: AnswerMode.immediately,
  logoutProfile: '',
  addressingMode: AddressingMode.ipv4,
  ipAddress: '',
  securityMode: 'Non Secure',
  protectedDevice: false,
} as const
