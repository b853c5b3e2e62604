// What a lab file may say, as schemas. The shapes below `clusters` are those of a cluster's seed, so that a lab reads like the database it fills.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import {
  choice,
  defaultDeviceProfile,
  deviceProfile,
  flag,
  list,
  names,
  object,
  optionalText,
  phone,
  phoneProperties,
  text,
} from './lab-device-schema.ts'
import { globalDialPlan } from './lab-dial-plan-schema.ts'

/** Becomes a folder's name, a Cluster ID, a certificate's common name and, in containers, a host name. */
const processName = Type.String({
  pattern: '^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$',
  description: 'lower-case letters, digits and hyphens, at most 50',
})
const port = Type.Integer({ minimum: 1, maximum: 65_535 })
const phoneService = {
  name: text('a name'),
  description: optionalText,
  url: text('a URL; {http} and {https} stand for the base URLs of the cluster'),
  secureUrl: optionalText,
  category: choice(['XML Service', 'Java MIDlet']),
  type: choice(['Services', 'Directories', 'Messages']),
  vendor: optionalText,
  version: optionalText,
  enterpriseSubscription: flag,
  enabled: flag,
}

const user = {
  userId: text('a user ID'),
  pin: Type.String({ minLength: 1, maxLength: 64, description: 'a PIN' }),
  pinMustChange: flag,
  password: Type.Optional(Type.String({ minLength: 1, maxLength: 128, description: 'a password' })),
  passwordMustChange: flag,
  firstName: optionalText,
  lastName: optionalText,
  displayName: optionalText,
  primaryExtension: optionalText,
  selfServiceUserId: optionalText,
  deviceProfiles: names,
  defaultProfile: optionalText,
  superuser: flag,
  homeCluster: flag,
  groups: names,
  userLocale: optionalText,
  userProfile: optionalText,
  maximumLoginTime: Type.Optional(
    Type.String({ pattern: '^(\\d{1,3})?:[0-5]\\d$', description: 'a time HHH:MM, e.g. 8:00' }),
  ),
}

const upTo = (maximum: number, minimum = 0) => Type.Optional(Type.Integer({ minimum, maximum }))

/** The ranges are those of Administration. */
const credentialPolicy = object({
  failedLogonAttempts: upTo(100),
  resetFailedLogonAttemptsMinutes: upTo(1440, 1),
  lockoutMinutes: upTo(1440),
  minimumLength: upTo(64, 1),
  storedHistory: upTo(25),
  checkForTrivial: flag,
  expiresAfterDays: upTo(365),
})

/** Settings of one service of one process, checked by that service when it starts. */
const settings = Type.Record(Type.String(), Type.Unknown())

const cluster = object({
  name: processName,
  description: optionalText,
  /** Where it listens if that can be bound; see addresses.ts. */
  address: Type.Optional(Type.String({ format: 'ipv4', description: 'an IPv4 address' })),
  httpPort: Type.Optional(port),
  httpsPort: Type.Optional(port),
  publisher: Type.Optional(Type.Boolean()),
  role: Type.Optional(Type.Union([Type.Literal('hub'), Type.Literal('spoke'), Type.Literal('standalone')])),
  hub: Type.Optional(processName),
  registrationServer: Type.Optional(processName),
  advertisedRouteString: Type.Optional(Type.String({ maxLength: 253, description: 'a route string' })),
  exchangeGlobalDialPlan: Type.Optional(Type.Boolean()),
  services: Type.Optional(
    object({
      database: Type.Optional(settings),
      callmanager: Type.Optional(settings),
      'extension-mobility': Type.Optional(settings),
      ils: Type.Optional(settings),
      administration: Type.Optional(settings),
      serviceability: Type.Optional(settings),
      emapp: Type.Optional(settings),
      'change-credential': Type.Optional(settings),
      'phone-services': Type.Optional(settings),
      tftp: Type.Optional(settings),
      reporting: Type.Optional(settings),
      'bulk-administration': Type.Optional(settings),
    }),
  ),
  partitions: names,
  callingSearchSpaces: list({ name: text('a name'), partitions: Type.Array(text('a partition')) }),
  trunks: list({ name: text('a name'), remoteCluster: processName, url: optionalText }),
  routePatterns: list({ pattern: text('a route pattern'), partition: optionalText, trunk: text('a trunk') }),
  globalDialPlan: Type.Optional(globalDialPlan),
  phoneServices: list(phoneService),
  deviceProfiles: list(deviceProfile),
  defaultDeviceProfiles: list(defaultDeviceProfile),
  userProfiles: list({ name: text('a name'), maySetMaximumLoginTime: flag }),
  users: list(user),
  phones: list(phone),
  applicationUsers: list({
    userId: text('a user ID'),
    password: text('a password'),
    groups: Type.Array(text('an access control group')),
  }),
  serviceParameters: list({ service: text('a service'), name: text('a parameter'), value: Type.String() }),
  credentialPolicy: Type.Optional(credentialPolicy),
})

const hub = object({
  name: processName,
  description: optionalText,
  /** The one hub that this one names; without it, it is told of all others that name none. */
  registrationServer: Type.Optional(processName),
  address: Type.Optional(Type.String({ format: 'ipv4', description: 'an IPv4 address' })),
  httpPort: Type.Optional(port),
  /** What a cluster has as `services.ils`; goes before what the lab says of the network. */
  ils: Type.Optional(settings),
})

/** A whole lab. Keys that are not here are refused. */
export const LabSchema = object({
  name: processName,
  description: optionalText,
  ils: object({
    network: Type.String({ minLength: 1, maxLength: 50, description: 'a name' }),
    /** Needed unless certificates alone vouch. */
    password: Type.Optional(text('a password')),
    authentication: choice(['password', 'certificates', 'both']),
    trustedCertificates: names,
    trustedAuthorities: names,
    heartbeatMs: Type.Optional(Type.Integer({ minimum: 50, maximum: 60_000 })),
    catchUpGraceMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 600_000 })),
    synchronizeClustersEveryMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1440 })),
  }),
  hubs: Type.Optional(Type.Array(hub)),
  superUserSync: Type.Optional(
    object({
      name: Type.Optional(processName),
      address: Type.Optional(Type.String({ format: 'ipv4', description: 'an IPv4 address' })),
      httpPort: Type.Optional(port),
      schedule: Type.Optional(Type.Union([text('a cron pattern'), Type.Null()])),
      runOnStart: Type.Optional(Type.Boolean()),
    }),
  ),
  phoneServices: list(phoneService),
  phoneDefaults: Type.Optional(object(phoneProperties)),
  clusters: Type.Array(cluster, { minItems: 1 }),
})

export type Lab = Static<typeof LabSchema>
export type LabCluster = Lab['clusters'][number]
export type LabHub = NonNullable<Lab['hubs']>[number]

/** The name of the Super User Synchronization Tool's process, undefined in a lab without one. */
export function superUserSyncName(lab: Lab): string | undefined {
  return lab.superUserSync && (lab.superUserSync.name ?? 'super-user-sync')
}
