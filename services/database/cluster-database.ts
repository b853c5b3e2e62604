import type { DatabaseSync } from 'node:sqlite'
import type { Clock, Logger } from '../service.ts'
import type { ClusterDatabase, EffectiveConfiguration } from './api.ts'
import { ButtonRows } from './button-rows.ts'
import { openDatabaseFile } from './database-file.ts'
import { FeatureButtons } from './feature-buttons.ts'
import { GroupCommit } from './group-commit.ts'
import { References } from './references.ts'
import { AccessControlGroups } from './repositories/access-control-group.ts'
import { AdvertisedNumbers } from './repositories/advertised-number.ts'
import { ApplicationUsers } from './repositories/application-user.ts'
import { AutoDeviceProfiles } from './repositories/auto-device-profile.ts'
import { clearLeftoverEntries } from './repositories/catalog.ts'
import { CredentialPolicies } from './repositories/credential-policy.ts'
import { Credentials } from './repositories/credential.ts'
import { DefaultDeviceProfiles } from './repositories/default-device-profile.ts'
import { DeviceProfiles } from './repositories/device-profile.ts'
import { Devices } from './repositories/device.ts'
import { DialPlan } from './repositories/dial-plan.ts'
import { EffectiveConfigurations } from './repositories/effective-configurations.ts'
import { EndUserMaps } from './repositories/end-user-maps.ts'
import { EndUsers } from './repositories/end-user.ts'
import { GlobalDialPlan } from './repositories/global-dial-plan.ts'
import { Lines } from './repositories/line.ts'
import { Logins } from './repositories/login.ts'
import { PhoneServices } from './repositories/phone-service.ts'
import { ServiceActivation, ServiceParameters } from './repositories/service-parameter.ts'
import { UserProfiles } from './repositories/user-profile.ts'
import { RowMemory } from './row-memory.ts'
import { Tables } from './tables.ts'
import { VersionStamps } from './version-stamps.ts'

/** Where the file is, and what the database takes from its host. */
export interface ClusterDatabaseOptions {
  readonly path: string
  readonly clock: Clock
  readonly log: Pick<Logger, 'error'>
}

/** An open database; whoever opened it closes it. */
export interface OpenClusterDatabase extends ClusterDatabase {
  /** Commits what is queued and lets go of the file. Idempotent; later writes reject with DATABASE_CLOSED. */
  close(): void
}

/** Opens the cluster's file, or makes it with its standard groups and roles. Throws DatabaseError, and then has altered nothing. */
export function openClusterDatabase({ path, clock, log }: ClusterDatabaseOptions): OpenClusterDatabase {
  const sql = openDatabaseFile(path)
  clearLeftoverEntries(sql)
  const memory = new RowMemory()
  const commits = new GroupCommit({ sql, memory, log })
  const tables = new Tables(sql, memory, () => commits.writing)
  return {
    sql,
    cache: () => memory.cache(),
    ...createRepositories(tables, () => clock.now()),
    write: (work) => commits.write(work),
    afterCommit: (effect) => commits.afterCommit(effect),
    onRollback: (listener) => commits.onRollback(listener),
    close: () => close(sql, commits),
  }
}

type Repositories = Omit<ClusterDatabase, 'sql' | 'cache' | 'write' | 'afterCommit' | 'onRollback'>

function createRepositories(tables: Tables, now: () => number): Repositories {
  const remembered = tables.memory.cache<EffectiveConfiguration>()
  const stamps = new VersionStamps(tables, now, remembered)
  const references = new References(tables)
  const advertisedNumbers = new AdvertisedNumbers(tables, references)
  const buttons = new ButtonRows(tables, references, advertisedNumbers)
  const parts = { tables, references, buttons, featureButtons: new FeatureButtons(tables, references), stamps }
  const maps = new EndUserMaps(tables, references, buttons)
  const endUsers = new EndUsers({ ...parts, maps })
  const serviceParameters = new ServiceParameters(tables, () => autoDeviceProfiles.parametersChanged())
  const autoDeviceProfiles = new AutoDeviceProfiles({ tables, stamps, serviceParameters })
  const devices = new Devices({ ...parts, autoDeviceProfiles, now, effective: (name) => effective.of(name) })
  const deviceProfiles = new DeviceProfiles(parts)
  const defaultDeviceProfiles = new DefaultDeviceProfiles(parts)
  const phoneServices = new PhoneServices(tables, stamps)
  const logins = new Logins(tables, { devices, endUsers, deviceProfiles, autoDeviceProfiles, stamps }, now)
  const configurable = { devices, deviceProfiles, defaultDeviceProfiles, endUsers, logins, phoneServices }
  const effective = new EffectiveConfigurations({ ...configurable, autoDeviceProfiles, stamps, remembered })
  const credentialPolicies = new CredentialPolicies(tables)
  return {
    ...configurable,
    userProfiles: new UserProfiles(tables),
    lines: new Lines(tables, effective),
    dialPlan: new DialPlan(tables, references, advertisedNumbers),
    globalDialPlan: new GlobalDialPlan(tables, references, advertisedNumbers),
    accessControlGroups: new AccessControlGroups(tables, references),
    applicationUsers: new ApplicationUsers(tables, references),
    credentials: new Credentials(tables, credentialPolicies),
    credentialPolicies,
    serviceParameters,
    serviceActivation: new ServiceActivation(tables),
  }
}

function close(sql: DatabaseSync, commits: GroupCommit): void {
  if (!sql.isOpen) return
  commits.close()
  sql.close()
}
