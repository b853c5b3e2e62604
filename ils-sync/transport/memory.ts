// Nodes of one process: a network object links them. Asynchronous like the real one, so that no handler runs inside another.
import type { Transport, TransportListener } from './api.ts'

export interface MemoryNetwork {
  transport(nodeId: string): Transport
  /** Takes a node off the network, or back on; it is told, its peers are not. */
  cut(nodeId: string): void
  mend(nodeId: string): void
  /** Sees every message on its way; false drops it. For tests that lose or record messages. */
  tap: (from: string, to: string, bytes: Uint8Array) => boolean
}

interface Port {
  readonly listener: TransportListener
  open: boolean
}

export function createMemoryNetwork(): MemoryNetwork {
  const ports = new Map<string, Port>()
  const cuts = new Set<string>()
  const network: MemoryNetwork = {
    tap: () => true,
    transport: (nodeId) => createTransport({ nodeId, ports, cuts, network }),
    cut(nodeId) {
      cuts.add(nodeId)
      ports.get(nodeId)?.listener.onDown({ code: 'ILS_TRANSPORT_CUT', message: `${nodeId} is off the network` })
    },
    mend(nodeId) {
      if (cuts.delete(nodeId)) ports.get(nodeId)?.listener.onUp()
    },
  }
  return network
}

interface TransportContext {
  readonly nodeId: string
  readonly ports: Map<string, Port>
  readonly cuts: ReadonlySet<string>
  readonly network: MemoryNetwork
}

function createTransport({ nodeId, ports, cuts, network }: TransportContext): Transport {
  let own: Port | undefined
  return {
    reliable: false,
    start(listener) {
      const port: Port = { listener, open: true }
      own = port
      ports.set(nodeId, port)
      setImmediate(() => {
        if (port.open && !cuts.has(nodeId)) listener.onUp()
      })
    },
    send(to, bytes) {
      if (!own?.open || cuts.has(nodeId)) return
      const copy = Uint8Array.from(bytes)
      setImmediate(() => {
        const target = ports.get(to)
        if (!target?.open || cuts.has(to) || !network.tap(nodeId, to, copy)) return
        target.listener.onMessage(copy)
      })
    },
    async stop() {
      if (!own?.open) return
      own.open = false
      if (ports.get(nodeId) === own) ports.delete(nodeId)
    },
  }
}
