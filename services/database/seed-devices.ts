import { normalizeDirectoryNumber } from '../wire/directory-number.ts'
import type { ClusterDatabase, DeviceButtons, IntercomLine, NewLine, SpeedDial } from './api.ts'
import { DatabaseError } from './errors.ts'
import type { SeedDeviceProfile, SeedIntercomLine, SeedLine, SeedPhone, SeedSpeedDial } from './seed-device-schema.ts'

type Seeded = Pick<SeedPhone, 'name' | 'lines' | 'speedDials' | 'blfSpeedDials' | 'intercomLines'>

/** Before the users, who name them. What names a user or a phone follows in `completeProfile`. */
export function insertProfile(database: ClusterDatabase, seed: SeedDeviceProfile): void {
  const { loginUserId: _user, lines: _lines, ...profile } = seed
  database.deviceProfiles.insert({ ...profile, ...storedButtons(seed), intercomLines: [] })
}

/** After users and phones. */
export function completeProfile(database: ClusterDatabase, seed: SeedDeviceProfile): void {
  const { name, loginUserId } = seed
  const { intercomLines } = storedButtons(seed)
  if (loginUserId === undefined && intercomLines.length === 0) return
  database.deviceProfiles.update(name, { intercomLines, ...(loginUserId !== undefined && { loginUserId }) })
}

/** With its login, which begins at `now`. */
export function insertPhone(database: ClusterDatabase, { loggedIn, ...phone }: SeedPhone, now: number): void {
  database.devices.insert({ ...phone, ...storedButtons(phone) })
  if (loggedIn === undefined) return
  const user = database.endUsers.find(loggedIn)
  const deviceProfile = user?.defaultProfile || user?.deviceProfiles[0]
  if (!deviceProfile) {
    const what = user ? `${loggedIn} has no device profile` : `there is no end user ${JSON.stringify(loggedIn)}`
    throw new DatabaseError('DATABASE_UNKNOWN_REFERENCE', `loggedIn of device ${phone.name}: ${what}`)
  }
  const login = { deviceName: phone.name, userId: loggedIn, deviceProfile }
  database.logins.open({ ...login, loginTime: now, loginDuration: 0 })
}

/** A directory number as it is stored; `where` says whose it is. */
export function stored(dn: string, where: string): string {
  const digits = normalizeDirectoryNumber(dn)
  if (digits !== undefined) return digits
  throw new DatabaseError('DATABASE_INVALID', `${where}: ${JSON.stringify(dn)} is not a directory number`)
}

function storedButtons(seed: Seeded): DeviceButtons & { readonly lines: readonly NewLine[] } {
  return {
    lines: (seed.lines ?? []).map((line) => storedLine(line, seed.name)),
    speedDials: storedSpeedDials(seed.speedDials, `speed dial of ${seed.name}`),
    blfSpeedDials: storedSpeedDials(seed.blfSpeedDials, `BLF speed dial of ${seed.name}`),
    intercomLines: (seed.intercomLines ?? []).map((line) => storedIntercomLine(line, seed.name)),
  }
}

function storedLine({ dn, forwardAll, ...line }: SeedLine, device: string): NewLine {
  return {
    ...line,
    dn: stored(dn, `line of ${device}`),
    ...(forwardAll !== undefined && { forwardAll: stored(forwardAll, `forwardAll of ${device}`) }),
  }
}

function storedSpeedDials(seeds: readonly SeedSpeedDial[] = [], where: string): readonly SpeedDial[] {
  let last = 0
  return seeds.map(({ index, number, label = '' }) => {
    last = index ?? last + 1
    return { index: last, number: stored(number, where), label }
  })
}

function storedIntercomLine(seed: SeedIntercomLine, device: string): IntercomLine {
  const { dn, target, partition = '', label = '', defaultDevice = '' } = seed
  const where = `intercom line of ${device}`
  const called = target === undefined ? '' : stored(target, where)
  return { dn: stored(dn, where), partition, label, target: called, defaultDevice }
}
