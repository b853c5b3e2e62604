// The EM API's queries: they read, and are validated like a login.
import type { ClusterDatabase, EndUser } from '../database/api.ts'
import { isOn, rememberLastUser } from '../database/service-parameters.ts'
import { RequestDoor } from './api.ts'
import type { DeviceUser, RequestOrigin, UserDeviceProfiles, UserDevices } from './api.ts'
import { isAtHomeHere } from './rules/find-user.ts'
import type { IpValidation } from './origin/ip-validation.ts'
import { isSameName } from './names.ts'
import type { Seams } from './trouble.ts'

export interface QueryParts {
  readonly database: ClusterDatabase
  readonly seams: Seams
  readonly ipValidation: IpValidation
}

/** Who is logged in on each of these phones, and who was before. */
export async function deviceUsers(
  parts: QueryParts,
  deviceNames: readonly string[],
  origin: RequestOrigin | undefined,
): Promise<readonly DeviceUser[]> {
  await begin(parts, origin, deviceNames.length === 1 ? deviceNames[0] : undefined)
  const { database, seams } = parts
  const lastUserIsTold = tellsLastUser(database, origin)
  return seams.at('hotelingStatus', 'login', () =>
    deviceNames.map((deviceName) => {
      const device = database.devices.find(deviceName)
      if (device === undefined) return { deviceName, exists: false }
      const userId = database.logins.on(device.name)?.userId
      const lastUserId = lastUserIsTold ? database.logins.lastUser(device.name) : ''
      return {
        deviceName,
        exists: true,
        ...(userId !== undefined && { userId }),
        ...(lastUserId !== '' && { lastUserId }),
      }
    }),
  )
}

/** On which phones each of these users is logged in. */
export async function userDevices(
  parts: QueryParts,
  userIds: readonly string[],
  origin: RequestOrigin | undefined,
): Promise<readonly UserDevices[]> {
  return ofUsers(parts, userIds, origin, (user, userId) => ({
    userId,
    exists: user !== undefined,
    deviceNames: user ? parts.database.logins.of(user.userId).map(({ deviceName }) => deviceName) : [],
  }))
}

/** The device profiles of each of these users. */
export async function deviceProfiles(
  parts: QueryParts,
  userIds: readonly string[],
  origin: RequestOrigin | undefined,
): Promise<readonly UserDeviceProfiles[]> {
  return ofUsers(parts, userIds, origin, (user, userId) => ({
    userId,
    exists: user !== undefined,
    deviceProfiles: user ? profilesOf(user) : [],
  }))
}

/** In the order in which they were associated; none is the default while none was made it. */
export function profilesOf(user: EndUser): UserDeviceProfiles['deviceProfiles'] {
  return user.deviceProfiles.map((name) => ({ name, isDefault: isSameName(name, user.defaultProfile) }))
}

async function ofUsers<T>(
  parts: QueryParts,
  userIds: readonly string[],
  origin: RequestOrigin | undefined,
  tell: (user: EndUser | undefined, userId: string) => T,
): Promise<readonly T[]> {
  await begin(parts, origin)
  const { database, seams } = parts
  return seams.at('userInfo', 'login', () =>
    userIds.map((userId) => {
      const user = database.endUsers.find(userId)
      return tell(user !== undefined && isAtHomeHere(user) ? user : undefined, userId)
    }),
  )
}

async function begin(
  { seams, ipValidation }: QueryParts,
  origin: RequestOrigin | undefined,
  deviceName?: string,
): Promise<void> {
  seams.pass('unexpected')
  await seams.at('policy', 'login', () => origin && ipValidation.check(origin, 'login', deviceName))
  seams.pass('database')
}

/** The EM API's lastlogin is documented without condition; a phone's page learns it only if it may remember (our choice). */
function tellsLastUser({ serviceParameters }: ClusterDatabase, origin: RequestOrigin | undefined): boolean {
  return origin?.door !== RequestDoor.phone || isOn(serviceParameters, rememberLastUser)
}
