// Checks values against the part of JSON Schema that our TypeBox schemas use, without generating code: ready in a millisecond
// where a compiler takes a tenth of a second, and quick enough for a configuration and for ILS messages. Requests go to Ajv.
import type { SchemaError } from '../schema-errors.ts'

/** A JSON schema as data. A keyword that `compileCheck` does not know makes it throw: nothing is silently unchecked. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** What a check does beside answering; without both it only answers. */
export interface CheckOptions {
  /** Put defaults in place of missing members, into the value itself. */
  readonly fillIn?: boolean
  /** Told of every mistake instead of stopping at the first. */
  readonly report?: (error: SchemaError) => void
}

/** True when the value fits. */
export type Check = (value: unknown, options?: CheckOptions) => boolean

type Rule = (value: unknown, at: string, options: CheckOptions) => boolean
/** Makes the rule of one keyword. */
type RuleMaker = (schema: JsonSchema) => Rule

/** Throws on a keyword or type that it does not know. */
export function compileCheck(schema: JsonSchema): Check {
  const whole = compile(schema)
  return (value, options = {}) => whole(value, '', options)
}

function compile(schema: JsonSchema): Rule {
  const rules = Object.keys(schema).flatMap((keyword) => {
    if (annotations.has(keyword)) return []
    const make = makers[keyword]
    if (!make) throw new Error(`schema keyword ${keyword} is not supported`)
    return [make(schema)]
  })
  const [only] = rules
  if (only && rules.length === 1) return only
  return (value, at, options) => {
    let fits = true
    for (const one of rules) {
      if (one(value, at, options)) continue
      fits = false
      if (!options.report) return false
    }
    return fits
  }
}

type JsonType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null'

const types: Readonly<Record<JsonType, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  integer: Number.isInteger,
  number: Number.isFinite,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Say nothing about validity, or are read by the rule of another keyword. */
const annotations = new Set(['default', 'description', 'examples', 'title', 'required', 'additionalItems'])

const makers: Readonly<Record<string, RuleMaker>> = {
  type: (schema) => {
    const { type } = schema
    const fits = types[type as JsonType]
    if (!fits) throw new Error(`schema type ${String(type)} is not supported`)
    return rule('type', `must be ${String(type)}`, schema, fits)
  },
  const: (schema) => rule('const', 'must be equal to constant', schema, (value) => value === schema['const']),
  enum: (schema) => {
    const allowed = new Set(schema['enum'] as readonly unknown[])
    return rule('enum', 'must be equal to one of the allowed values', schema, (value) => allowed.has(value))
  },
  anyOf: (schema) => {
    const alternatives = (schema['anyOf'] as readonly JsonSchema[]).map(compile)
    return (value, at, { fillIn, report }) => {
      if (alternatives.some((one) => one(value, at, fillIn ? { fillIn } : {}))) return true
      report?.({
        instancePath: at,
        keyword: 'anyOf',
        params: {},
        message: 'must match a schema in anyOf',
        parentSchema: schema,
      })
      return false
    }
  },
  minimum: limit(
    'minimum',
    'number',
    (value, bound) => value >= bound,
    (bound) => `must be >= ${bound}`,
  ),
  maximum: limit(
    'maximum',
    'number',
    (value, bound) => value <= bound,
    (bound) => `must be <= ${bound}`,
  ),
  minLength: limit(
    'minLength',
    'string',
    (value, bound) => characters(value, bound) >= bound,
    (bound) => `must NOT have fewer than ${bound} characters`,
  ),
  maxLength: limit(
    'maxLength',
    'string',
    (value, bound) => characters(value, bound) <= bound,
    (bound) => `must NOT have more than ${bound} characters`,
  ),
  minItems: limit(
    'minItems',
    'array',
    ({ length }, bound) => length >= bound,
    (bound) => `must NOT have fewer than ${bound} items`,
  ),
  maxItems: limit(
    'maxItems',
    'array',
    ({ length }, bound) => length <= bound,
    (bound) => `must NOT have more than ${bound} items`,
  ),
  pattern: (schema) => {
    const expression = new RegExp(String(schema['pattern']), 'u')
    const message = `must match pattern "${expression.source}"`
    return rule('pattern', message, schema, (value) => typeof value !== 'string' || expression.test(value))
  },
  items: ({ items, additionalItems }) =>
    Array.isArray(items) ? tuple(items, additionalItems) : list(items as JsonSchema),
  properties,
  additionalProperties: (schema) => {
    if (schema['additionalProperties'] !== false) throw new Error('additionalProperties is supported as false only')
    const known = schema['properties'] as JsonSchema
    return (value, at, { report }) => {
      if (!isObject(value)) return true
      const unknown = Object.keys(value).filter((name) => !Object.hasOwn(known, name))
      for (const additionalProperty of unknown) {
        report?.({ instancePath: at, keyword: 'additionalProperties', params: { additionalProperty } })
      }
      return unknown.length === 0
    }
  },
}

/** A rule about the value itself. */
function rule(keyword: string, message: string, parentSchema: JsonSchema, fits: (value: unknown) => boolean): Rule {
  return (value, at, { report }) => {
    if (fits(value)) return true
    report?.({ instancePath: at, keyword, params: {}, message, parentSchema })
    return false
  }
}

interface Limited {
  readonly number: number
  readonly string: string
  readonly array: readonly unknown[]
}

/** A bound on values of one type; it says nothing about others, as JSON Schema has it. */
function limit<Type extends keyof Limited>(
  keyword: string,
  type: Type,
  within: (value: Limited[Type], bound: number) => boolean,
  message: (bound: number) => string,
): RuleMaker {
  return (schema) => {
    const bound = Number(schema[keyword])
    return rule(
      keyword,
      message(bound),
      schema,
      (value) => !types[type](value) || within(value as Limited[Type], bound),
    )
  }
}

/** JSON Schema counts code points; most strings are far from their bound in code units already. */
function characters(text: string, bound: number): number {
  return text.length <= bound || text.length > 2 * bound ? text.length : [...text].length
}

function properties(schema: JsonSchema): Rule {
  const required = new Set(schema['required'] as readonly string[] | undefined)
  const members = Object.entries(schema['properties'] as Readonly<Record<string, JsonSchema>>).map(
    ([name, member]) => ({
      name,
      check: compile(member),
      standard: member['default'],
      required: required.has(name),
    }),
  )
  return (value, at, options) => {
    if (!isObject(value)) return true
    let fits = true
    for (const member of members) {
      const { name, standard } = member
      if (options.fillIn && standard !== undefined && value[name] === undefined) value[name] = structuredClone(standard)
      if (Object.hasOwn(value, name) && value[name] !== undefined) {
        fits = member.check(value[name], options.report ? `${at}/${name}` : '', options) && fits
      } else if (member.required) {
        options.report?.({ instancePath: at, keyword: 'required', params: { missingProperty: name } })
        fits = false
      }
      if (!fits && !options.report) return false
    }
    return fits
  }
}

function list(items: JsonSchema): Rule {
  const check = compile(items)
  return (value, at, options) => {
    if (!Array.isArray(value)) return true
    let fits = true
    for (const [index, item] of value.entries()) {
      fits = check(item, options.report ? `${at}/${index}` : '', options) && fits
      if (!fits && !options.report) return false
    }
    return fits
  }
}

function tuple(items: readonly JsonSchema[], additionalItems: unknown): Rule {
  const checks = items.map(compile)
  return (value, at, options) => {
    if (!Array.isArray(value)) return true
    if (additionalItems === false && value.length > checks.length) {
      const message = `must NOT have more than ${checks.length} items`
      options.report?.({ instancePath: at, keyword: 'additionalItems', params: {}, message })
      return false
    }
    return checks.every(
      (check, index) => index >= value.length || check(value[index], options.report ? `${at}/${index}` : '', options),
    )
  }
}
