// The Fastify instance of a cluster, without services: bodies, errors, access, schemas. It never listens by itself.
import { isUtf8 } from 'node:buffer'
import { LogController, fastify } from 'fastify'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { Problem } from '../services/problem.ts'
import type { Logger } from '../services/service.ts'
import { guardRoutes } from './access.ts'
import type { ApplicationUsers } from './application-users.ts'
import { answerBrokenRequest, answerProblem } from './problems.ts'
import { trackRequests } from './requests-in-flight.ts'
import type { RequestsInFlight } from './requests-in-flight.ts'
import { schemaCompilers } from './schema-compilers.ts'
import { answerUnknownRoutes } from './unknown-route.ts'

/** What `buildApp` needs. */
export interface AppParts {
  readonly log: Logger
  readonly users: ApplicationUsers
  /** Compile every schema at registration: for tests. */
  readonly eagerSchemas?: boolean | undefined
}

/** An app, the list of its routes (it grows as they are registered), and the requests it is working on. */
export interface App {
  readonly app: FastifyInstance
  readonly routes: readonly RouteOptions[]
  readonly requests: RequestsInFlight
}

/** Bytes; larger bodies are answered with 413. */
const bodyLimit = 262_144

/** Milliseconds in which a request must have arrived whole, then 408: the largest file that is taken, over half a megabyte per second. */
const requestTimeout = 120_000

/** Characters in a parameter of a path: directory URIs have up to 254, and schemas say what each may have. */
const longestParameter = 512

/** Services register their routes on it; each must say in `config` who may call it. */
export function buildApp({ log, users, eagerSchemas }: AppParts): App {
  const app = fastify({
    loggerInstance: log,
    // A line per request costs half a login; a child logger per request, a twentieth.
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (logger) => logger,
    bodyLimit,
    requestTimeout,
    routerOptions: { maxParamLength: longestParameter },
    schemaController: { compilersFactory: schemaCompilers(eagerSchemas) as never },
    frameworkErrors: answerProblem as never,
    clientErrorHandler: (error, socket) => answerBrokenRequest(log, error, socket),
    // Ours says so in a problem document (trackRequests).
    return503OnClosing: false,
    // Keep-alive connections without a request must not delay a stop.
    forceCloseConnections: 'idle',
  })
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => void routes.push(route))
  app.setErrorHandler(answerProblem as never)
  const requests = trackRequests(app)
  readBodies(app)
  guardRoutes(app, users, routes)
  answerUnknownRoutes(app, routes)
  return { app, routes, requests }
}

/** JSON only, and only as UTF-8: Fastify's own parser would turn broken bytes into U+FFFD and store them. */
function readBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // Many clients name the content type of what they do not send, with every DELETE.
    if (body.length === 0 && !request.routeOptions.schema?.body) return done(null)
    if (!isUtf8(body as Buffer)) return done(invalid('the body is not valid UTF-8'))
    const text = body.toString()
    if (!surrogateEscape.test(text)) return void parse(request, text, done)
    void parse(request, text, (error, value) => {
      if (error || !loneSurrogate.test(JSON.stringify(value))) done(error, value)
      else done(invalid('a text in the body has half of a character'))
    })
  })
}

const surrogateEscape = /\\u[dD][89a-fA-F]/u
/** JSON.stringify escapes halves of a character and nothing else of that range; the store would keep another name than was given. */
const loneSurrogate = /(?:^|[^\\])(?:\\\\)*\\ud[89a-f]/u

function invalid(detail: string): Problem {
  return new Problem({ status: 400, title: 'Invalid Request', detail })
}
