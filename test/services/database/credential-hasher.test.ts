import t from 'tap'
import { createCredentialHasher } from '../../../services/database/index.ts'

const pepper = Buffer.from('a pepper for tests')
/** As cheap as argon2 gets: these tests are about everything but the cost. */
const cheap = { pepper, memoryKiB: 8, passes: 1 }

t.test('a secret is kept as a salted PHC string and recognised', async (t) => {
  const hasher = createCredentialHasher({ ...cheap, now: () => 7 })
  const stored = await hasher.hash('12345')
  t.match(stored, { hash: /^\$argon2id\$v=19\$m=8,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/u, changedAt: 7 })
  t.notMatch(stored.hash, '12345')
  t.not((await hasher.hash('12345')).hash, stored.hash, 'each with its own salt')
  t.equal(await hasher.verify('12345', stored), true)
  t.equal(await hasher.verify('12346', stored), false)
  t.equal(await hasher.verify('', stored), false)
})

t.test('composed and decomposed letters are the same secret', async (t) => {
  const hasher = createCredentialHasher(cheap)
  t.equal(await hasher.verify('cafe\u0301', await hasher.hash('caf\u00e9')), true)
})

t.test('without the pepper a hash proves nothing', async (t) => {
  const stored = await createCredentialHasher(cheap).hash('12345')
  const other = createCredentialHasher({ ...cheap, pepper: Buffer.from('another pepper') })
  t.equal(await other.verify('12345', stored), false)
  t.throws(() => createCredentialHasher({ pepper: Buffer.alloc(0) }), { message: /pepper is empty/u })
})

t.test('a hash made at another cost is verified at that cost', async (t) => {
  const stored = await createCredentialHasher({ pepper, memoryKiB: 64, passes: 3 }).hash('12345')
  t.match(stored.hash, /m=64,t=3/u)
  t.equal(await createCredentialHasher(cheap).verify('12345', stored), true)
})

t.test('a hash that cannot be read, or would cost too much, is no match', async (t) => {
  const hasher = createCredentialHasher(cheap)
  const { hash } = await hasher.hash('12345')
  const wrong = [
    '',
    '12345',
    hash.replace('argon2id', 'argon2i'),
    hash.replace('v=19', 'v=16'),
    hash.replace('m=8', 'm=9999999'),
    hash.replace('m=8', 'm=7'),
    hash.replace('t=1', 't=0'),
    hash.replace('t=1', 't=999'),
    hash.replace('p=1', 'p=0'),
    hash.replace('p=1', 'p=64'),
    hash.slice(0, -24),
    `${hash}=`,
    `${hash} `,
  ]
  for (const text of wrong) t.equal(await hasher.verify('12345', { hash: text, changedAt: 0 }), false, text)
})

t.test('the default cost is slow enough to matter', async (t) => {
  const stored = await createCredentialHasher({ pepper }).hash('12345')
  t.match(stored.hash, '$argon2id$v=19$m=7168,t=5,p=1$')
})

t.test('so many wait and no more: the next is refused, the others are served', async (t) => {
  const hasher = createCredentialHasher({ ...cheap, concurrency: 1, maxWaiting: 2 })
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map((number) => hasher.hash(String(number))))
  t.strictSame(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'fulfilled', 'rejected'],
  )
  t.match(outcomes[3], { reason: { code: 'CREDENTIAL_HASHER_BUSY' } })
  t.match(await hasher.hash('5'), { hash: /^\$argon2id/u }, 'and then there is room again')
})

t.test('the event loop goes on while hashes are computed', async (t) => {
  const hasher = createCredentialHasher({ pepper, memoryKiB: 16_384, passes: 4 })
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  await Promise.all([hasher.hash('a'), hasher.hash('b'), hasher.hash('c')])
  clearInterval(timer)
  t.ok(turns > 2, `${turns} turns`)
})
