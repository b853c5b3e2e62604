// The readers of GET /api/v1/events: server-sent events, one line of JSON each.
import type { ServerResponse } from 'node:http'
import type { ClusterEvent, EventBus } from './api.ts'

/** Bounds of the streams. */
export interface EventStreamOptions {
  /** A comment is sent this often, so that proxies and readers see that the stream lives. */
  readonly heartbeatMs: number
  /** A reader with more unread bytes than this is dropped: it must not fill the cluster's memory. */
  readonly maxUnreadBytes: number
  readonly maxReaders: number
}

/** All open event streams of one cluster. */
export interface EventStreams {
  /**
   * Takes over a response whose headers are not sent yet, until the reader leaves, falls behind or `close` is called. False, and
   * nothing done, when there are as many readers as may be.
   */
  add(response: ServerResponse): boolean
  /** Ends every stream; no more are taken. */
  close(): void
}

/** Events are turned into text once, however many readers there are; without readers nothing is subscribed and no timer runs. */
export function createEventStreams(events: EventBus, options: EventStreamOptions): EventStreams {
  const readers = new Set<ServerResponse>()
  let unsubscribe: (() => void) | undefined
  let closed = false
  let heartbeat: NodeJS.Timeout | undefined

  function send(text: string): void {
    for (const reader of readers) {
      if (reader.writableLength <= options.maxUnreadBytes) {
        reader.write(text)
        continue
      }
      // Taken out at once: its `close` comes later, and writing to it until then would be an error.
      remove(reader)
      reader.destroy()
    }
  }

  function open(): void {
    unsubscribe = events.subscribe((event: ClusterEvent) => send(`data: ${JSON.stringify(event)}\n\n`))
    heartbeat = setInterval(send, options.heartbeatMs, ': still here\n\n').unref()
  }

  function remove(reader: ServerResponse): void {
    if (!readers.delete(reader) || readers.size > 0) return
    unsubscribe?.()
    unsubscribe = undefined
    clearInterval(heartbeat)
  }

  return {
    add(response) {
      if (closed || readers.size >= options.maxReaders) return false
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
      response.write(': events of this cluster, one line of JSON each\n\n')
      if (readers.size === 0) open()
      readers.add(response)
      // A reader that is gone in the middle of a write is no error of ours.
      response.once('close', () => remove(response)).once('error', () => remove(response))
      return true
    },
    close() {
      closed = true
      for (const reader of readers) {
        remove(reader)
        reader.end()
      }
    },
  }
}
