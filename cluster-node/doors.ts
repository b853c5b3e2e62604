// The two listeners of a cluster, HTTP and HTTPS, in front of one Fastify instance.
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { AddressInfo, Server as NetServer } from 'node:net'
import { isIPv6 } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Identity } from '../services/certificates/api.ts'
import type { ClusterConfig } from './config.ts'
import { answerBrokenRequest, answerConnect } from './problems.ts'
import { StartupRefusal, StartupRefusalCode } from './startup-refusal.ts'

/** Base URLs of a cluster, as others reach it. */
export interface Addresses {
  readonly http: string
  readonly https: string
}

/** Both doors of one cluster. */
export interface Doors {
  /** Rejects with StartupRefusal when an address cannot be had. */
  open(identity: Identity): Promise<Addresses>
  /** Takes no more connections and ends the idle ones; whatever still hangs after `graceMs` is cut. */
  close(graceMs: number): void
}

/** `app` listens on HTTP itself; closing it waits for both. */
export function createDoors(app: FastifyInstance, listen: ClusterConfig['listen']): Doors {
  let secure: Server | undefined
  app.server.on('connect', answerConnect)

  app.addHook('onClose', async () => {
    if (secure?.listening) await once(secure, 'close')
  })

  return {
    async open({ certPem, keyPem, caPem }) {
      // Certificates of callers are asked for and not required: only routes with `access: 'peer'` look at them.
      secure = createServer(
        { cert: certPem, key: keyPem, ca: caPem, requestCert: true, rejectUnauthorized: false },
        app.routing,
      )
      secure.keepAliveTimeout = app.server.keepAliveTimeout
      secure.requestTimeout = app.server.requestTimeout
      secure.on('connect', answerConnect)
      secure.on('clientError', (error, socket) => answerBrokenRequest(app.log, error, socket))
      const { host, httpPort, httpsPort, advertise = host } = listen
      await orRefuse(app.listen({ host, port: httpPort }), { host, port: httpPort, member: 'listen.httpPort' })
      await orRefuse(listening(secure, host, httpsPort), { host, port: httpsPort, member: 'listen.httpsPort' })
      return { http: url('http', advertise, app.server), https: url('https', advertise, secure) }
    },
    close(graceMs) {
      // Fastify closes its own listener after this.
      secure?.close()
      const cut = (): void => {
        app.server.closeAllConnections()
        secure?.closeAllConnections()
      }
      setTimeout(cut, graceMs).unref()
    },
  }
}

function url(scheme: string, host: string, server: NetServer): string {
  const { port } = server.address() as AddressInfo
  return `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  server.listen({ host, port })
  await once(server, 'listening')
}

interface Place {
  readonly host: string
  readonly port: number
  /** Where the port stands in the configuration. */
  readonly member: string
}

async function orRefuse(attempt: Promise<unknown>, { host, port, member }: Place): Promise<void> {
  try {
    await attempt
  } catch (error) {
    const sentence = refusals[(error as NodeJS.ErrnoException).code ?? '']?.(`${host} port ${port}`, member)
    if (!sentence) throw error
    throw new StartupRefusal(StartupRefusalCode.listen, sentence, { cause: error })
  }
}

const refusals: Readonly<Record<string, (place: string, member: string) => string>> = {
  EADDRINUSE: (place, member) =>
    `${place} is in use: stop the process that listens there, or change ${member} (0 takes any free port)`,
  EADDRNOTAVAIL: (place) => `${place} cannot be had, this machine has no such address: change listen.host`,
  ENOTFOUND: (place) => `${place} cannot be had, there is no such host: change listen.host`,
  EACCES: (place, member) => `${place} may not be used by this user: change ${member} to 1024 or above`,
}
