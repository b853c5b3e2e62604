import type { ClusterDatabase } from './api.ts'
import { DatabaseError } from './errors.ts'
import type { ClusterSeed } from './seed-schema.ts'
import { enforceMaximumLoginTime, serviceParameterCatalogue, type ServiceParameter } from './service-parameters.ts'
import { setServiceParameter } from './set-service-parameter.ts'

type SeedParameter = NonNullable<ClusterSeed['serviceParameters']>[number]

/**
 * Sets what a seed says, as an administrator would: a name that is not in the catalogue and a value that its parameter does not take
 * throw DatabaseError, and a maximum login time turns its enforcement on where the seed says nothing of that.
 */
export function applyServiceParameters(database: ClusterDatabase, seed: readonly SeedParameter[]): void {
  const given = seed.map((one) => ({ parameter: known(one), value: one.value }))
  // What the seed says of the enforcement comes last, so that no maximum overrules it.
  const isEnforcement = ({ parameter }: { readonly parameter: ServiceParameter }) =>
    parameter === enforceMaximumLoginTime
  const ordered = [...given.filter((one) => !isEnforcement(one)), ...given.filter(isEnforcement)]
  for (const { parameter, value } of ordered) setServiceParameter(database, parameter, value)
}

function known({ service, name }: SeedParameter): ServiceParameter {
  const found = serviceParameterCatalogue.find((parameter) => parameter.service === service && parameter.name === name)
  if (found) return found
  const message = `${service} has no service parameter ${JSON.stringify(name)}`
  throw new DatabaseError('DATABASE_UNKNOWN_REFERENCE', message)
}
