// What stands in for `typebox/value` and `typebox/compile` in a cluster's process (see install.ts).
import { compileCheck } from './check.ts'
import type { Check, JsonSchema } from './check.ts'

const checks = new WeakMap<JsonSchema, Check>()

/** Compiled at first use and kept as long as the schema. */
function checkOf(schema: JsonSchema): Check {
  const known = checks.get(schema)
  if (known) return known
  const check = compileCheck(schema)
  checks.set(schema, check)
  return check
}

/** `typebox/compile` */
export function Compile(schema: JsonSchema): { Check(value: unknown): boolean } {
  const check = compileCheck(schema)
  return { Check: (value) => check(value) }
}

/** `typebox/value` */
export const Value = {
  Check: (schema: JsonSchema, value: unknown): boolean => checkOf(schema)(value),
}
