// JSON from outside against a schema, by Ajv: Fastify brings it for requests anyway, so that nothing else has to be loaded.
import { Ajv } from 'ajv'
import type { Options, ValidateFunction } from 'ajv'
import type { Static, TSchema } from 'typebox'
import { neededSchema } from './needed-schema.ts'
import { describeSchemaErrors } from './schema-errors.ts'
import type { SchemaError } from './schema-errors.ts'

/** The schemas are our own and the type checker has read them: checking them again would double the time of a start. */
const ownSchemas: Options = { strict: false, meta: false, validateSchema: false, logger: false }

/** Right, with defaults filled in; or `wrong`: one sentence for people that names every mistake by its path and repeats no value. */
export type Configuration<T> =
  | { readonly value: T; readonly wrong?: undefined }
  | { readonly value?: undefined; readonly wrong: string }

/** Makes the check of a configuration, which leaves the input as it is. */
export function configurationCheck<Schema extends TSchema>(
  schema: Schema,
): (input: unknown) => Configuration<Static<Schema>> {
  const checks = new Map<string, ValidateFunction>()

  /** One for all inputs with the same members: a process may read two hundred configurations. */
  function checkOf(input: unknown): ValidateFunction {
    const needed = neededSchema(schema, input)
    const shape = JSON.stringify(needed)
    const check = checks.get(shape) ?? compile(needed, {})
    checks.set(shape, check)
    return check
  }

  return (input) => {
    const value: unknown = structuredClone(input)
    if (checkOf(value)(value)) return { value: value as Static<Schema> }
    // Code that can explain takes half as long again to make, and nearly every configuration is right.
    const explain = compile(schema, { allErrors: true, verbose: true })
    explain(structuredClone(input))
    return { wrong: describeSchemaErrors((explain.errors ?? []) as SchemaError[], '') }
  }
}

/** Most configurations are checked once in a process's life: optimizing the check would cost more than running it. */
function compile(schema: TSchema, options: Options): ValidateFunction {
  return new Ajv({ ...ownSchemas, ...options, useDefaults: true, code: { optimize: false } }).compile(schema)
}

/** Makes a check that answers yes or no and leaves the value as it is; compiled at its first use. */
export function messageCheck<Schema extends TSchema>(schema: Schema): (value: unknown) => value is Static<Schema> {
  let check: ((value: unknown) => boolean) | undefined
  return (value): value is Static<Schema> => {
    check ??= new Ajv(ownSchemas).compile(schema)
    return check(value)
  }
}
