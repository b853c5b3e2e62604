// The node's transport, which comes when the cluster joins a network and goes when it leaves: a standalone cluster has none, and
// does without a Redis client.
import type { Transport, TransportListener } from '../../ils-sync/transport/api.ts'

/** A transport that the node can hold from the start; it carries while it is connected. */
export interface Wire extends Transport {
  /** Idempotent. Rejects with what `make` rejects with, and then is as it was. */
  connect(): Promise<void>
  /** Idempotent; the node is told that it is cut off. */
  disconnect(): Promise<void>
}

/** `make` is asked each time a network is joined; what it loads is loaded then. Connecting and disconnecting are not to overlap. */
export function createWire(make: () => Promise<Transport>): Wire {
  let listener: TransportListener | undefined
  let transport: Transport | undefined

  return {
    reliable: false,
    start(given) {
      listener = given
      transport?.start(given)
    },
    send: (to, bytes) => transport?.send(to, bytes),
    async connect() {
      if (transport) return
      transport = await make()
      if (listener) transport.start(listener)
    },
    async disconnect() {
      const leaving = transport
      transport = undefined
      await leaving?.stop()
      if (leaving) listener?.onDown({ code: 'ILS_TRANSPORT_CUT', message: 'this cluster has left its network' })
    },
    async stop() {
      listener = undefined
      await transport?.stop()
    },
  }
}
