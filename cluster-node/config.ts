// A cluster's configuration: one JSON document, checked once at the door, complete and frozen behind it.
import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import type { Service } from '../services/service.ts'
import { configurationCheck } from '../services/wire/json-check.ts'
import type { Configuration } from '../services/wire/json-check.ts'
import { StartupRefusal, StartupRefusalCode } from './startup-refusal.ts'

const closed = { additionalProperties: false }
const port = (standard: number) =>
  Type.Integer({ minimum: 0, maximum: 65_535, default: standard, description: '0 takes any free port' })

const listenSchema = Type.Object(
  {
    host: Type.String({ minLength: 1, default: '127.0.0.1', description: 'Address to listen on' }),
    httpPort: port(8080),
    httpsPort: port(8443),
    advertise: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Host name or address at which others reach this cluster; default: host',
      }),
    ),
  },
  { ...closed, default: {} },
)

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

const baseMembers = {
  name: Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9.-]{0,49}$',
    description: 'The Cluster ID: letters, digits, dots and hyphens, at most 50',
  }),
  description: Type.String({ default: '', maxLength: 255 }),
  publisher: Type.Boolean({ default: true }),
  dataDirectory: Type.String({ minLength: 1, description: 'Everything this cluster writes is below it' }),
  secretsDirectory: Type.String({ minLength: 1, description: 'CA and pepper, shared by all processes of the lab' }),
  listen: listenSchema,
  insecureDefaults: Type.Boolean({
    default: false,
    description: 'Listen beyond loopback although standard passwords are in use',
  }),
  log: Type.Object(
    {
      level: Type.Union(
        logLevels.map((level) => Type.Literal(level)),
        { default: 'info' },
      ),
    },
    { ...closed, default: {} },
  ),
}
const baseSchema = Type.Object(baseMembers)

/** A service's slice; a feature service's also says whether it is active on the cluster's first start. */
export type ServiceConfig = Readonly<Record<string, unknown>> & { readonly active?: boolean }

/** A checked configuration, frozen to its depths, defaults filled in. */
export type ClusterConfig = Static<typeof baseSchema> & {
  /** By folder name. Absent services have their defaults. */
  readonly services: Readonly<Record<string, ServiceConfig>>
  /** Applied once, to a new database; its schema is the database service's. */
  readonly seed?: unknown
}

/** What the schema of a cluster's configuration is composed of. */
export interface ConfigParts {
  readonly catalogue: readonly Service[]
  readonly seedSchema: TSchema
}

/**
 * Checks `input` and fills in defaults. Throws StartupRefusal naming every unknown, missing or wrong member by its path; a value is
 * never repeated, because it may be a secret.
 */
export function parseClusterConfig(input: unknown, parts: ConfigParts): ClusterConfig {
  const { value, wrong } = checkOf(parts)(input)
  if (wrong === undefined) return deepFreeze(value as ClusterConfig)
  throw new StartupRefusal(StartupRefusalCode.config, `the configuration is wrong: ${wrong}`)
}

/** The JSON schema of a whole configuration. */
export function clusterConfigSchema({ catalogue, seedSchema }: ConfigParts): TSchema {
  const slices = Object.fromEntries(catalogue.map((service) => [service.name, sliceSchema(service)]))
  return Type.Object(
    {
      ...baseMembers,
      services: Type.Object(slices, { ...closed, default: {} }),
      seed: Type.Optional(seedSchema),
    },
    closed,
  )
}

function sliceSchema({ kind, configSchema }: Service): TSchema {
  const members = (configSchema as { properties?: Record<string, TSchema> }).properties ?? {}
  const active = Type.Boolean({
    default: true,
    description: 'On the first start; afterwards Service Activation decides',
  })
  const slice = Type.Object(kind === 'feature' ? { ...members, active } : members, closed)
  // A slice that needs something has no default: leaving it out is then an error that names what is missing.
  return { ...slice, default: {} }
}

type Check = (input: unknown) => Configuration<unknown>
const checks = new WeakMap<readonly Service[], Check>()

/** Compiled once per catalogue: a process may make two hundred clusters. */
function checkOf(parts: ConfigParts): Check {
  const known = checks.get(parts.catalogue)
  if (known) return known
  const check = configurationCheck(clusterConfigSchema(parts))
  checks.set(parts.catalogue, check)
  return check
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) deepFreeze(member)
  return Object.freeze(value)
}
