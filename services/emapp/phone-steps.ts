// What EMApp does with a phone's request: one function per page that a phone can be led to.
import type { ClusterDatabase } from '../database/api.ts'
import { isPhysicalPhone } from '../database/phone-models.ts'
import { isOn, rememberLastUser } from '../database/service-parameters.ts'
import type { Authenticated, DeviceUser, ExtensionMobility } from '../extension-mobility/api.ts'
import type { Operation } from '../refusals.ts'
import type { PhoneAnswer } from '../wire/phone-xml/answer.ts'
import { wayBack, changeCredentialAddress } from './addresses.ts'
import type { PhoneRequest } from './api.ts'
import { loggedIn, loggedOut, loginForm, logoutQuestion, profileMenu } from './pages.ts'
import type { IdentifiedBy } from './pages.ts'
import { refused } from './refusals.ts'
import type { Tickets } from './tickets.ts'
import { couldBeEntered, identifierFlags } from './user-id-entry.ts'

/** What the steps work with. */
export interface EmAppParts {
  readonly database: ClusterDatabase
  readonly tickets: Tickets
  /** Undefined while Cisco Extension Mobility is stopped. */
  engine(): ExtensionMobility | undefined
}

/**
 * EMApp acts towards Extension Mobility as this application user, and vouches for a user whose PIN was right: seen in the vendor's
 * traces.
 */
const emAppUser = 'CCMSysUser'

/** The phone leaves the result at once: it restarts any moment. */
const leave = { seconds: 1, url: 'Init:Services' } as const

/** What the phone wants, by the fields it sent. */
export function operationOf({ fields }: PhoneRequest): Operation {
  return fields.get('doLogout')?.toLowerCase() === 'true' ? 'logout' : 'login'
}

/** The page for this request. Rejects with a Problem that has one of the vendor's codes, or with what nobody expected. */
export async function takeStep(parts: EmAppParts, request: PhoneRequest): Promise<PhoneAnswer> {
  const { fields } = request
  const operation = operationOf(request)
  const engine = parts.engine()
  passPages(engine, operation)
  const deviceName = (fields.get('device') ?? '').trim()
  if (deviceName === '') throw refused(207, operation)
  const identifiedBy = readLoginType(fields.get('loginType'), operation)
  if (!engine) throw refused(208, operation)
  const step: Step = { ...parts, request, deviceName, identifiedBy, em: engine }
  if (operation === 'logout') return logout(step)
  if (fields.has('ticket')) return loginWithTicket(step)
  return fields.has('userid') || fields.has('seq') ? loginWithPin(step) : firstPage(step)
}

interface Step extends EmAppParts {
  readonly request: PhoneRequest
  readonly deviceName: string
  readonly identifiedBy: IdentifiedBy
  readonly em: ExtensionMobility
}

/** The pages could not be initialised: 210. */
function passPages(engine: ExtensionMobility | undefined, operation: Operation): void {
  try {
    engine?.faults.pass('pages')
  } catch (error) {
    throw (error as Error).name === 'FaultInjected' ? refused(210, operation) : error
  }
}

/** Case-sensitive, as the whole address is. */
function readLoginType(text: string | undefined, operation: Operation): IdentifiedBy {
  if (text === undefined) return 'UID'
  if (text === 'UID' || text === 'SP' || text === 'DN') return text
  throw refused(215, operation)
}

/** Who is logged in? Then the logout question, else the login form. One request in the counters. */
async function firstPage(step: Step): Promise<PhoneAnswer> {
  const { em, request, deviceName } = step
  const [user] = await em.deviceUsers([deviceName], request.origin)
  if (!user?.exists) throw refused(11, 'login')
  if (user.userId !== undefined) {
    return { xml: logoutQuestion(user.userId, wayBack(request, { doLogout: 'true' })) }
  }
  const device = step.database.devices.find(deviceName)
  if (!device?.extensionMobility || device.protectedDevice || !isPhysicalPhone(device.model)) throw refused(22, 'login')
  return formFor(step, user)
}

function formFor({ database, request, identifiedBy }: Step, { lastUserId = '' }: DeviceUser): PhoneAnswer {
  const url = wayBack(request)
  // The phone exists, so its name and with it the address is short.
  if (url === undefined) throw refused(207, 'login')
  const remember = identifiedBy === 'UID' && isOn(database.serviceParameters, rememberLastUser)
  const inputFlags = identifierFlags(database, identifiedBy)
  const userId = remember ? lastUserId : ''
  return { xml: loginForm({ url, identifiedBy, inputFlags, userId, changePinUrl: changeCredentialAddress(request) }) }
}

async function loginWithPin(step: Step): Promise<PhoneAnswer> {
  const { database, em, request, deviceName, identifiedBy } = step
  const userId = (request.fields.get('userid') ?? '').trim()
  const pin = request.fields.get('seq') ?? ''
  if (userId === '' || pin.trim() === '') throw refused(202, 'login')
  if (identifiedBy === 'UID' && !couldBeEntered(database, userId, deviceName)) throw refused(201, 'login')
  const user = await em.authenticate({
    deviceName,
    userId,
    proof: { kind: 'pin', pin },
    loginType: identifiedBy,
    origin: request.origin,
  })
  const wanted = request.fields.get('profile')
  if (wanted === undefined && user.deviceProfiles.length > 1) return chooseProfile(step, user)
  return login(step, user.userId, wanted)
}

/** The default profile first: it is the one that Select takes. */
function chooseProfile({ request, deviceName, tickets }: Step, { userId, deviceProfiles }: Authenticated): PhoneAnswer {
  const ticket = tickets.issue({ deviceName, userId })
  const inOrder = deviceProfiles.toSorted((one, other) => Number(other.isDefault) - Number(one.isDefault))
  const items = inOrder.flatMap(({ name }) => {
    const url = wayBack(request, { userid: userId, profile: name, ticket })
    return url === undefined ? [] : [{ name, url }]
  })
  return { xml: profileMenu(items) }
}

async function loginWithTicket(step: Step): Promise<PhoneAnswer> {
  const { fields } = step.request
  const userId = fields.get('userid') ?? ''
  const valid = step.tickets.redeem(fields.get('ticket') ?? '', { deviceName: step.deviceName, userId })
  if (!valid) throw refused(201, 'login')
  return login(step, userId, fields.get('profile'))
}

async function login({ em, request, deviceName }: Step, userId: string, profile?: string): Promise<PhoneAnswer> {
  const done = await em.login({
    deviceName,
    userId,
    proof: { kind: 'proxy', applicationUser: emAppUser },
    ...(profile !== undefined && { deviceProfile: profile }),
    origin: request.origin,
  })
  return { xml: loggedIn(done.userId), refresh: leave }
}

async function logout({ em, request, deviceName }: Step): Promise<PhoneAnswer> {
  const { userId } = await em.logout(deviceName, 'manual', request.origin)
  return { xml: loggedOut(userId), refresh: leave }
}
