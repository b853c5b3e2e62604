// Where each process listens: the lab's own loopback addresses with the vendor's ports where they can be bound, else free ports on 127.0.0.1.
import { createSocket } from 'node:dgram'
import { createServer, isIPv6 } from 'node:net'
import { superUserSyncName } from './lab.ts'
import type { Lab } from './lab.ts'

/** Where one process listens and what others call it. Ports are real ones, so that a restarted process gets the same. */
export interface Endpoint {
  readonly host: string
  readonly httpPort: number
  /** Clusters only. */
  readonly httpsPort?: number
  /** Where Cisco Tftp serves the phones' files over HTTP; clusters only. */
  readonly tftpHttpPort?: number
  /** UDP, Cisco Tftp; clusters only. */
  readonly tftpPort?: number
  readonly advertise: string
  /** Why the lab file's address was not taken, for people. */
  readonly note?: string
}

/** By process name. */
export type Placement = Readonly<Record<string, Endpoint>>

export interface PlacementOptions {
  /** Do not even try the lab's addresses. */
  readonly freePorts?: boolean
  /** Where the processes were the last time; kept where it still can be bound. */
  readonly previous?: Placement | undefined
}

interface Wish {
  readonly name: string
  readonly address: string | undefined
  readonly httpPort: number
  readonly httpsPort?: number
}

const loopback = '127.0.0.1'

/** Decides for every process of the lab. Rejects when not even free ports can be found. */
export async function choosePlacement(
  lab: Lab,
  { freePorts = false, previous }: PlacementOptions = {},
): Promise<Placement> {
  const taken = new Set<number>()
  for (const { httpPort, httpsPort, tftpHttpPort, tftpPort } of Object.values(previous ?? {})) {
    for (const port of [httpPort, httpsPort, tftpHttpPort, tftpPort]) if (port !== undefined) taken.add(port)
  }
  const placement: Record<string, Endpoint> = {}
  for (const wish of wishes(lab))
    placement[wish.name] = await place(wish, { freePorts, previous: previous?.[wish.name], taken })
  return placement
}

function wishes(lab: Lab): Wish[] {
  const sync = superUserSyncName(lab)
  return [
    ...(lab.hubs ?? []).map(({ name, address, httpPort = 8080 }) => ({ name, address, httpPort })),
    ...lab.clusters.map(({ name, address, httpPort = 8080, httpsPort = 8443 }) => ({
      name,
      address,
      httpPort,
      httpsPort,
    })),
    ...(sync === undefined
      ? []
      : [{ name: sync, address: lab.superUserSync?.address, httpPort: lab.superUserSync?.httpPort ?? 8080 }]),
  ]
}

interface Chances {
  readonly freePorts: boolean
  readonly previous: Endpoint | undefined
  readonly taken: Set<number>
}

async function place(wish: Wish, { freePorts, previous, taken }: Chances): Promise<Endpoint> {
  const isTls = wish.httpsPort !== undefined
  let note: string | undefined
  if (!freePorts && wish.address !== undefined) {
    const { address: host, httpPort, httpsPort } = wish
    note = await obstacle(host, httpsPort === undefined ? [httpPort] : [httpPort, httpsPort])
    if (note === undefined) {
      const clusterPorts = isTls ? { httpsPort: wish.httpsPort, ...(await tftpPorts(host, previous, taken)) } : {}
      return { host, httpPort, ...clusterPorts, advertise: host }
    }
  }
  // A place of the lab's own addresses is no place to return to once they have been refused.
  if (previous?.host === loopback && (previous.httpsPort !== undefined) === isTls) {
    const ports = previous.httpsPort === undefined ? [previous.httpPort] : [previous.httpPort, previous.httpsPort]
    // What stood in the way then may be gone, or was not asked this time.
    const { note: _old, ...before } = previous
    if ((await obstacle(loopback, ports)) === undefined) {
      const clusterPorts = isTls ? await tftpPorts(loopback, previous, taken) : {}
      return { ...before, ...clusterPorts, ...(note === undefined ? {} : { note }) }
    }
  }
  const httpPort = await freePort(taken)
  const clusterPorts = isTls
    ? { httpsPort: await freePort(taken), ...(await tftpPorts(loopback, previous, taken)) }
    : {}
  return { host: loopback, httpPort, ...clusterPorts, advertise: loopback, ...(note === undefined ? {} : { note }) }
}

/** The vendor's ports of Cisco Tftp, on an address of the lab's own. */
const vendorPorts = { tftpHttpPort: 6970, tftpPort: 69 }

/**
 * Where Cisco Tftp listens on `host`: the vendor's ports on an address of the lab's own, if this user may have them, else those of
 * the last time, else free ones. Phones of a lab are told where, so nothing fails for want of port 69.
 */
async function tftpPorts(
  host: string,
  previous: Endpoint | undefined,
  taken: Set<number>,
): Promise<{ tftpHttpPort: number; tftpPort: number }> {
  const standard: Partial<typeof vendorPorts> = host === loopback ? {} : vendorPorts
  const before: Partial<typeof vendorPorts> = previous?.host === host ? previous : {}
  const choose = async (candidates: readonly (number | undefined)[], probe: Probe): Promise<number> => {
    for (const port of candidates) {
      if (port !== undefined && (await probe(host, port)) === undefined) return port
    }
    return await freePortOn(host, taken, probe)
  }
  return {
    tftpHttpPort: await choose([standard.tftpHttpPort, before.tftpHttpPort], bindError),
    tftpPort: await choose([standard.tftpPort, before.tftpPort], udpBindError),
  }
}

/** The first of the ports that cannot be listened at, and why. */
async function obstacle(host: string, ports: readonly number[]): Promise<string | undefined> {
  for (const port of ports) {
    const code = await bindError(host, port)
    if (code !== undefined) return `${host}:${port} ${obstacles[code] ?? `cannot be bound (${code})`}`
  }
  return undefined
}

const obstacles: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use',
  EADDRNOTAVAIL: 'is not an address of this machine',
  EACCES: 'may not be bound by this user',
}

/** Why a port cannot be had, as an error code; undefined when it can. */
type Probe = (host: string, port: number) => Promise<string | undefined>

const udpBindError: Probe = (host, port) =>
  new Promise((resolve) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    const end = (code: string | undefined): void => void socket.close(() => resolve(code))
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
    socket.bind({ address: host, port, exclusive: true }, () => end(undefined))
  })

function bindError(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

// Below the range from which Linux and macOS lend ports to outgoing connections: a killed process's port must still be free when it returns.
const lowestPort = 20_000
const portCount = 12_000

/** Whether a port of 127.0.0.1 can be listened at. */
export async function isFree(port: number): Promise<boolean> {
  return (await bindError(loopback, port)) === undefined
}

/** A port on 127.0.0.1 that nobody has, and that is not in `taken`; adds it there. */
export async function freePort(taken: Set<number> = new Set()): Promise<number> {
  return await freePortOn(loopback, taken, bindError)
}

async function freePortOn(host: string, taken: Set<number>, probe: Probe): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = lowestPort + Math.floor(Math.random() * portCount)
    if (taken.has(port)) continue
    if ((await probe(host, port)) === undefined) {
      taken.add(port)
      return port
    }
  }
  throw new Error(`No free port between ${lowestPort} and ${lowestPort + portCount} on ${host}.`)
}
