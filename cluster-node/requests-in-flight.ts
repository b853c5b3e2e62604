import { setTimeout as pause } from 'node:timers/promises'
import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { Problem } from '../services/problem.ts'

/** Requests that wait for their answer. */
export interface RequestsInFlight {
  /** Resolves when all of them are being answered, or after `timeoutMs`. An open event stream is being answered. */
  answered(timeoutMs: number): Promise<void>
}

const pollMs = 5

const stopping = { status: 503, title: 'Service Unavailable', detail: 'the cluster is stopping' }

/** Registers before every other hook, so that a request counts from its first byte. Once the app closes, new requests get 503. */
export function trackRequests(app: FastifyInstance): RequestsInFlight {
  const open = new Set<ServerResponse>()
  let closing = false
  app.addHook('preClose', (done) => {
    closing = true
    done()
  })
  app.addHook('onRequest', (_request, reply, done) => {
    if (closing) {
      reply.header('connection', 'close')
      return done(new Problem(stopping))
    }
    open.add(reply.raw)
    reply.raw.once('close', () => open.delete(reply.raw))
    done()
  })

  const anyWaiting = (): boolean => [...open].some((response) => !response.headersSent)
  return {
    async answered(timeoutMs) {
      const deadline = performance.now() + timeoutMs
      while (anyWaiting() && performance.now() < deadline) await pause(pollMs)
    },
  }
}
