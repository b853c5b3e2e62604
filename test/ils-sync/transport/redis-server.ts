// A real redis-server of one's own: a process on a free port that a test may kill and start again, empty.
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { kill } from '../../fixtures/child-process.ts'
import { waitFor } from '../../fixtures/wait-for.ts'

/** The program's name, or undefined when there is none on the PATH. */
export function findRedisServer(): string | undefined {
  return ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0)
}

export interface OwnRedis {
  readonly url: string
  /** SIGKILL; what it held is gone. */
  kill(): Promise<void>
  /** On the same port. */
  start(): Promise<void>
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
}

/** A real one, by program name. */
export function startRedis(program: string): Promise<OwnRedis> {
  return startServer((port) =>
    spawn(program, ['--port', String(port), '--save', '', '--appendonly', 'no', '--bind', '127.0.0.1']),
  )
}

/** The one that the lab falls back to where there is no other. */
export function startEmbeddedRedis(): Promise<OwnRedis> {
  return startServer((port) => spawn(process.execPath, [embeddedRedis, String(port)]))
}

const embeddedRedis = fileURLToPath(new URL('../../../scripts/lab/embedded-redis.ts', import.meta.url))

async function startServer(launch: (port: number) => ChildProcess): Promise<OwnRedis> {
  const port = await freePort()
  let child: ChildProcess | undefined
  const redis: OwnRedis = {
    url: `redis://127.0.0.1:${port}`,
    async kill() {
      if (child) await kill(child)
    },
    async start() {
      child = launch(port)
      await waitFor('Redis to listen', () => canConnect(port))
    },
    signal: (name) => child?.kill(name),
  }
  await redis.start()
  return redis
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
