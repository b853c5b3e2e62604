// The part of a schema that a value can meet. Making a check costs more than checking, and a lab's clusters all do it when they start:
// of the hundreds of members that a configuration may have, most stand in none.
import type { TSchema } from 'typebox'

/** What is looked at of a schema. */
interface Node {
  readonly properties?: Readonly<Record<string, TSchema>>
  readonly required?: readonly string[]
  readonly items?: TSchema
}

/**
 * Finds right exactly those values that `schema` finds right, as long as they have no other members than `value`, and fills in the same
 * defaults. Where it finds something wrong, only the whole schema can tell everything that is.
 */
export function neededSchema(schema: TSchema, value: unknown): TSchema {
  return narrowed(schema, [value])
}

function narrowed(schema: TSchema, values: readonly unknown[]): TSchema {
  const { properties, required = [], items } = schema as Node
  if (properties !== undefined) {
    const present = membersOf(values)
    const needed = Object.entries(properties)
      .filter(([name, member]) => present.has(name) || required.includes(name) || 'default' in member)
      .map(([name, member]) => [name, narrowed(member, present.get(name) ?? [])] as const)
    return { ...schema, properties: Object.fromEntries(needed) }
  }
  if (items === undefined) return schema
  return { ...schema, items: narrowed(items, values.filter(Array.isArray).flat()) }
}

/** All values by the name under which they stand in any of these objects. */
function membersOf(values: readonly unknown[]): ReadonlyMap<string, readonly unknown[]> {
  const members = new Map<string, unknown[]>()
  for (const value of values) {
    if (typeof value !== 'object' || value === null) continue
    for (const [name, member] of Object.entries(value)) {
      const known = members.get(name)
      if (known) known.push(member)
      else members.set(name, [member])
    }
  }
  return members
}
