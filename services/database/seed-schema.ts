import { Type } from 'typebox'
import type { Static, TObject, TProperties } from 'typebox'
import { AnswerMode } from './api.ts'

/** Unknown keys are typing errors. */
function strict<Properties extends TProperties>(properties: Properties): TObject<Properties> {
  return Type.Object(properties, { additionalProperties: false })
}

const Name = Type.String({ minLength: 1, maxLength: 128 })
const Text = Type.String({ maxLength: 255 })
const Secret = Type.String({ minLength: 1, maxLength: 128 })
const Names = Type.Array(Name)
/** As people write it; `1000-001` is stored as `1000001`. */
const Number_ = Type.String({ minLength: 1, maxLength: 80 })

const SeedLine = strict({
  index: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  dn: Number_,
  partition: Type.Optional(Text),
  label: Type.Optional(Text),
  display: Type.Optional(Text),
  callingSearchSpace: Type.Optional(Text),
  busyTrigger: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  maxCalls: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
})

const SeedDeviceProfile = strict({
  name: Name,
  description: Type.Optional(Text),
  model: Type.Optional(Name),
  callingSearchSpace: Type.Optional(Text),
  phoneServices: Type.Optional(Names),
  lines: Type.Optional(Type.Array(SeedLine)),
})

const SeedPhone = strict({
  name: Name,
  description: Type.Optional(Text),
  model: Type.Optional(Name),
  devicePool: Type.Optional(Name),
  callingSearchSpace: Type.Optional(Text),
  owner: Type.Optional(Name),
  extensionMobility: Type.Optional(Type.Boolean()),
  phoneServices: Type.Optional(Names),
  lines: Type.Optional(Type.Array(SeedLine)),
  answerMode: Type.Optional(Type.Enum(AnswerMode)),
  /** User ID of who is logged in at first, with the default profile or else the first. */
  loggedIn: Type.Optional(Name),
})

const SeedUser = strict({
  userId: Name,
  pin: Secret,
  firstName: Type.Optional(Text),
  lastName: Type.Optional(Text),
  displayName: Type.Optional(Text),
  primaryExtension: Type.Optional(Number_),
  selfServiceUserId: Type.Optional(Name),
  deviceProfiles: Type.Optional(Names),
  defaultProfile: Type.Optional(Name),
  superuser: Type.Optional(Type.Boolean()),
  homeCluster: Type.Optional(Type.Boolean()),
  groups: Type.Optional(Names),
})

/** What a cluster's database holds at first. Applied once, to a new file; every key may be left out. */
export const ClusterSeed = strict({
  partitions: Type.Optional(Names),
  callingSearchSpaces: Type.Optional(Type.Array(strict({ name: Name, partitions: Names }))),
  trunks: Type.Optional(Type.Array(strict({ name: Name, remoteCluster: Name, url: Type.Optional(Text) }))),
  routePatterns: Type.Optional(Type.Array(strict({ pattern: Name, partition: Type.Optional(Text), trunk: Name }))),
  phoneServices: Type.Optional(
    Type.Array(
      strict({
        name: Name,
        url: Type.String({ minLength: 1 }),
        secureUrl: Type.Optional(Type.String()),
        enabled: Type.Optional(Type.Boolean()),
      }),
    ),
  ),
  deviceProfiles: Type.Optional(Type.Array(SeedDeviceProfile)),
  users: Type.Optional(Type.Array(SeedUser)),
  phones: Type.Optional(Type.Array(SeedPhone)),
  /** In addition to, or in place of, administrator, emproxy and superusersync with their lab passwords. */
  applicationUsers: Type.Optional(Type.Array(strict({ userId: Name, password: Secret, groups: Names }))),
  serviceParameters: Type.Optional(Type.Array(strict({ service: Name, name: Name, value: Type.String() }))),
})
export type ClusterSeed = Static<typeof ClusterSeed>
export type SeedLine = Static<typeof SeedLine>
export type SeedPhone = Static<typeof SeedPhone>
export type SeedUser = Static<typeof SeedUser>
