// What can be done with end users. Secrets are hashed before, the rest runs inside a work of the database: the JSON door and bulk
// provisioning do it alike.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { CredentialKind } from '../database/api.ts'
import type { CredentialState, EndUser, EndUserChanges, StoredCredential } from '../database/api.ts'
import { CredentialHasherBusy } from '../database/credential-hasher.ts'
import { Problem } from '../problem.ts'
import type { ServiceContext } from '../service.ts'
import { parseHoursMinutes } from '../wire/hours-minutes.ts'
import { notFound } from './change.ts'
import { endLogins } from './end-logins.ts'
import { controls, name, names, readDirectoryNumber, text } from './fields.ts'
import { tellIls } from './superuser-notice.ts'

/** `HHH:MM`; what is not one is refused with a sentence of its own. */
export const maximumLoginTimeMember = Type.String({
  maxLength: 6,
  description: 'The user’s own Extension Mobility maximum login time, HHH:MM up to 168:00; empty = not set',
  examples: ['8:00'],
})

const changeable = {
  lastName: name('Last name', 'Builder'),
  firstName: text('First name', 'Bob'),
  displayName: text('Display name', 'Bob'),
  homeCluster: Type.Boolean({ description: 'Home Cluster: this cluster is the user’s home' }),
  primaryExtension: text('Primary extension; empty if none', '1000001'),
  selfServiceUserId: text('Self-service user ID; empty if none', '1000001'),
  deviceProfiles: names('Controlled device profiles', 'bob-profile'),
  defaultProfile: text('Default device profile; empty if none', 'bob-profile'),
  groups: names('Access control groups', 'Standard CCM End Users'),
  userLocale: text('User Locale; empty = <None>', 'French_France'),
  userProfile: text('User Profile; empty if none', ''),
  maximumLoginTime: maximumLoginTimeMember,
}
const userId = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: `^[^\\s${controls}]+$`,
  description: 'User ID, without blanks',
  examples: ['bob'],
})

/** Members of an end user that are told and given alike. */
export const userMembers = { userId, ...changeable }

/** What an administrator may say of a PIN. */
export const pinMembers = {
  pinMustChange: Type.Boolean({ description: 'User Must Change at Next Login' }),
  pinDoesNotExpire: Type.Boolean({ description: 'Does Not Expire' }),
  pinCannotChange: Type.Boolean({ description: 'User Cannot Change' }),
}

/** What an administrator may say of an end user's password; code 27 of the EM API comes of it. */
export const passwordMembers = {
  passwordMustChange: Type.Boolean({ description: 'User Must Change at Next Login, of the password' }),
}
const secret = (what: string, pattern: string, example: string) =>
  Type.String({
    minLength: 1,
    maxLength: 128,
    pattern,
    writeOnly: true,
    description: `${what}; kept as a slow salted hash only, never told`,
    examples: [example],
  })
const secrets = {
  // No phone can enter anything else.
  pin: secret('PIN, digits only', '^[0-9]+$', '12345'),
  password: secret('Password of the end user', '\\S', 'a-long-sentence'),
  // A lock comes of wrong PINs alone; an administrator can only end it.
  pinLocked: Type.Literal(false, { description: 'false unlocks' }),
}

const optional = Type.Partial(Type.Object({ ...changeable, ...pinMembers, ...passwordMembers, ...secrets })).properties
const strict = { additionalProperties: false }

/** What an end user is made of. */
export const NewUser = Type.Object({ ...optional, userId, lastName: changeable.lastName }, strict)
/** What can be changed of one. */
export const UserChanges = Type.Object(optional, strict)

/** What was said of a user, its secrets hashed and its values in their stored form. */
export interface PreparedUser {
  readonly members: EndUserChanges
  readonly pin: StoredCredential | undefined
  readonly password: StoredCredential | undefined
  readonly pinState: StateChanges
  readonly passwordState: StateChanges
}

type StateChanges = Partial<Omit<CredentialState, 'history'>>

/** Before the work. Rejects with Problem: 422 for what cannot be, 503 while too many secrets wait to be hashed. */
export async function prepareUser(context: ServiceContext, given: Static<typeof UserChanges>): Promise<PreparedUser> {
  const { pin, password, ...rest } = given
  const { pinMustChange, pinDoesNotExpire, pinCannotChange, pinLocked, passwordMustChange, ...members } = rest
  const { primaryExtension, maximumLoginTime } = members
  if (maximumLoginTime !== undefined) requireMaximumLoginTime(maximumLoginTime)
  return {
    members: { ...members, ...(primaryExtension && { primaryExtension: readDirectoryNumber(primaryExtension) }) },
    pin: await hash(context, pin),
    password: await hash(context, password),
    pinState: {
      ...(pinMustChange !== undefined && { mustChange: pinMustChange }),
      ...(pinDoesNotExpire !== undefined && { doesNotExpire: pinDoesNotExpire }),
      ...(pinCannotChange !== undefined && { cannotChange: pinCannotChange }),
      ...(pinLocked === false && { lockedUntil: 0, failures: 0 }),
    },
    passwordState: { ...(passwordMustChange !== undefined && { mustChange: passwordMustChange }) },
  }
}

/** Inside a work. Throws Problem (422) or DatabaseError. */
export function insertUser(
  context: ServiceContext,
  user: { readonly userId: string; readonly lastName: string },
  prepared: PreparedUser,
): EndUser {
  const { endUsers } = context.use('database')
  const added = endUsers.insert({ ...prepared.members, userId: user.userId, lastName: user.lastName })
  setCredentials(context, added, prepared)
  tellIls(context, undefined, added)
  return added
}

/** Inside a work. Throws Problem (404, 422) or DatabaseError. */
export function changeUser(context: ServiceContext, id: string, prepared: PreparedUser): EndUser {
  const { endUsers } = context.use('database')
  const before = findUser(context, id)
  setCredentials(context, before, prepared)
  if (prepared.pin) {
    context.use('database').afterCommit(() => context.events.publish('pinChanged', { userId: before.userId }))
  }
  if (Object.keys(prepared.members).length === 0) return before
  const after = endUsers.update(before.userId, prepared.members)
  tellIls(context, before, after)
  return after
}

/** Inside a work. The user is logged out first. Throws Problem (404). */
export function removeUser(context: ServiceContext, id: string): void {
  const { endUsers, logins } = context.use('database')
  const user = findUser(context, id)
  endLogins(context, logins.of(user.userId))
  endUsers.remove(user.userId)
  tellIls(context, user, undefined)
}

/** Throws Problem (404). */
export function findUser(context: ServiceContext, id: string): EndUser {
  const user = context.use('database').endUsers.find(id)
  if (user === undefined) throw notFound('user', id)
  return user
}

/** Throws Problem (422). */
export function requireMaximumLoginTime(given: string): void {
  const minutes = given === '' ? 0 : parseHoursMinutes(given)
  if (minutes !== undefined && minutes <= 168 * 60) return
  throw impossible(
    'The maximum login time is a time from 0:00 to 168:00 in the format HHH:MM, for example 8:00 or :30.',
  )
}

function setCredentials(context: ServiceContext, { userId: owner }: EndUser, prepared: PreparedUser): void {
  const { credentials } = context.use('database')
  const { pin, password, pinState, passwordState } = prepared
  if (pin) credentials.set(owner, CredentialKind.pin, pin)
  if (password) credentials.set(owner, CredentialKind.userPassword, password)
  setState(context, { owner, kind: CredentialKind.pin, word: 'PIN' }, pinState)
  setState(context, { owner, kind: CredentialKind.userPassword, word: 'password' }, passwordState)
}

interface OneCredential {
  readonly owner: string
  readonly kind: CredentialKind
  readonly word: string
}

function setState(context: ServiceContext, { owner, kind, word }: OneCredential, changes: StateChanges): void {
  if (Object.keys(changes).length === 0) return
  const { credentials } = context.use('database')
  const state = credentials.state(owner, kind)
  if (state === undefined) throw impossible(`${owner} has no ${word} of which that could be said; give one.`)
  const { mustChange, cannotChange } = { ...state, ...changes }
  if (mustChange && cannotChange) {
    throw impossible(`A ${word} that must be changed at the next login is one that can be.`)
  }
  credentials.setState(owner, kind, changes)
}

async function hash(context: ServiceContext, given: string | undefined): Promise<StoredCredential | undefined> {
  if (given === undefined) return undefined
  try {
    return await context.hasher.hash(given)
  } catch (error) {
    if (!(error instanceof CredentialHasherBusy)) throw error
    const detail = 'Too many credentials wait to be hashed: try again in a few seconds.'
    throw new Problem({ status: 503, title: 'Busy', detail }, { cause: error })
  }
}

function impossible(detail: string): Problem {
  return new Problem({ status: 422, title: 'Not a possible value', detail })
}
