import { PatternError, parsePattern } from '../wire/pattern.ts'
import { CredentialKind, superUsersGroup } from './api.ts'
import type { ClusterDatabase, CredentialHasher, NewEndUser, StoredCredential } from './api.ts'
import { DatabaseError } from './errors.ts'
import { rememberSeededUrls } from './seed-addresses.ts'
import { completeProfile, insertPhone, insertProfile, stored } from './seed-devices.ts'
import { insertGlobalDialPlan } from './seed-dial-plan.ts'
import { applyServiceParameters } from './seed-parameters.ts'
import type { ClusterSeed, SeedUser } from './seed-schema.ts'
import { endUsersGroup } from './standard-rows.ts'

type SeedApplicationUser = NonNullable<ClusterSeed['applicationUsers']>[number]

/** Who may use the doors of every cluster, unless its seed says otherwise of the same user ID. Everybody knows these passwords. */
export const defaultApplicationUsers: readonly SeedApplicationUser[] = [
  { userId: 'administrator', password: 'roamline', groups: ['Standard CCM Super Users'] },
  { userId: 'emproxy', password: 'roamline', groups: ['Standard EM Authentication Proxy Rights'] },
  { userId: 'superusersync', password: 'roamline', groups: ['Roamline Super User Synchronization'] },
]

function withDefaults(given: readonly SeedApplicationUser[]): readonly SeedApplicationUser[] {
  const named = new Set(given.map(({ userId }) => userId.toLowerCase()))
  return [...defaultApplicationUsers.filter(({ userId }) => !named.has(userId)), ...given]
}

/** True until a seed has been applied: a process killed between making the file and filling it starts over. */
export function isNew(database: ClusterDatabase): boolean {
  return database.sql.prepare(`SELECT 1 FROM rl_property WHERE name = 'seeded'`).get() === undefined
}

/**
 * Fills a new database in one write, after hashing the secrets. `now` is the time of the seeded logins, in milliseconds since the
 * epoch. Rejects with DatabaseError and leaves the database as it was when the seed contradicts itself or was applied before.
 */
export async function applySeed(
  database: ClusterDatabase,
  hasher: CredentialHasher,
  seed: ClusterSeed,
  now: number,
): Promise<void> {
  const users = seed.users ?? []
  const applicationUsers = withDefaults(seed.applicationUsers ?? [])
  const secrets = secretsOf(users, applicationUsers)
  const hashes = await hashAll(
    hasher,
    secrets.map(({ secret }) => secret),
  )
  await database.write(() => {
    if (!isNew(database)) throw new DatabaseError('DATABASE_ALREADY_SEEDED', 'This database has been seeded already')
    insertDialPlan(database, seed)
    insertConfiguration(database, seed)
    for (const profile of seed.deviceProfiles ?? []) insertProfile(database, profile)
    for (const user of users) database.endUsers.insert(endUser(user))
    for (const phone of seed.phones ?? []) insertPhone(database, phone, now)
    for (const profile of seed.deviceProfiles ?? []) completeProfile(database, profile)
    if (seed.globalDialPlan) insertGlobalDialPlan(database, seed.globalDialPlan)
    for (const { userId, groups } of applicationUsers) database.applicationUsers.insert({ userId, groups })
    storeCredentials(database, secrets, hashes)
    rememberSeededUrls(database, seed)
    database.sql.exec(`INSERT INTO rl_property (name, value) VALUES ('seeded', '${Math.trunc(now)}')`)
  })
}

function insertDialPlan({ dialPlan }: ClusterDatabase, seed: ClusterSeed): void {
  // A seed made before the partitions for what is learned were in every database may name them as its own.
  const standard = new Set(dialPlan.partitions())
  for (const name of seed.partitions ?? []) if (!standard.has(name)) dialPlan.insertPartition(name)
  for (const { name, partitions } of seed.callingSearchSpaces ?? []) dialPlan.insertCallingSearchSpace(name, partitions)
  for (const { url = '', ...trunk } of seed.trunks ?? []) dialPlan.insertTrunk({ ...trunk, url })
  for (const { partition = '', ...route } of seed.routePatterns ?? []) {
    requirePattern(route.pattern)
    dialPlan.insertRoutePattern({ ...route, partition })
  }
}

function requirePattern(pattern: string): void {
  try {
    parsePattern(pattern)
  } catch (error) {
    if (error instanceof PatternError) throw new DatabaseError('DATABASE_INVALID', error.message, { cause: error })
    throw error
  }
}

function insertConfiguration(database: ClusterDatabase, seed: ClusterSeed): void {
  for (const service of seed.phoneServices ?? []) database.phoneServices.insert(service)
  applyServiceParameters(database, seed.serviceParameters ?? [])
  if (seed.credentialPolicy) {
    const { credentialPolicies } = database
    credentialPolicies.update(credentialPolicies.current().name, seed.credentialPolicy)
  }
  for (const { name, maySetMaximumLoginTime = false } of seed.userProfiles ?? []) {
    database.userProfiles.insert({ name, maySetMaximumLoginTime })
  }
  for (const { model, ...profile } of seed.defaultDeviceProfiles ?? [])
    database.defaultDeviceProfiles.set(model, profile)
}

function endUser(user: SeedUser): NewEndUser {
  const { pin: _pin, password: _password, pinMustChange: _, passwordMustChange: __, ...given } = user
  const { superuser = false, groups = [], primaryExtension, ...rest } = given
  const { firstName = '', lastName = user.userId } = rest
  return {
    ...rest,
    lastName,
    displayName: rest.displayName ?? `${firstName} ${lastName}`.trim(),
    primaryExtension: primaryExtension === undefined ? '' : stored(primaryExtension, `end user ${user.userId}`),
    groups: [...new Set([endUsersGroup, ...groups, ...(superuser ? [superUsersGroup] : [])])],
  }
}

interface Secret {
  readonly owner: string
  readonly kind: CredentialKind
  readonly secret: string
  readonly mustChange: boolean
}

function secretsOf(users: readonly SeedUser[], applicationUsers: readonly SeedApplicationUser[]): readonly Secret[] {
  return [
    ...users.flatMap(({ userId, pin, password, pinMustChange = false, passwordMustChange = false }) => [
      { owner: userId, kind: CredentialKind.pin, secret: pin, mustChange: pinMustChange },
      ...(password === undefined
        ? []
        : [{ owner: userId, kind: CredentialKind.userPassword, secret: password, mustChange: passwordMustChange }]),
    ]),
    ...applicationUsers.map(({ userId, password }) => ({
      owner: userId,
      kind: CredentialKind.password,
      secret: password,
      mustChange: false,
    })),
  ]
}

function storeCredentials(
  { credentials }: ClusterDatabase,
  secrets: readonly Secret[],
  hashes: readonly StoredCredential[],
): void {
  for (const [place, { owner, kind, mustChange }] of secrets.entries()) {
    const hash = hashes[place]
    if (hash) credentials.set(owner, kind, hash)
    if (mustChange) credentials.setState(owner, kind, { mustChange })
  }
}

/** In groups, because a hasher lets only so many wait. */
async function hashAll(hasher: CredentialHasher, secrets: readonly string[]): Promise<readonly StoredCredential[]> {
  const groupSize = 64
  const hashes: StoredCredential[] = []
  for (let start = 0; start < secrets.length; start += groupSize) {
    const group = secrets.slice(start, start + groupSize)
    hashes.push(...(await Promise.all(group.map((secret) => hasher.hash(secret)))))
  }
  return hashes
}
