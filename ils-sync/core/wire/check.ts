// JSON from the network against a schema, by Ajv: the library that every process of a cluster has loaded anyway.
import { Ajv } from 'ajv'
import type { Static, TSchema } from 'typebox'

/** The schemas are our own and the type checker has read them. */
const ajv = new Ajv({ strict: false, meta: false, validateSchema: false, logger: false })

/** Compiled at its first use. */
export function createCheck<Schema extends TSchema>(schema: Schema): (value: unknown) => value is Static<Schema> {
  let check: ((value: unknown) => boolean) | undefined
  return (value): value is Static<Schema> => (check ??= ajv.compile(schema))(value)
}
