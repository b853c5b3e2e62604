// The service and enterprise parameters that this system knows, named as the vendor's configuration pages name them.
// Services obey them, Administration shows and sets them. Values are kept as the text that an administrator enters.
import { parseHoursMinutes } from '../wire/hours-minutes.ts'
import type { ServiceParameterRepository } from './api.ts'

interface ParameterFacts {
  /** Title of the service it belongs to, e.g. `Cisco Extension Mobility`; `Enterprise Parameters` for those of the cluster. */
  readonly service: string
  readonly name: string
  /** One sentence for people: what it decides. */
  readonly description: string
  /** What no document says of it, for the list of our choices. */
  readonly ours?: string
}

/** One of a few values. */
export interface ChoiceParameter<Value extends string = string> extends ParameterFacts {
  readonly kind: 'choice'
  readonly values: readonly Value[]
  readonly default: Value
}

/** A whole number. */
export interface IntegerParameter extends ParameterFacts {
  readonly kind: 'integer'
  readonly minimum: number
  readonly maximum: number
  readonly default: string
}

/** `HHH:MM`, e.g. `8:00` or `:30`. */
export interface DurationParameter extends ParameterFacts {
  readonly kind: 'duration'
  readonly minimum: string
  readonly maximum: string
  readonly default: string
}

/** Any text up to a length; `check` says in one sentence what is wrong with it. */
export interface TextParameter extends ParameterFacts {
  readonly kind: 'text'
  readonly maxLength: number
  readonly default: string
  readonly check?: (value: string) => string | undefined
}

export type ServiceParameter = ChoiceParameter | IntegerParameter | DurationParameter | TextParameter

const boolean = ['True', 'False'] as const
const service = 'Cisco Extension Mobility'

/** Feature Configuration Guide, Extension Mobility service parameters. */
export const multipleLoginBehavior = {
  kind: 'choice',
  service,
  name: 'Multiple Login Behavior',
  values: ['Multiple Logins Allowed', 'Multiple Logins Not Allowed', 'Auto Logout'],
  default: 'Multiple Logins Not Allowed',
  description: 'What happens when a user who is logged in to one phone logs in to a second one of this cluster.',
} as const satisfies ChoiceParameter

/** Set to True by itself when a maximum login time is entered while it is False. */
export const enforceMaximumLoginTime = {
  kind: 'choice',
  service,
  name: 'Enforce Intra-cluster Maximum Login Time',
  values: boolean,
  default: 'False',
  description:
    'Whether logins of this cluster end after the maximum login time. Entering a maximum login time while this is False changes it to True.',
} as const satisfies ChoiceParameter

export const maximumLoginTime = {
  kind: 'duration',
  service,
  name: 'Intra-cluster Maximum Login Time',
  minimum: '0:00',
  maximum: '168:00',
  default: '8:00',
  description:
    'How long a user may be logged in, HHH:MM. Taken as 0:00 while Enforce Intra-cluster Maximum Login Time is False.',
  ours: 'default 8:00',
} as const satisfies DurationParameter

export const maximumConcurrentRequests = {
  kind: 'integer',
  service,
  name: 'Maximum Concurrent Requests',
  minimum: 1,
  maximum: 100,
  default: '5',
  description: 'Login and logout operations that may be under way at once; a further one is refused with 26.',
} as const satisfies IntegerParameter

export const alphanumericUserId = {
  kind: 'choice',
  service,
  name: 'Alphanumeric User ID',
  values: boolean,
  default: 'True',
  description: 'True: user IDs of letters and digits can be entered on the phone; False: digits only.',
  ours: 'default True',
} as const satisfies ChoiceParameter

export const rememberLastUser = {
  kind: 'choice',
  service,
  name: 'Remember the Last User Logged In',
  values: boolean,
  default: 'False',
  description:
    'Whether the login page shows the user ID that was logged in last. Only for the default service URL and loginType=UID.',
  ours: 'default False',
} as const satisfies ChoiceParameter

export const clearCallLogs = {
  kind: 'choice',
  service,
  name: 'Clear Call Logs on Intra-Cluster EM',
  values: boolean,
  default: 'False',
  description: 'Whether a manual login or logout clears the call logs of the phone. Automatic logouts never do.',
  ours: 'default False',
} as const satisfies ChoiceParameter

export const validateIpAddress = {
  kind: 'choice',
  service,
  name: 'Validate IP Address',
  values: boolean,
  default: 'False',
  description:
    'Whether a login or logout must come from the address of a device in the cache, of the Trusted List of IPs, or of a registered device.',
  ours: 'default False',
} as const satisfies ChoiceParameter

export const trustedIps = {
  kind: 'text',
  service,
  name: 'Trusted List of IPs',
  maxLength: 1024,
  default: '',
  check: checkTrustedIps,
  description: 'Addresses and host names, separated by semicolons; neither ranges nor regular expressions.',
} as const satisfies TextParameter

export const allowProxy = {
  kind: 'choice',
  service,
  name: 'Allow Proxy',
  values: boolean,
  default: 'False',
  description:
    'Whether logins and logouts may come through a web proxy (Via header). In force while Validate IP Address is True.',
  ours: 'default False',
} as const satisfies ChoiceParameter

export const cacheSize = {
  kind: 'integer',
  service,
  name: 'Extension Mobility Cache Size',
  minimum: 1000,
  maximum: 20_000,
  default: '10000',
  description: 'Devices that the cache of addresses holds. In force while Validate IP Address is True.',
} as const satisfies IntegerParameter

/** Feature Configuration Guide, Extension Mobility interactions, Call Forward All Calling Search Space. */
export const cfaCssActivationPolicy = {
  kind: 'choice',
  service: 'Cisco CallManager',
  name: 'CFA CSS Activation Policy',
  values: ['With Configured CSS', 'With Activating Device/Line CSS'],
  default: 'With Configured CSS',
  description: 'Which calling search space a call uses that is forwarded because Call Forward All was set on a phone.',
} as const satisfies ChoiceParameter

/** What `Default` means for Always Use Prime Line on a device or profile. */
export const alwaysUsePrimeLine = {
  kind: 'choice',
  service: 'Cisco CallManager',
  name: 'Always Use Prime Line',
  values: boolean,
  default: 'False',
  description: 'Whether an idle phone takes its primary line off hook, where device and profile say Default.',
  ours: 'default False',
} as const satisfies ChoiceParameter

/** What `Default` means for Join Across Lines on a device or profile. */
export const joinAcrossLines = {
  kind: 'choice',
  service: 'Cisco CallManager',
  name: 'Join Across Lines Policy',
  values: ['Off', 'On'],
  default: 'Off',
  description: 'Whether calls on different lines of a phone can be joined, where device and profile say Default.',
  ours: 'default Off',
} as const satisfies ChoiceParameter

/** Extension Mobility does not support Hold Reversion: a phone with a logged-in user is never reminded. */
export const holdReversionDuration = {
  kind: 'integer',
  service: 'Cisco CallManager',
  name: 'Hold Reversion Duration',
  minimum: 0,
  maximum: 1200,
  default: '0',
  description: 'Seconds after which a phone is reminded of a call that it holds; 0 switches Hold Reversion off.',
  ours: 'range 0 to 1200, default 0',
} as const satisfies IntegerParameter

/** System Configuration Guide, Global Dial Plan Replication. Lowering it below what is learned removes nothing. */
export const maximumLearnedObjects = {
  kind: 'integer',
  service: 'Cisco Intercluster Lookup Service',
  name: 'ILS Max Number of Learned Objects in Database',
  minimum: 1,
  maximum: 1_000_000,
  default: '100000',
  description: 'Numbers, patterns and directory URIs of other clusters that are learned; further ones are refused.',
  ours: 'minimum 1',
} as const satisfies IntegerParameter

/** Feature Configuration Guide, Extension Mobility troubleshooting, "Phone services unavailable after logout". */
export const synchronizeAutoDeviceProfile = {
  kind: 'choice',
  service: 'Enterprise Parameters',
  name: 'Synchronization Between Auto Device Profile and Phone Configuration',
  values: boolean,
  default: 'True',
  description:
    'Whether changes of a phone reach its auto device profile, to which the phone returns when a user logs out.',
  ours: 'default True',
} as const satisfies ChoiceParameter

/** Every parameter there is. */
export const serviceParameterCatalogue: readonly ServiceParameter[] = [
  enforceMaximumLoginTime,
  maximumLoginTime,
  maximumConcurrentRequests,
  multipleLoginBehavior,
  alphanumericUserId,
  rememberLastUser,
  clearCallLogs,
  validateIpAddress,
  trustedIps,
  allowProxy,
  cacheSize,
  cfaCssActivationPolicy,
  alwaysUsePrimeLine,
  joinAcrossLines,
  holdReversionDuration,
  maximumLearnedObjects,
  synchronizeAutoDeviceProfile,
]

/** The value in force: the one on disk, or the default where there is none or it is not one of the parameter's values. */
export function serviceParameterValue<Value extends string>(
  repository: ServiceParameterRepository,
  parameter: ChoiceParameter<Value>,
): Value {
  const stored = repository.get(parameter.service, parameter.name)
  return parameter.values.find((value) => value === stored) ?? parameter.default
}

/** True for a True/False parameter that is True. */
export function isOn(repository: ServiceParameterRepository, parameter: ChoiceParameter<'True' | 'False'>): boolean {
  return serviceParameterValue(repository, parameter) === 'True'
}

/** The text in force of a parameter of any kind. */
export function parameterText(repository: ServiceParameterRepository, parameter: ServiceParameter): string {
  const stored = repository.get(parameter.service, parameter.name)
  return stored !== undefined && problemWith(parameter, stored) === undefined ? stored : parameter.default
}

/** The number in force of a whole-number parameter. */
export function parameterNumber(repository: ServiceParameterRepository, parameter: IntegerParameter): number {
  return Number(parameterText(repository, parameter))
}

/** The minutes in force of a duration. */
export function parameterMinutes(repository: ServiceParameterRepository, parameter: DurationParameter): number {
  return parseHoursMinutes(parameterText(repository, parameter)) ?? 0
}

/** The validation message, one sentence; undefined for a value that may be set. */
export function problemWith(parameter: ServiceParameter, value: string): string | undefined {
  switch (parameter.kind) {
    case 'choice':
      return parameter.values.includes(value)
        ? undefined
        : `${parameter.name} is one of: ${parameter.values.join(', ')}.`
    case 'integer': {
      const { minimum, maximum } = parameter
      const number = /^\d{1,9}$/u.test(value) ? Number(value) : Number.NaN
      return number >= minimum && number <= maximum
        ? undefined
        : `${parameter.name} is a whole number from ${minimum} to ${maximum}.`
    }
    case 'duration': {
      const minutes = parseHoursMinutes(value)
      const most = parseHoursMinutes(parameter.maximum) ?? 0
      return minutes !== undefined && minutes <= most
        ? undefined
        : `${parameter.name} is a time from ${parameter.minimum} to ${parameter.maximum} in the format HHH:MM, for example 8:00 or :30.`
    }
    case 'text':
      return value.length > parameter.maxLength
        ? `${parameter.name} has at most ${parameter.maxLength} characters.`
        : parameter.check?.(value)
  }
}

/** "IP address ranges and regular expressions are not supported." */
function checkTrustedIps(value: string): string | undefined {
  const entries = value === '' ? [] : value.split(';').map((entry) => entry.trim())
  const wrong = entries.find((entry) => entry !== '' && !/^[A-Za-z0-9.:_-]{1,255}$/u.test(entry))
  const range = entries.find((entry) => /^[\d.]+-[\d.]+$/u.test(entry))
  if (wrong === undefined && range === undefined) return undefined
  return `${trustedIps.name}: ${JSON.stringify(wrong ?? range)} is neither an address nor a host name. Separate entries with semicolons; ranges and patterns are not supported.`
}
