// A Redis for machines that have none: js-redis-server in a process of its own. ILS trusts nothing to Redis, so what it keeps may be lost.
import { createServer } from 'node:net'
import {
  attachSession,
  createRedisCommandExecutor,
  RedisServerState,
  resolveCompatibilityProfile,
  SocketConnectionTransport,
} from 'js-redis-server/core'

const port = Number(process.argv[2])
const compatibility = resolveCompatibilityProfile()
const state = new RedisServerState({ databaseCount: 16, compatibility })
const executor = createRedisCommandExecutor({ compatibility })

// The package's own listener binds every address of the machine, without a password; ours binds loopback, and sends without Nagle's delay.
const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
  socket.on('error', () => {})
  const clientAddress = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`
  const { done } = attachSession(new SocketConnectionTransport(socket), { state, executor, clientAddress })
  done.catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
})

server.once('error', (error) => {
  process.stderr.write(`embedded Redis: ${error.message}\n`)
  process.exit(1)
})
server.listen(port, '127.0.0.1')

const leave = () => process.exit(0)
process.once('SIGTERM', leave).once('SIGINT', leave)
if (process.env['ROAMLINE_PARENT_PIPE'] === '1') process.stdin.once('end', leave).resume()
