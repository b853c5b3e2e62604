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

function describe({ instancePath, keyword, params, message, parentSchema }: SchemaError, root: string): string {
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
      return `${member(instancePath, root)} ${message ?? 'is wrong'}`
  }
}

interface Alternative {
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly type?: string
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
