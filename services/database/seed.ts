import { normalizeDirectoryNumber } from '../wire/directory-number.ts'
import { CredentialKind, superUsersGroup } from './api.ts'
import type { ClusterDatabase, CredentialHasher, NewEndUser, NewLine, StoredCredential } from './api.ts'
import { DatabaseError } from './errors.ts'
import type { ClusterSeed, SeedLine, SeedPhone, SeedUser } from './seed-schema.ts'
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
  const secrets = [...users.map(({ pin }) => pin), ...applicationUsers.map(({ password }) => password)]
  const hashes = await hashAll(hasher, secrets)
  await database.write(() => {
    if (!isNew(database)) throw new DatabaseError('DATABASE_ALREADY_SEEDED', 'This database has been seeded already')
    insertDialPlan(database, seed)
    insertServices(database, seed)
    for (const profile of seed.deviceProfiles ?? []) {
      database.deviceProfiles.insert({ ...profile, lines: storedLines(profile.lines, profile.name) })
    }
    for (const user of users) database.endUsers.insert(endUser(user))
    for (const phone of seed.phones ?? []) insertPhone(database, phone, now)
    for (const { userId, groups } of applicationUsers) database.applicationUsers.insert({ userId, groups })
    storeCredentials(database, users, applicationUsers, hashes)
    database.sql.exec(`INSERT INTO rl_property (name, value) VALUES ('seeded', '${Math.trunc(now)}')`)
  })
}

function insertDialPlan({ dialPlan }: ClusterDatabase, seed: ClusterSeed): void {
  for (const name of seed.partitions ?? []) dialPlan.insertPartition(name)
  for (const { name, partitions } of seed.callingSearchSpaces ?? []) dialPlan.insertCallingSearchSpace(name, partitions)
  for (const { url = '', ...trunk } of seed.trunks ?? []) dialPlan.insertTrunk({ ...trunk, url })
  for (const { partition = '', ...route } of seed.routePatterns ?? [])
    dialPlan.insertRoutePattern({ ...route, partition })
}

function insertServices({ phoneServices, serviceParameters }: ClusterDatabase, seed: ClusterSeed): void {
  for (const { secureUrl = '', enabled = true, ...service } of seed.phoneServices ?? []) {
    phoneServices.insert({ ...service, secureUrl, enabled })
  }
  for (const { service, name, value } of seed.serviceParameters ?? []) serviceParameters.set(service, name, value)
}

function insertPhone(database: ClusterDatabase, { loggedIn, ...phone }: SeedPhone, now: number): void {
  database.devices.insert({ ...phone, lines: storedLines(phone.lines, phone.name) })
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

function endUser(user: SeedUser): NewEndUser {
  const { pin: _, superuser = false, groups = [], primaryExtension, ...rest } = user
  const { firstName = '', lastName = user.userId } = rest
  return {
    ...rest,
    lastName,
    displayName: rest.displayName ?? `${firstName} ${lastName}`.trim(),
    primaryExtension: primaryExtension === undefined ? '' : stored(primaryExtension, `end user ${user.userId}`),
    groups: [...new Set([endUsersGroup, ...groups, ...(superuser ? [superUsersGroup] : [])])],
  }
}

function storedLines(lines: readonly SeedLine[] = [], device: string): readonly NewLine[] {
  return lines.map((line) => ({ ...line, dn: stored(line.dn, `line of ${device}`) }))
}

function stored(dn: string, where: string): string {
  const digits = normalizeDirectoryNumber(dn)
  if (digits !== undefined) return digits
  throw new DatabaseError('DATABASE_INVALID', `${where}: ${JSON.stringify(dn)} is not a directory number`)
}

function storeCredentials(
  { credentials }: ClusterDatabase,
  users: readonly SeedUser[],
  applicationUsers: readonly SeedApplicationUser[],
  hashes: readonly StoredCredential[],
): void {
  const owners = [
    ...users.map(({ userId }) => [userId, CredentialKind.pin] as const),
    ...applicationUsers.map(({ userId }) => [userId, CredentialKind.password] as const),
  ]
  for (const [place, [owner, kind]] of owners.entries()) {
    const hash = hashes[place]
    if (hash) credentials.set(owner, kind, hash)
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
