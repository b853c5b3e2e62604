// Who may call which route. Every route says so in its `config`; one that does not stops the boot.
import { BlockList, isIP, isIPv6 } from 'node:net'
import { TLSSocket } from 'node:tls'
import basicAuth from '@fastify/basic-auth'
import type { FastifyInstance, FastifyRequest, RouteOptions, onRequestHookHandler } from 'fastify'
import type { ApplicationUser } from '../services/database/api.ts'
import { Problem } from '../services/problem.ts'
import type { Role } from '../services/service.ts'
import type { ApplicationUsers } from './application-users.ts'

/** Members of this group hold every role, as in the vendor's product. */
const superUsers = 'Standard CCM Super Users'

type Done = (error?: Error) => void

declare module 'fastify' {
  interface FastifyContextConfig {
    /** With `access: 'role'`: callers on this machine need no role. */
    openOnLoopback?: boolean
  }
}

/** Registers the checks on `app`, before any route. `routes` is looked through when all of them are there. */
export function guardRoutes(app: FastifyInstance, users: ApplicationUsers, routes: readonly RouteOptions[]): void {
  app.decorateRequest('peer', '')
  app.decorateRequest('applicationUser', '')
  app.register(basicAuth, {
    authenticate: { realm: 'Roamline' },
    validate: (...[userId, password, request, , done]) => {
      settle(
        () => users.authenticate(userId, password),
        (user) => admit(user, request),
        done,
      )
    },
  })
  const authenticate = (...call: Parameters<onRequestHookHandler>): unknown => Reflect.apply(app.basicAuth, app, call)
  app.addHook('onRequest', (request, reply, done) => {
    const { access, openOnLoopback } = request.routeOptions.config
    if (access === 'peer') return done(admitPeer(request))
    if (access !== 'role' || (openOnLoopback && isLoopback(request.ip))) return done()
    authenticate(request, reply, done)
  })
  app.addHook('onReady', (done) => done(firstUnguarded(routes)))
}

function firstUnguarded(routes: readonly RouteOptions[]): Error | undefined {
  const route = routes.find(({ config }) => !config?.access || (config.access === 'role' && !config.role))
  return route && new Error(`route ${String(route.method)} ${route.url} does not say who may call it (config.access)`)
}

/** Calls `done` in this turn when the user is known already, which is nearly always. */
function settle<T>(ask: () => T | Promise<T>, check: (value: T) => Error | undefined, done: Done): void {
  const refuse = (error: Error): void => done(withStatus(error))
  try {
    const value = ask()
    if (value instanceof Promise) value.then((late) => done(check(late)), refuse)
    else done(check(value))
  } catch (error) {
    refuse(error as Error)
  }
}

/** Undefined when the route is open to the user. */
function admit(user: ApplicationUser | undefined, request: FastifyRequest): Error | undefined {
  if (!user) return refusal(401, 'Unauthorized', 'the user ID or the password is wrong')
  const { role } = request.routeOptions.config
  request.applicationUser = user.userId
  if (role !== undefined && holds(user, role)) return undefined
  const advice = 'add the user to an access control group that has it'
  return refusal(403, 'Forbidden', `${user.userId} does not hold the role ${role}: ${advice}`)
}

function holds(user: ApplicationUser, role: Role): boolean {
  return user.roles.includes(role) || user.groups.includes(superUsers)
}

function admitPeer(request: FastifyRequest): Error | undefined {
  const { socket } = request.raw
  if (!(socket instanceof TLSSocket))
    return refusal(403, 'Forbidden', 'this is for clusters and tools of the lab, over HTTPS only')
  const name = socket.authorized ? socket.getPeerCertificate().subject?.CN : undefined
  if (!name) return refusal(403, 'Forbidden', "this needs a client certificate that the lab's CA has signed")
  request.peer = String(name)
  return undefined
}

function refusal(status: number, title: string, detail: string): Error {
  return withStatus(new Problem({ status, title, detail }))
}

/** The basic-auth plugin makes a 401 of every error that does not say its status. */
function withStatus(error: Error): Error {
  return Object.assign(error, { statusCode: error instanceof Problem ? error.facts.status : 500 })
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Whether the address reaches this machine only; of names only `localhost` does. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 0) return host === 'localhost'
  return loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4')
}
