import t from 'tap'
import { parseRedisAddress } from '../../../ils-sync/transport/redis-address.ts'

t.test('one server is taken as it is, and named without its password', async (t) => {
  t.match(parseRedisAddress('redis://:secret@redis.example:6380/0'), {
    place: 'redis.example:6380',
    url: 'redis://:secret@redis.example:6380/0',
  })
  t.match(parseRedisAddress('rediss://redis.example'), { place: 'redis.example' })
})

t.test('Sentinels are a list of hosts and the name of their master', async (t) => {
  const { place, url, options } = parseRedisAddress('redis+sentinel://:s%40cret@a,b:26380,[::1]:5/mymaster')
  t.equal(url, undefined)
  t.equal(place, 'mymaster of the Sentinels a,b:26380,[::1]:5')
  t.match(options, {
    name: 'mymaster',
    password: 's@cret',
    sentinels: [
      { host: 'a', port: 26_379 },
      { host: 'b', port: 26_380 },
      { host: '::1', port: 5 },
    ],
    failoverDetector: true,
  })
  t.notMatch(place, /cret/u)
})

t.test('an @ in the password of Sentinels is part of it, as in that of one server', async (t) => {
  const { place, options } = parseRedisAddress('redis+sentinel://bob:s@cret@a,b/mymaster')
  t.equal(place, 'mymaster of the Sentinels a,b')
  t.match(options, { username: 'bob', password: 's@cret', sentinels: [{ host: 'a' }, { host: 'b' }] })
})

t.test('Sentinels may have a password of their own, and TLS', async (t) => {
  const { options } = parseRedisAddress('redis+sentinel://bob:pw@a/mymaster?sentinelPassword=other&tls=true')
  t.match(options, {
    username: 'bob',
    password: 'pw',
    sentinelPassword: 'other',
    tls: {},
    enableTLSForSentinelMode: true,
  })
})

t.test('anything else is refused with a sentence that shows how it is written', async (t) => {
  const wrong = [
    '',
    'redis',
    'http://redis.example',
    'redis://',
    'redis+sentinel://a',
    'redis+sentinel://a/',
    'redis+sentinel:///m',
  ]
  for (const text of [...wrong, 'redis+sentinel://a,,b/m', 'redis+sentinel://a:port/m', 'redis+sentinel://a/m/n']) {
    t.throws(() => parseRedisAddress(text), { name: 'RangeError', message: /redis/u }, JSON.stringify(text))
  }
  for (const text of ['redis+sentinel://:secret%@a/m', 'redis+sentinel://a/m%zz']) {
    t.throws(() => parseRedisAddress(text), { name: 'RangeError', message: /^(?!.*secret).*%25/u }, text)
  }
  t.throws(
    () => parseRedisAddress('redis+sentinel://:secret@a:x/m'),
    { message: /^(?!.*secret)/u },
    'no password is quoted',
  )
})
