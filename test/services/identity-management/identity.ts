import { join } from 'node:path'
import { pino } from 'pino'
import type { Test } from 'tap'
import type {
  ClusterDatabase,
  CredentialHasher,
  CredentialPolicy,
  EndUser,
  StoredCredential,
} from '../../../services/database/api.ts'
import { createIdentityManagement } from '../../../services/identity-management/index.ts'
import { openClusterDatabase } from '../../../services/database/index.ts'
import type { ClusterEvent } from '../../../services/serviceability/api.ts'
import { createEventBus } from '../../../services/serviceability/index.ts'
import { quickHasher } from '../../fixtures/lone-cluster.ts'

export const policyName = 'Default Credential Policy'
export const minute = 60_000
export const day = 86_400_000

/** A policy whose every rule can be met; tests change what they are about. */
const easy: Omit<CredentialPolicy, 'name'> = {
  failedLogonAttempts: 3,
  resetFailedLogonAttemptsMinutes: 30,
  lockoutMinutes: 20,
  minimumLength: 5,
  storedHistory: 3,
  checkForTrivial: true,
  expiresAfterDays: 0,
}

/** Identity management over a cluster's database. bob has the PIN 12345, alice 24680 and a password; kally has neither. */
export async function identityOf(t: Test, policy: Partial<CredentialPolicy> = {}) {
  const hasher = countingHasher(quickHasher())
  const logged: string[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) })
  const clock = stoppedClock()
  const events = createEventBus({ cluster: 'cluster1', clock, log })
  const heard: ClusterEvent[] = []
  events.subscribe((event) => heard.push(event))
  const path = join(t.testdir(), 'cluster.sqlite')
  const database = openClusterDatabase({ path, clock, log })
  t.teardown(() => database.close())
  await furnish(database, hasher)
  await database.write(() => database.credentialPolicies.update(policyName, { ...easy, ...policy }))
  const identity = createIdentityManagement({ database, hasher, clock, events })
  const user = (userId: string) => database.endUsers.find(userId) as EndUser
  return {
    ...identity,
    clock,
    database,
    events,
    heard,
    logged,
    path,
    told: (type: ClusterEvent['type']) => heard.filter((event) => event.type === type),
    hasher,
    user,
    enter: (userId: string, pin: string) => identity.verifyPin(database.endUsers.find(userId), pin),
    state: (userId: string) => database.credentials.state(userId, 'PIN'),
    set: (userId: string, changes: Parameters<typeof database.credentials.setState>[2]) =>
      database.write(() => database.credentials.setState(userId, 'PIN', changes)),
    /** bob's way to a new PIN, with the confirmation right unless it is given. */
    change: (oldPin: string, newPin: string, more: { userId?: string; confirmNewPin?: string } = {}) =>
      identity.changePin({ userId: 'bob', oldPin, newPin, confirmNewPin: newPin, ...more }),
    /** Works that were queued for the disk while `act` ran. */
    async writesOf(act: () => Promise<unknown>): Promise<number> {
      const write = database.write.bind(database)
      let count = 0
      database.write = (work) => {
        count += 1
        return write(work)
      }
      await act()
      database.write = write
      return count
    },
  }
}

async function furnish(database: ClusterDatabase, hasher: CredentialHasher): Promise<void> {
  const [bobs, alices, password] = await Promise.all(['12345', '24680', 'Correct-Horse'].map((one) => hasher.hash(one)))
  await database.write(() => {
    const { applicationUsers, credentials, endUsers } = database
    endUsers.insert({ userId: 'bob', lastName: 'Builder', primaryExtension: '1000001', selfServiceUserId: '4711' })
    endUsers.insert({ userId: 'alice', lastName: 'Liddell' })
    endUsers.insert({ userId: 'kally', lastName: 'Kally' })
    applicationUsers.insert({ userId: 'administrator', groups: [] })
    credentials.set('bob', 'PIN', bobs as StoredCredential)
    credentials.set('alice', 'PIN', alices as StoredCredential)
    credentials.set('alice', 'User Password', password as StoredCredential)
    credentials.set('administrator', 'Password', password as StoredCredential)
  })
}

function stoppedClock() {
  let now = Date.UTC(2026, 10, 21, 8)
  return {
    now: () => now,
    advance(ms: number) {
      now += ms
    },
  }
}

/** A hasher that notes what it is asked for. */
function countingHasher(hasher: CredentialHasher) {
  const counted = {
    verified: 0,
    /** Runs before each verification is answered. */
    meanwhile: undefined as (() => Promise<unknown>) | undefined,
    hash: (secret: string) => hasher.hash(secret),
    async verify(secret: string, stored: StoredCredential) {
      counted.verified += 1
      const right = await hasher.verify(secret, stored)
      await counted.meanwhile?.()
      return right
    },
  }
  return counted
}
