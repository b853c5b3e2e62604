// 404 for a path nobody serves, 405 with Allow for one that is served with other verbs.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { Problem } from '../services/problem.ts'

/** Answers what no route takes. `routes` may still grow until the server listens. */
export function answerUnknownRoutes(app: FastifyInstance, routes: readonly RouteOptions[]): void {
  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const [path = ''] = request.url.split('?', 1)
    const allowed = methodsAt(path, routes)
    if (allowed.length === 0)
      throw new Problem({ status: 404, title: 'Not Found', detail: `there is nothing at ${path}` })
    reply.header('allow', allowed.join(', '))
    throw new Problem({
      status: 405,
      title: 'Method Not Allowed',
      detail: `${path} takes ${allowed.join(', ')}, not ${request.method}`,
    })
  })
}

/** The patterns are turned into expressions at each call: this is the way of mistakes, not of traffic. */
function methodsAt(path: string, routes: readonly RouteOptions[]): readonly string[] {
  const methods = routes.filter(({ url }) => expressionOf(url).test(path)).flatMap(({ method }) => method)
  return [...new Set(methods)].sort()
}

function expressionOf(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+?^${}()|[\]\\]/gu, String.raw`\$&`)
    .replaceAll(/:\w+/gu, '[^/]+')
    .replaceAll('*', '.*')
  return new RegExp(`^${source}$`, 'u')
}
