// 404 for a path nobody serves, 405 with Allow for one that is served with other verbs.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { Problem } from '../services/problem.ts'

/** Answers what no route takes. `routes` may still grow until the server listens. */
export function answerUnknownRoutes(app: FastifyInstance, routes: readonly RouteOptions[]): void {
  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const [path = ''] = request.url.split('?', 1)
    const allowed = methodsAt(path, routes)
    if (allowed.length === 0)
      throw new Problem({ status: 404, title: 'Not Found', detail: `there is nothing at ${path}${hint(path, routes)}` })
    reply.header('allow', allowed.join(', '))
    throw new Problem({
      status: 405,
      title: 'Method Not Allowed',
      detail: `${path} takes ${allowed.join(', ')}, not ${request.method}`,
    })
  })
}

/** "The URL is case-sensitive" (Feature Configuration Guide, Troubleshoot Extension Mobility), and that is where many mistakes are. */
function hint(path: string, routes: readonly RouteOptions[]): string {
  const meant = routes.find(({ url }) => expressionOf(url, 'iu').test(path))
  return meant ? `: URLs are case-sensitive, and this one is ${meant.url}` : '; /documentation has all there is'
}

/** The patterns are turned into expressions at each call: this is the way of mistakes, not of traffic. */
function methodsAt(path: string, routes: readonly RouteOptions[]): readonly string[] {
  const methods = routes.filter(({ url }) => expressionOf(url).test(path)).flatMap(({ method }) => method)
  return [...new Set(methods)].sort()
}

function expressionOf(pattern: string, flags = 'u'): RegExp {
  const source = pattern
    .replaceAll(/[.+?^${}()|[\]\\]/gu, String.raw`\$&`)
    .replaceAll(/:\w+/gu, '[^/]+')
    .replaceAll('*', '.*')
  return new RegExp(`^${source}$`, flags)
}
