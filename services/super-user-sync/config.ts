// The tool's configuration: one JSON file, checked once, defaults in the schema.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { configurationCheck } from '../wire/json-check.ts'
import { checkPattern } from './schedule.ts'

const strict = { additionalProperties: false } as const

const Cluster = Type.Object(
  {
    /** The Cluster ID; the cluster's certificate must carry it as its common name. */
    name: Type.String({ minLength: 1 }),
    url: Type.String({ pattern: '^https://[^/?#@]+/?$' }),
    /** An application user with the role `Roamline Super User Synchronization`. */
    userId: Type.String({ minLength: 1, pattern: '^[^:]+$' }),
    password: Type.String({ minLength: 1 }),
  },
  strict,
)

/** Whoever may look at and start runs over HTTP. */
const Administrator = Type.Object(
  {
    userId: Type.String({ minLength: 1, pattern: '^[^:]+$', default: 'administrator' }),
    password: Type.String({ minLength: 1, default: 'roamline' }),
  },
  { ...strict, default: {} },
)

const level = Type.Union(
  ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].map((one) => Type.Literal(one)),
  { default: 'info' },
)

/** Everything the process is told. Durations in milliseconds. */
export const SuperUserSyncConfig = Type.Object(
  {
    name: Type.String({ minLength: 1, default: 'super-user-sync' }),
    dataDirectory: Type.String({ minLength: 1 }),
    secretsDirectory: Type.String({ minLength: 1 }),
    listen: Type.Object(
      {
        host: Type.String({ minLength: 1, default: '127.0.0.1' }),
        /** 0 = any free one. */
        httpPort: Type.Integer({ minimum: 0, maximum: 65_535, default: 0 }),
        /** The host by which others reach this process; the one it listens on by default. */
        advertise: Type.Optional(Type.String({ minLength: 1 })),
      },
      { ...strict, default: {} },
    ),
    /** Listen beyond loopback although the administrator's password is the default one. */
    insecureDefaults: Type.Boolean({ default: false }),
    administrator: Administrator,
    log: Type.Object({ level }, { ...strict, default: {} }),
    /** Cron pattern in the machine's time zone, null = never; what was set over HTTP since wins. */
    schedule: Type.Union([Type.String(), Type.Null()], { default: '0 2 * * *' }),
    runOnStart: Type.Boolean({ default: true }),
    clusters: Type.Array(Cluster, { minItems: 1 }),
    /** One request to a cluster may take this long; then the cluster counts as unreachable for the run. */
    requestTimeoutMs: Type.Integer({ minimum: 10, default: 10_000 }),
    /** Users sent to one cluster at once. */
    concurrency: Type.Integer({ minimum: 1, maximum: 100, default: 4 }),
    /** First and longest pause before a failed cluster is asked again. */
    retryMs: Type.Integer({ minimum: 10, default: 1000 }),
    retryAtMostMs: Type.Integer({ minimum: 10, default: 60_000 }),
  },
  strict,
)
export type SuperUserSyncConfig = Static<typeof SuperUserSyncConfig>
export type ClusterConfig = Static<typeof Cluster>

/** The configuration cannot be used; the message is one sentence for people, without any password. */
export class ConfigError extends Error {
  readonly code = 'SUPER_USER_SYNC_CONFIG_INVALID'
  override readonly name = 'ConfigError'
}

const check = configurationCheck(SuperUserSyncConfig)

/** Fills in defaults and checks. Throws `ConfigError`. */
export function parseConfig(input: unknown): SuperUserSyncConfig {
  const { value: config, wrong } = check(input)
  if (wrong !== undefined) throw new ConfigError(wrong)
  refuseDoubles('name', config.clusters)
  refuseDoubles('url', config.clusters)
  try {
    if (config.schedule !== null) checkPattern(config.schedule)
  } catch (error) {
    throw new ConfigError(`schedule: ${(error as Error).message}`, { cause: error })
  }
  if (!config.insecureDefaults && config.administrator.password === 'roamline' && !isLoopback(config.listen.host)) {
    throw new ConfigError(
      `listen.host: ${config.listen.host} is not loopback, set administrator.password or insecureDefaults`,
    )
  }
  return config
}

function refuseDoubles(key: 'name' | 'url', clusters: readonly ClusterConfig[]): void {
  const seen = new Set<string>()
  for (const [index, cluster] of clusters.entries()) {
    const value = cluster[key].toLowerCase().replace(/\/$/u, '')
    if (seen.has(value)) throw new ConfigError(`clusters[${index}].${key}: ${cluster[key]} is there twice`)
    seen.add(value)
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/u.test(host)
}
