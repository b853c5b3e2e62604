// Setting a service parameter, with what the documents say follows from it.
import { parseHoursMinutes } from '../wire/hours-minutes.ts'
import type { ClusterDatabase } from './api.ts'
import { DatabaseError } from './errors.ts'
import { enforceMaximumLoginTime, isOn, maximumLoginTime, parameterText, problemWith } from './service-parameters.ts'
import type { ServiceParameter } from './service-parameters.ts'

/** A parameter that is in force with another value than before. */
export interface ChangedParameter {
  readonly parameter: ServiceParameter
  readonly value: string
}

/**
 * Inside `database.write` only. Returns what changed in force, the named parameter first, then what follows from it; empty when all is
 * as it was. Throws DATABASE_INVALID, with the validation message, for a value that may not be set.
 */
export function setServiceParameter(
  database: Pick<ClusterDatabase, 'serviceParameters'>,
  parameter: ServiceParameter,
  value: string,
): readonly ChangedParameter[] {
  const problem = problemWith(parameter, value)
  if (problem !== undefined) throw new DatabaseError('DATABASE_INVALID', problem)
  const changes = [{ parameter, value }, ...consequences(database, parameter, value)]
  return changes.filter((change) => put(database, change))
}

/**
 * "If the Enforce Intra-cluster Maximum Login Time is set to False and you specify a valid maximum login time for the Intra-cluster
 * Maximum Login Time service parameter, then the value for the Enforce Intra-cluster Maximum Login Time automatically changes to True."
 * 0:00 is no maximum and changes nothing (our choice).
 */
function consequences(
  { serviceParameters }: Pick<ClusterDatabase, 'serviceParameters'>,
  parameter: ServiceParameter,
  value: string,
): readonly ChangedParameter[] {
  const setsMaximum = parameter.name === maximumLoginTime.name && parameter.service === maximumLoginTime.service
  if (!setsMaximum || parseHoursMinutes(value) === 0 || isOn(serviceParameters, enforceMaximumLoginTime)) return []
  return [{ parameter: enforceMaximumLoginTime, value: 'True' }]
}

function put({ serviceParameters }: Pick<ClusterDatabase, 'serviceParameters'>, change: ChangedParameter): boolean {
  const { parameter, value } = change
  const before = parameterText(serviceParameters, parameter)
  serviceParameters.set(parameter.service, parameter.name, value)
  return before !== value
}
