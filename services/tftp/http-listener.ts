import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Logger } from '../service.ts'
import { cannotListen } from './listening.ts'
import type { Files } from './phone-files.ts'

export interface HttpListenerOptions {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  readonly files: Files
  readonly log: Logger
}

/** An open door; whoever opened it closes it. */
export interface Listener {
  readonly port: number
  /** Idempotent: cuts what is under way. Resolves when the port is free. */
  close(): Promise<void>
}

/** A phone asks for a few files at its start; everything slower or longer is somebody else. */
const requestTimeoutMs = 10_000
const idleTimeoutMs = 5000
const mostConnections = 2000

/** Serves files on HTTP, read only. Rejects with a Problem when the place cannot be had. */
export async function openHttpListener({ host, port, files, log }: HttpListenerOptions): Promise<Listener> {
  // Not imported: see services/wire/status-codes.ts.
  const { createServer } = process.getBuiltinModule('node:http')
  const server = createServer(
    { keepAliveTimeout: idleTimeoutMs, requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs },
    (request, response) => answer(request, response, { files, log }),
  )
  server.maxConnections = mostConnections
  server.on('clientError', (_error: Error, socket: Socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-length: 0\r\n\r\n')
    else socket.destroy()
  })
  await listening(server, host, port)
  // Of single connections that could not be accepted, e.g. because the process has too many files open.
  server.on('error', (error) => log.warn({ err: error }, 'a connection for configuration files was lost'))
  return { port: (server.address() as AddressInfo).port, close: () => closed(server) }
}

interface Desk {
  readonly files: Files
  readonly log: Logger
}

function answer(request: IncomingMessage, response: ServerResponse, { files, log }: Desk): void {
  request.resume()
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (!isRead) return end(response, 405, { Allow: 'GET, HEAD', Connection: 'close' })
  const name = fileNamed(request.url ?? '')
  let file: Buffer | undefined
  try {
    file = name === undefined ? undefined : files.read(name)
  } catch (error) {
    log.error({ err: error, file: name }, 'a configuration file could not be made')
    return end(response, 500, {})
  }
  log.debug({ file: name, from: request.socket.remoteAddress, found: file !== undefined }, 'file asked for over HTTP')
  if (!file) return end(response, 404, {})
  // The vendor's headers, spelt as it spells them.
  response.writeHead(200, {
    'Content-length': file.length,
    'Cache-Control': 'no-store',
    'Content-type': '*/*',
  })
  response.end(request.method === 'HEAD' ? undefined : file)
}

function end(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>): void {
  response.writeHead(status, { ...headers, 'Content-length': 0, 'Cache-Control': 'no-store' })
  response.end()
}

/** The path without its slash, a query left off; undefined where it has further parts. Nothing is decoded. */
function fileNamed(target: string): string | undefined {
  const [, name] = /^(?:http:\/\/[^/?#]*)?\/([^/?#]+)(?:\?.*)?$/iu.exec(target) ?? []
  return name
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  server.listen({ host, port, exclusive: true })
  try {
    await once(server, 'listening')
  } catch (error) {
    throw cannotListen(error, { host, port, transport: 'TCP', member: 'services.tftp.httpPort' })
  }
}

async function closed(server: Server): Promise<void> {
  const over = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await over
}
