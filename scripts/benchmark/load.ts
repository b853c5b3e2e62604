// Closed-loop load: each connection logs its own user in to its own phone and out again, one request at a time.
import autocannon from 'autocannon'

export interface Station {
  readonly deviceName: string
  readonly userId: string
  readonly pin: string
}

export interface LoadResult {
  /** Answered requests per second; a login and a logout are two. */
  readonly perSecond: number
  /** Answered requests. */
  readonly answered: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Requests that were not answered 201 or 204. */
  readonly failed: number
}

/** Runs for `seconds` with one connection per station. `authorization` is the header's value. */
export async function runLoad(options: {
  readonly url: string
  readonly stations: readonly Station[]
  readonly seconds: number
  readonly authorization: string
}): Promise<LoadResult> {
  const { url, stations, seconds, authorization } = options
  let next = 0
  const result = await autocannon({
    url,
    connections: stations.length,
    duration: seconds,
    headers: { authorization },
    setupClient: (client) => {
      const station = stations[next++ % stations.length]!
      client.setRequests([
        {
          method: 'POST',
          path: '/api/v1/logins',
          headers: { authorization, 'content-type': 'application/json' },
          body: JSON.stringify(station),
        },
        { method: 'DELETE', path: `/api/v1/logins/${station.deviceName}`, headers: { authorization } },
      ])
    },
  })
  return {
    perSecond: result.requests.average,
    answered: result.requests.total,
    p50: result.latency.p50,
    p99: result.latency.p99,
    failed: result.non2xx + result.errors,
  }
}
