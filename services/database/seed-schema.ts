import { Type } from 'typebox'
import type { Static } from 'typebox'
import { PhoneServiceType } from './api.ts'
import { SeedGlobalDialPlan } from './seed-dial-plan-schema.ts'
import { SeedDefaultDeviceProfile, SeedDeviceProfile, SeedPhone } from './seed-device-schema.ts'
import { DialledNumber, Name, Names, Secret, strict, Text } from './seed-values.ts'

const SeedUser = strict({
  userId: Name,
  pin: Secret,
  /** User must change PIN at next login. */
  pinMustChange: Type.Optional(Type.Boolean()),
  password: Type.Optional(Secret),
  /** User must change password at next login. */
  passwordMustChange: Type.Optional(Type.Boolean()),
  firstName: Type.Optional(Text),
  lastName: Type.Optional(Text),
  displayName: Type.Optional(Text),
  primaryExtension: Type.Optional(DialledNumber),
  selfServiceUserId: Type.Optional(Name),
  deviceProfiles: Type.Optional(Names),
  defaultProfile: Type.Optional(Name),
  superuser: Type.Optional(Type.Boolean()),
  homeCluster: Type.Optional(Type.Boolean()),
  groups: Type.Optional(Names),
  userLocale: Type.Optional(Text),
  userProfile: Type.Optional(Name),
  /** `HHH:MM` */
  maximumLoginTime: Type.Optional(Type.String({ maxLength: 6 })),
})

const SeedPhoneService = strict({
  name: Name,
  description: Type.Optional(Text),
  url: Type.String({ minLength: 1 }),
  secureUrl: Type.Optional(Type.String()),
  category: Type.Optional(Type.Enum(['XML Service', 'Java MIDlet'])),
  type: Type.Optional(Type.Enum(PhoneServiceType)),
  vendor: Type.Optional(Text),
  version: Type.Optional(Text),
  enterpriseSubscription: Type.Optional(Type.Boolean()),
  enabled: Type.Optional(Type.Boolean()),
})

/** The ranges are the table's. */
const SeedCredentialPolicy = strict({
  failedLogonAttempts: Type.Optional(Type.Integer()),
  resetFailedLogonAttemptsMinutes: Type.Optional(Type.Integer()),
  lockoutMinutes: Type.Optional(Type.Integer()),
  minimumLength: Type.Optional(Type.Integer()),
  storedHistory: Type.Optional(Type.Integer()),
  checkForTrivial: Type.Optional(Type.Boolean()),
  expiresAfterDays: Type.Optional(Type.Integer()),
})

/** What a cluster's database holds at first. Applied once, to a new file; every key may be left out. */
export const ClusterSeed = strict({
  partitions: Type.Optional(Names),
  callingSearchSpaces: Type.Optional(Type.Array(strict({ name: Name, partitions: Names }))),
  trunks: Type.Optional(Type.Array(strict({ name: Name, remoteCluster: Name, url: Type.Optional(Text) }))),
  routePatterns: Type.Optional(Type.Array(strict({ pattern: Name, partition: Type.Optional(Text), trunk: Name }))),
  globalDialPlan: Type.Optional(SeedGlobalDialPlan),
  phoneServices: Type.Optional(Type.Array(SeedPhoneService)),
  deviceProfiles: Type.Optional(Type.Array(SeedDeviceProfile)),
  defaultDeviceProfiles: Type.Optional(Type.Array(SeedDefaultDeviceProfile)),
  userProfiles: Type.Optional(
    Type.Array(strict({ name: Name, maySetMaximumLoginTime: Type.Optional(Type.Boolean()) })),
  ),
  users: Type.Optional(Type.Array(SeedUser)),
  phones: Type.Optional(Type.Array(SeedPhone)),
  /** In addition to, or in place of, administrator, emproxy and superusersync with their lab passwords. */
  applicationUsers: Type.Optional(Type.Array(strict({ userId: Name, password: Secret, groups: Names }))),
  /** Entering a maximum login time without saying anything of its enforcement turns that on. */
  serviceParameters: Type.Optional(Type.Array(strict({ service: Name, name: Name, value: Type.String() }))),
  /** Of the policy in force; it does not judge the PINs and passwords of the seed itself. */
  credentialPolicy: Type.Optional(SeedCredentialPolicy),
})
export type ClusterSeed = Static<typeof ClusterSeed>
export type SeedUser = Static<typeof SeedUser>
