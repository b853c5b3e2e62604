// What stands in for TypeBox in a cluster's process (see install.ts): the builders that our schemas use, making the same JSON.
// Its types are TypeBox's own: nothing is ever compiled against this file.

type Schema = Readonly<Record<string, unknown>>

const optional = Symbol('optional')

/** The mark is not part of the JSON, as TypeBox has it. */
function markOptional(schema: Schema): Schema {
  return Object.defineProperty({ ...schema }, optional, { value: true })
}

function isOptional(schema: Schema): boolean {
  return optional in schema
}

function simple(type: string): (options?: Schema) => Schema {
  return (options = {}) => ({ type, ...options })
}

function object(properties: Readonly<Record<string, Schema>>, options: Schema = {}): Schema {
  const required = Object.keys(properties).filter((name) => !isOptional(properties[name] as Schema))
  return { type: 'object', ...(required.length > 0 && { required }), properties, ...options }
}

/** A builder that is missing here is a TypeError at the start; test/cluster-node/lean-schemas finds it first. */
export const Type = {
  String: simple('string'),
  Integer: simple('integer'),
  Number: simple('number'),
  Boolean: simple('boolean'),
  Null: simple('null'),
  Unknown: (options: Schema = {}): Schema => ({ ...options }),
  Literal: (value: unknown, options: Schema = {}): Schema => ({ type: typeof value, const: value, ...options }),
  Enum: (values: readonly unknown[] | object, options: Schema = {}): Schema => ({
    enum: Object.values(values),
    ...options,
  }),
  Union: (anyOf: readonly Schema[], options: Schema = {}): Schema => ({ anyOf, ...options }),
  Array: (items: Schema, options: Schema = {}): Schema => ({ type: 'array', items, ...options }),
  Tuple: (items: readonly Schema[], options: Schema = {}): Schema => ({
    type: 'array',
    additionalItems: false,
    items,
    minItems: items.length,
    ...options,
  }),
  Object: object,
  Optional: markOptional,
  Partial: ({ properties }: { readonly properties: Readonly<Record<string, Schema>> }, options: Schema = {}): Schema =>
    object(
      Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, markOptional(member)])),
      options,
    ),
  Unsafe: (schema: Schema): Schema => ({ ...schema }),
}
