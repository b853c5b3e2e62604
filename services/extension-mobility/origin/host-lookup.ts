import { lookup } from 'node:dns/promises'

/** The system's resolver. Rejects after `timeoutMs` too: a resolver that hangs must not hold up logins, nor the end of the service. */
export async function lookUpHost(host: string, timeoutMs = 2000): Promise<readonly string[]> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`${host} could not be resolved within ${timeoutMs} ms`)), timeoutMs)
  try {
    const found = await Promise.race([lookup(host, { all: true }), promise])
    return found.map(({ address }) => address)
  } finally {
    clearTimeout(timer)
  }
}
