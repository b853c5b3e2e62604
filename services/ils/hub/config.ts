// The hub process's configuration: one JSON file, checked once, defaults in the schema.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { configurationCheck } from '../../wire/json-check.ts'
import type { IlsConfiguration } from '../api.ts'
import { networkSettings } from '../config.ts'
import { IlsError } from '../errors.ts'
import { breachOf } from '../rules.ts'

const strict = { additionalProperties: false } as const
const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** Everything a hub that is no cluster is told. */
export const HubConfig = Type.Object(
  {
    /** Its node ID in the ILS network. */
    name: Type.String({ minLength: 1, default: 'hub' }),
    description: Type.String({ default: '', maxLength: 128 }),
    dataDirectory: Type.String({ minLength: 1 }),
    /** CA of the lab, shared by all its processes: where the hub's certificate comes from if ILS uses certificates. */
    secretsDirectory: Type.Optional(Type.String({ minLength: 1 })),
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
    log: Type.Object(
      {
        level: Type.Union(
          levels.map((level) => Type.Literal(level)),
          { default: 'info' },
        ),
      },
      { ...strict, default: {} },
    ),
    ils: Type.Object(networkSettings, { ...strict, default: {} }),
  },
  strict,
)
export type HubConfig = Static<typeof HubConfig>

const check = configurationCheck(HubConfig)

/** Fills in defaults and checks. Throws IlsError ILS_CONFIG; its message never quotes a password. */
export function parseHubConfig(input: unknown): HubConfig {
  const { value: config, wrong } = check(input)
  if (wrong !== undefined) throw new IlsError('ILS_CONFIG', wrong)
  const { name, secretsDirectory, ils } = config
  const around = { clusterId: name, ...ils, certificate: secretsDirectory !== undefined }
  const breach = breachOf(configurationOf(config), around)
  if (breach) throw new IlsError('ILS_CONFIG', breach.sentence)
  return config
}

/** ILS Configuration of a hub process, which only its file changes. */
export function configurationOf({ ils }: HubConfig): IlsConfiguration {
  const { registrationServer = '', synchronizeClustersEveryMinutes } = ils
  return {
    role: 'hub',
    registrationServer,
    // A hub relays whatever comes; it has no dial plan of its own.
    exchangeGlobalDialPlan: false,
    advertisedRouteString: '',
    synchronizeClustersEveryMinutes,
  }
}
