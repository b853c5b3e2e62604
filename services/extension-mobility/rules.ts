// The rules of a login, in the documented order. They only read; login.ts calls them inside the transaction that acts on them.
import type { ClusterDatabase, Device, EndUser, EndUserRepository, Login } from '../database/api.ts'
import { multipleLoginBehavior, serviceParameterValue } from '../database/service-parameters.ts'
import { normalizeDirectoryNumber } from '../wire/directory-number.ts'
import { LoginType } from './api.ts'
import type { LoginRequest } from './api.ts'
import { EmRefusal } from './refusals.ts'
import type { Operation, RefusalCode } from './refusals.ts'

/** What the rules allow. */
export interface Permission {
  readonly device: Device
  readonly user: EndUser
  /** Name as stored. */
  readonly deviceProfile: string
  /** The user's logins on other phones that this one ends (Auto Logout). */
  readonly ended: readonly Login[]
}

/** The PIN has to be hashed before the rules can go on. `user` is undefined for an unknown one, who costs a hash too. */
export interface Unproven {
  readonly unproven: true
  readonly user: EndUser | undefined
}

/** Says whether the caller has proven to be this user. */
export type Proof = (user: EndUser) => boolean

/** 202 for a blank user ID or PIN, 207 for a blank device name; throws EmRefusal before anything is looked up. */
export function requireFields({ userId, proof, deviceName }: LoginRequest): void {
  if (isBlank(userId) || (proof.kind === 'pin' && isBlank(proof.pin))) {
    throw refuseLogin(202, 'The user ID or the PIN is blank.')
  }
  requireDeviceName(deviceName, 'login')
}

/** 207 for a blank device name. */
export function requireDeviceName(deviceName: string, operation: Operation): void {
  if (isBlank(deviceName)) throw new EmRefusal(207, operation, 'The device name is empty: check the phone service URL.')
}

/** 11 for a phone that is not in the device table. */
export function findDevice(database: ClusterDatabase, deviceName: string, operation: Operation): Device {
  const device = database.devices.find(deviceName)
  if (device === undefined) throw new EmRefusal(11, operation, `There is no phone ${deviceName} in this cluster.`)
  return device
}

/** Applies the rules to the tables as they are now. Throws EmRefusal; fields must have passed `requireFields`. */
export function decideLogin(database: ClusterDatabase, request: LoginRequest, proven: Proof): Permission | Unproven {
  const device = findDevice(database, request.deviceName, 'login')
  if (!device.extensionMobility) {
    throw refuseLogin(22, `Extension Mobility is not enabled on ${device.name}.`)
  }
  const user = findUser(database, request)
  if (user === undefined || !proven(user)) return { unproven: true, user }
  const deviceProfile = chooseProfile(user, request.deviceProfile)
  requireFreePhone(database, device, user)
  return { device, user, deviceProfile, ended: endedElsewhere(database, device, user) }
}

/** 215 for a login type that does not exist, 216 for an extension of several users; undefined for a user unknown here. */
function findUser(database: ClusterDatabase, { userId, loginType }: LoginRequest): EndUser | undefined {
  const user = lookUp(database, loginType ?? LoginType.userId, userId)
  return user !== undefined && isAtHomeHere(user) ? user : undefined
}

function lookUp({ endUsers }: ClusterDatabase, loginType: string, userId: string): EndUser | undefined {
  switch (loginType) {
    case LoginType.userId:
      return endUsers.find(userId)
    case LoginType.selfService:
      return endUsers.findBySelfServiceUserId(userId)
    case LoginType.primaryExtension:
      return findByExtension(endUsers, userId)
    default:
      throw refuseLogin(215, `The login type is one of ${Object.values(LoginType).join(', ')}, or absent.`)
  }
}

function findByExtension(endUsers: EndUserRepository, extension: string): EndUser | undefined {
  const dn = normalizeDirectoryNumber(extension)
  const users = dn === undefined ? [] : endUsers.findByPrimaryExtension(dn)
  if (users.length > 1) throw refuseLogin(216, `${extension} is the primary extension of ${users.length} users.`)
  return users[0]
}

/** Whose Home Cluster is another one may log in here only as a superuser; to plain Extension Mobility everybody else is unknown. */
function isAtHomeHere(user: EndUser): boolean {
  return user.homeCluster || user.superuser
}

/** 205 when the user has no device profile, 12 for a named one that is not the user's. */
function chooseProfile(user: EndUser, requested: string | undefined): string {
  const [first] = user.deviceProfiles
  if (first === undefined) throw refuseLogin(205, `No device profile is associated with ${user.userId}.`)
  if (requested === undefined || isBlank(requested)) {
    // Several, none of them the default, none named: the documents are silent, the first one is our choice.
    return user.deviceProfiles.find((name) => same(name, user.defaultProfile)) ?? first
  }
  const named = user.deviceProfiles.find((name) => same(name, requested))
  if (named === undefined) throw refuseLogin(12, `No device profile ${requested} is associated with ${user.userId}.`)
  return named
}

/** 18 when somebody else is logged in. The same user again is not somebody else: the session is replaced (our choice). */
function requireFreePhone({ logins }: ClusterDatabase, device: Device, user: EndUser): void {
  const current = logins.on(device.name)
  if (current !== undefined && !same(current.userId, user.userId)) {
    throw refuseLogin(18, `Another user is logged in on ${device.name}.`)
  }
}

/** Multiple Login Behavior: 25, or the logins that must end. It counts the phones of this cluster only. */
function endedElsewhere(database: ClusterDatabase, device: Device, user: EndUser): readonly Login[] {
  const others = database.logins.of(user.userId).filter((login) => !same(login.deviceName, device.name))
  if (others.length === 0) return others
  switch (serviceParameterValue(database.serviceParameters, multipleLoginBehavior)) {
    case 'Multiple Logins Allowed':
      return []
    case 'Auto Logout':
      return others
    case 'Multiple Logins Not Allowed': {
      const phones = others.map((login) => login.deviceName).join(', ')
      throw refuseLogin(
        25,
        `${user.userId} is logged in on ${phones}; ${multipleLoginBehavior.name} does not allow a second login.`,
      )
    }
  }
}

function refuseLogin(code: RefusalCode, detail: string): EmRefusal {
  return new EmRefusal(code, 'login', detail)
}

function isBlank(text: string): boolean {
  return text.trim() === ''
}

/** Names and user IDs compare without regard to case, as the vendor's do. */
function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
