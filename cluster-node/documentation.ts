// /openapi.json and the page at /documentation. Nobody reads them in most clusters' lives, so the plugins and the document are
// loaded at the first request, in a Fastify instance of their own that knows every route by its description only.
import { fastify } from 'fastify'
import type { FastifyInstance, RouteOptions } from 'fastify'

/** What the document says about the whole. */
export interface DocumentationParts {
  readonly cluster: string
  readonly version: string
  /** All routes of the cluster; read at the first request. */
  readonly routes: readonly RouteOptions[]
}

/** Registers the routes; open to everybody, since they tell nothing that the source does not. */
export function documentationRoutes(app: FastifyInstance, parts: DocumentationParts): void {
  let reader: Promise<FastifyInstance> | undefined
  app.addHook('onClose', async () => (await reader)?.close())

  for (const url of ['/openapi.json', '/documentation', '/documentation/*']) {
    app.get(url, { config: { access: 'open' }, schema: { hide: true } }, async (request, reply) => {
      const { routing } = await (reader ??= buildReader(parts))
      reply.hijack()
      routing(request.raw, reply.raw)
    })
  }
}

async function buildReader({ cluster, version, routes }: DocumentationParts): Promise<FastifyInstance> {
  const [{ default: swagger }, { default: swaggerUi }] = await Promise.all([
    import('@fastify/swagger'),
    import('@fastify/swagger-ui'),
  ])
  const reader = fastify()
  await reader.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: `Roamline, ${cluster}`, version, description: 'Errors are problem documents (RFC 9457).' },
      components: { securitySchemes: { applicationUser: { type: 'http', scheme: 'basic' } } },
    },
  })
  await reader.register(swaggerUi, { routePrefix: '/documentation' })
  for (const route of routes) describe(reader, route)
  reader.get('/openapi.json', { schema: { hide: true } }, async () => reader.swagger())
  await reader.ready()
  return reader
}

/** The route with its schema and without its behaviour. */
function describe(reader: FastifyInstance, { method, url, schema = {}, config }: RouteOptions): void {
  if ((schema as { hide?: boolean }).hide || method === 'HEAD') return
  const secured =
    config?.access === 'role' ? { security: [{ applicationUser: [] }], description: `Role: ${config.role}` } : {}
  reader.route({
    method,
    url,
    exposeHeadRoute: false,
    schema: { ...secured, ...schema },
    validatorCompiler: () => () => true,
    serializerCompiler: () => () => '',
    handler: () => undefined,
  })
}
