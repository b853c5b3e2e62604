// The service parameters that this system knows, named as the vendor's Service Parameter Configuration page names them.
// Extension Mobility obeys them, Administration shows and sets them.
import type { ServiceParameterRepository } from './api.ts'

/** One parameter with a fixed choice of values. */
export interface ServiceParameter<Value extends string = string> {
  /** Title of the service it belongs to, e.g. `Cisco Extension Mobility`. */
  readonly service: string
  readonly name: string
  readonly values: readonly Value[]
  readonly default: Value
  /** One sentence for people: what it decides. */
  readonly description: string
}

/** Feature Configuration Guide, Cisco Extension Mobility service parameters. */
export const multipleLoginBehavior = {
  service: 'Cisco Extension Mobility',
  name: 'Multiple Login Behavior',
  values: ['Multiple Logins Allowed', 'Multiple Logins Not Allowed', 'Auto Logout'],
  default: 'Multiple Logins Not Allowed',
  description: 'What happens when a user who is logged in to one phone logs in to a second one of this cluster.',
} as const satisfies ServiceParameter

/** Every parameter there is. */
export const serviceParameterCatalogue: readonly ServiceParameter[] = [multipleLoginBehavior]

/** The value in force: the one on disk, or the default where there is none or it is not one of the parameter's values. */
export function serviceParameterValue<Value extends string>(
  repository: ServiceParameterRepository,
  parameter: ServiceParameter<Value>,
): Value {
  const stored = repository.get(parameter.service, parameter.name)
  return parameter.values.find((value) => value === stored) ?? parameter.default
}
