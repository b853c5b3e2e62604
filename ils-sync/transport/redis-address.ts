// Where Redis is, from one line of text: a server, or Sentinels that know which of several servers it is now.
import type { RedisOptions } from 'ioredis'

/** What ioredis connects with; `place` is for people and holds no password. */
export interface RedisAddress {
  readonly place: string
  /** A URL of one server, to be given to ioredis as it is; absent for Sentinels. */
  readonly url?: string
  readonly options: Partial<Pick<RedisOptions, SentinelOption>>
}

type SentinelOption =
  | 'name'
  | 'sentinels'
  | 'failoverDetector'
  | 'username'
  | 'password'
  | 'sentinelPassword'
  | 'tls'
  | 'enableTLSForSentinelMode'

const sentinelPort = 26_379
const forms = 'redis://host:port, rediss://host:port or redis+sentinel://host:port,host:port/master-name'

/**
 * Reads `redis://[user:password@]host[:port]`, the same with `rediss://`, and
 * `redis+sentinel://[user:password@]host[:port],…/master-name[?sentinelPassword=…&tls=true]`. Throws RangeError with one sentence that
 * quotes no password.
 */
export function parseRedisAddress(text: string): RedisAddress {
  if (/^redis(?:s|\+sentinel)?:\/\//u.test(text)) {
    return text.startsWith('redis+sentinel') ? parseSentinels(text) : parseServer(text)
  }
  throw new RangeError(`the URL of Redis must look like ${forms}`)
}

function parseServer(url: string): RedisAddress {
  if (!URL.canParse(url) || new URL(url).hostname === '')
    throw new RangeError(`the URL of Redis must look like ${forms}`)
  return { place: new URL(url).host, url, options: {} }
}

/** No parser of URLs takes a list of hosts, so the list is read by hand and the rest as the URL of its first host. */
function parseSentinels(text: string): RedisAddress {
  const [, login = '', hosts = '', rest = ''] = /^[^:]+:\/\/(?:([^/]*)@)?([^@/?#]*)(.*)$/u.exec(text) ?? []
  const sentinels = hosts.split(',').map((host) => {
    const one = `redis://${host}`
    if (host === '' || !URL.canParse(one)) throw new RangeError(`the URL of Redis must look like ${forms}`)
    const { hostname, port } = new URL(one)
    return { host: hostname.replaceAll(/^\[|\]$/gu, ''), port: port === '' ? sentinelPort : Number(port) }
  })
  const url = new URL(`redis://${login === '' ? '' : `${login}@`}first${rest}`)
  const name = decode(url.pathname.slice(1))
  if (name === '' || name.includes('/')) {
    throw new RangeError(
      'the URL of Sentinels must end with the name of their master, e.g. redis+sentinel://a,b,c/mymaster',
    )
  }
  const sentinelPassword = url.searchParams.get('sentinelPassword')
  const tls = url.searchParams.get('tls') === 'true'
  return {
    place: `${name} of the Sentinels ${hosts}`,
    options: {
      name,
      sentinels,
      // A takeover is told by the Sentinels at once, also when the old master still answers.
      failoverDetector: true,
      ...(url.username === '' ? {} : { username: decode(url.username) }),
      ...(url.password === '' ? {} : { password: decode(url.password) }),
      ...(sentinelPassword === null ? {} : { sentinelPassword }),
      ...(tls ? { tls: {}, enableTLSForSentinelMode: true } : {}),
    },
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new RangeError(
      'the URL of Redis has a % that is followed by no code of a character; a % itself is written %25',
    )
  }
}
