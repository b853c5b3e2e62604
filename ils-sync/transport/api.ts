// The wire of ILS as the driver sees it: one inbox per node, and no promise that anything arrives.

/** Why the wire is down, in words for people and a code for programs. */
export interface TransportError {
  readonly code: 'ILS_REDIS_UNREACHABLE' | 'ILS_REDIS_NOT_REDIS' | 'ILS_REDIS_REFUSED' | 'ILS_TRANSPORT_CUT'
  readonly message: string
}

export interface TransportListener {
  /** Bytes for this node, as they were sent. The receiver may keep them. */
  onMessage(bytes: Uint8Array): void
  /** The inbox is open (again). Whatever was sent meanwhile is lost. */
  onUp(): void
  /** Once per outage, and again when its cause changes; `up` follows by itself. */
  onDown(error: TransportError): void
}

export interface Transport {
  /** False: messages may be lost, doubled and overtaken, and the sender is not told. */
  readonly reliable: false
  /** Opens the inbox in the background; never throws for a peer or server that is not there. */
  start(listener: TransportListener): void
  /** Sends, or drops quietly while the wire is down. Never throws. */
  send(to: string, bytes: Uint8Array): void
  /** Idempotent; the listener hears nothing afterwards. */
  stop(): Promise<void>
}
