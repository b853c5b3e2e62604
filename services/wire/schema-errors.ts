// What a JSON schema found wrong, as a sentence for people. Used for the configuration and for requests.

/** An error as Ajv reports it with `verbose`, as far as we read it. The offending value is never shown: it may be a secret. */
export interface SchemaError {
  readonly instancePath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string
  readonly parentSchema?: Alternative
}

/** One clause per wrong member, e.g. `services.ils.role must be one of "hub", "spoke"; listen.port is unknown`. */
export function describeSchemaErrors(errors: readonly SchemaError[], root: string): string {
  const alternatives = new Set(
    errors.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath),
  )
  const clauses = errors
    // A value that fits none of several alternatives fails each of them too; only the whole is worth reading.
    .filter(({ instancePath, keyword }) => keyword === 'anyOf' || !within(instancePath, alternatives))
    .map((error) => describe(error, root))
  return [...new Set(clauses)].join('; ')
}

function within(path: string, alternatives: ReadonlySet<string>): boolean {
  return [...alternatives].some((one) => path === one || path.startsWith(`${one}/`))
}

function describe(error: SchemaError, root: string): string {
  const { instancePath, keyword, params, parentSchema } = error
  switch (keyword) {
    case 'additionalProperties':
      return `${member(`${instancePath}/${String(params['additionalProperty'])}`, root)} is unknown`
    case 'required':
      return `${member(`${instancePath}/${String(params['missingProperty'])}`, root)} is missing`
    case 'anyOf':
    case 'enum':
    case 'const': {
      const allowed = allowedValues(parentSchema)
      return `${member(instancePath, root)} must be ${allowed ?? 'something else'}`
    }
    default:
      return `${member(instancePath, root)} ${rule(error)}`
  }
}

/** In the words of people who have not read the schema. */
function rule({ keyword, params, message, parentSchema }: SchemaError): string {
  const { limit, type } = params
  switch (keyword) {
    case 'type':
      return `must be ${types[String(type)] ?? String(type)}`
    case 'minLength':
    case 'minItems':
      return limit === 1 ? 'must not be empty' : `must have at least ${String(limit)} ${unit(keyword)}`
    case 'maxLength':
    case 'maxItems':
      return `must have at most ${String(limit)} ${unit(keyword)}`
    case 'minimum':
      return `must be at least ${String(limit)}`
    case 'maximum':
      return `must be at most ${String(limit)}`
    case 'pattern':
      return formOf(parentSchema) ?? message ?? 'is wrong'
    default:
      return message ?? 'is wrong'
  }
}

/** What a pattern asks for is told by the schema's description and by an example of something right. */
function formOf({ description, examples: [example] = [] }: Alternative = {}): string | undefined {
  const hints = [description, example !== undefined && `for example ${JSON.stringify(example)}`].filter(Boolean)
  return hints.length === 0 ? undefined : `is not written as it must be: ${hints.join('; ')}`
}

const unit = (keyword: string): string => (keyword.endsWith('Length') ? 'characters' : 'entries')

const types: Readonly<Record<string, string>> = {
  string: 'a text, in quotes',
  boolean: 'true or false (a boolean)',
  integer: 'a whole number, not a text',
  number: 'a number, not a text',
  object: 'an object',
  array: 'a list',
}

interface Alternative {
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly type?: string
  readonly description?: string
  readonly examples?: readonly unknown[]
  readonly anyOf?: readonly Alternative[]
}

function allowedValues(schema: Alternative = {}): string | undefined {
  const values = (schema.anyOf ?? [schema]).flatMap((one) => {
    if (one.enum) return one.enum.map((value) => JSON.stringify(value))
    return one.const === undefined ? one.type : JSON.stringify(one.const)
  })
  if (values.includes(undefined)) return undefined
  return values.length > 1 ? `one of ${values.join(', ')}` : values[0]
}

/** JSON pointer → the way people write it: `/seed/users/0/pin` → `seed.users[0].pin`. */
function member(pointer: string, root: string): string {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const path = steps.map((step) => (/^\d+$/u.test(step) ? `[${step}]` : `.${step}`)).join('')
  return `${root}${path}`.replace(/^\./u, '') || 'it'
}
