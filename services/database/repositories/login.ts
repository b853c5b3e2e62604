import type { DeviceProfileRepository, DeviceRepository, EndUserRepository, Login, LoginRepository } from '../api.ts'
import { DatabaseError } from '../errors.ts'
import { foldName, type RowCache } from '../row-memory.ts'
import type { Tables } from '../tables.ts'
import type { VersionStamps } from '../version-stamps.ts'
import type { AutoDeviceProfiles } from './auto-device-profile.ts'
import { endedLogin } from './end-logins.ts'

/** The repositories that names of a login are looked up in. */
export interface LoginParties {
  readonly devices: DeviceRepository
  readonly endUsers: EndUserRepository
  readonly deviceProfiles: DeviceProfileRepository
  readonly autoDeviceProfiles: AutoDeviceProfiles
  readonly stamps: VersionStamps
}

const select = `
  SELECT d.name AS deviceName, u.userid AS userId, p.name AS deviceProfile, e.rl_logintimems AS loginTime,
    e.loginduration AS loginDuration
  FROM extensionmobilitydynamic AS e
  JOIN device AS d ON d.pkid = e.fkdevice
  JOIN enduser AS u ON u.pkid = e.fkenduser
  JOIN device AS p ON p.pkid = e.fkdevice_currentloginprofile`

/** Logins: rows of `extensionmobilitydynamic` that have a user. The hottest path of all, so it says exactly which keys it changes. */
export class Logins implements LoginRepository {
  readonly #tables: Tables
  readonly #parties: LoginParties
  readonly #now: () => number
  /** Null: known to be logged out. */
  readonly #on: RowCache<Login | null>
  readonly #of: RowCache<readonly Login[]>

  constructor(tables: Tables, parties: LoginParties, now: () => number) {
    this.#tables = tables
    this.#parties = parties
    this.#now = now
    this.#on = tables.memory.cache()
    this.#of = tables.memory.cache()
  }

  on(deviceName: string): Login | undefined {
    const key = foldName(deviceName)
    const known = this.#on.get(key)
    if (known !== undefined) return known ?? undefined
    const device = this.#parties.devices.find(deviceName)
    if (!device) return undefined
    const [login] = this.#read('e.fkdevice = ?', device.pkid)
    this.#on.set(key, login ?? null)
    return login
  }

  of(userId: string): readonly Login[] {
    const key = foldName(userId)
    const known = this.#of.get(key)
    if (known) return known
    const user = this.#parties.endUsers.find(userId)
    if (!user) return []
    const logins = Object.freeze(this.#read('e.fkenduser = ?', user.pkid))
    this.#of.set(key, logins)
    return logins
  }

  list(): readonly Login[] {
    return this.#read('e.fkenduser IS NOT NULL')
  }

  lastUser(deviceName: string): string {
    const device = this.#parties.devices.find(deviceName)
    if (!device) return ''
    const row = this.#tables.one<{ userid: string }>(
      `SELECT u.userid FROM extensionmobilitydynamic AS e JOIN enduser AS u ON u.pkid = e.fkenduser_lastlogin
       WHERE e.fkdevice = ?`,
      device.pkid,
    )
    return row?.userid ?? ''
  }

  /** Replaces whoever is logged in there. Throws DATABASE_UNKNOWN_REFERENCE, and DATABASE_NOT_FOUND without Extension Mobility. */
  open(login: Login): void {
    const { device, user, profile } = this.#resolve(login)
    const { loginTime, loginDuration } = login
    const before = this.on(device.name)
    const stamp = this.#parties.stamps.next()
    const changed = this.#tables.run(
      `UPDATE extensionmobilitydynamic SET fkenduser = ?1,
         fkenduser_lastlogin = CASE WHEN fkenduser IS NULL OR fkenduser = ?1 THEN fkenduser_lastlogin ELSE fkenduser END,
         fkdevice_currentloginprofile = ?2,
         logintime = ?3, rl_logintimems = ?4, loginduration = ?5, datetimestamp = ?6, versionstamp = ?7 WHERE pkid = ?8`,
      user.pkid,
      profile.pkid,
      seconds(loginTime),
      loginTime,
      loginDuration,
      seconds(this.#now()),
      stamp,
      device.pkid,
    )
    if (changed === 0) throw withoutExtensionMobility(device.name)
    const names = { deviceName: device.name, userId: user.userId, deviceProfile: profile.name }
    const key = foldName(device.name)
    this.#remember(key, before, Object.freeze({ ...names, loginTime, loginDuration }))
    this.#parties.stamps.written(key, stamp)
  }

  /** Does nothing where nobody is logged in. */
  close(deviceName: string): void {
    const before = this.on(deviceName)
    const device = before && this.#parties.devices.find(deviceName)
    if (!device) return
    const { stamps, autoDeviceProfiles } = this.#parties
    const stamp = stamps.next()
    this.#tables.run(
      `UPDATE extensionmobilitydynamic SET ${endedLogin}, datetimestamp = ?, versionstamp = ? WHERE pkid = ?`,
      seconds(this.#now()),
      stamp,
      device.pkid,
    )
    autoDeviceProfiles.returned(device.pkid)
    const key = foldName(device.name)
    this.#remember(key, before, null)
    stamps.written(key, stamp)
  }

  #remember(device: string, before: Login | undefined, after: Login | null): void {
    this.#on.change(device, after)
    if (before) this.#changeOf(before.userId, before.deviceName)
    if (after) this.#changeOf(after.userId, after.deviceName, after)
  }

  #changeOf(userId: string, deviceName: string, added?: Login): void {
    const key = foldName(userId)
    const known = this.#of.get(key)
    if (!known) return
    const others = known.filter((login) => login.deviceName !== deviceName)
    this.#of.change(key, Object.freeze(added ? [...others, added] : others))
  }

  #resolve({ deviceName, userId, deviceProfile }: Login) {
    const device = this.#parties.devices.find(deviceName)
    const user = this.#parties.endUsers.find(userId)
    const profile = this.#parties.deviceProfiles.find(deviceProfile)
    if (device && user && profile) return { device, user, profile }
    const missing = device ? (user ? ['device profile', deviceProfile] : ['end user', userId]) : ['device', deviceName]
    throw new DatabaseError(
      'DATABASE_UNKNOWN_REFERENCE',
      `login on ${deviceName}: there is no ${missing[0]} ${JSON.stringify(missing[1])}`,
    )
  }

  #read(condition: string, ...values: string[]): Login[] {
    const rows = this.#tables.all<Login>(`${select} WHERE ${condition} ORDER BY e.rl_logintimems, d.name`, ...values)
    return rows.map((row) => Object.freeze({ ...row }))
  }
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}

function withoutExtensionMobility(deviceName: string): DatabaseError {
  return new DatabaseError('DATABASE_NOT_FOUND', `Extension Mobility is not enabled on ${deviceName}`)
}
