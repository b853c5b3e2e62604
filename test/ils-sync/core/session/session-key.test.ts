import { randomBytes } from 'node:crypto'
import t from 'tap'
import { agree, createExchange, deriveSessionKey } from '../../../../ils-sync/core/session/session-key.ts'
import type { Party } from '../../../../ils-sync/core/session/session-key.ts'

const key = Buffer.from('the key of the network')
const ours = createExchange(randomBytes)
const theirs = createExchange(randomBytes)
const caller: Party = { id: 'cluster1', nonce: 'a'.repeat(24), peerId: 'store 1', key: ours.key }
const answerer: Party = { id: 'hub', nonce: 'b'.repeat(24), peerId: 'store 2', key: theirs.key }
const shared = agree(ours, theirs.key)

t.test('both sides come to one secret, and nobody else does', async (t) => {
  t.same(shared, agree(theirs, ours.key))
  t.notSame(shared, agree(createExchange(randomBytes), theirs.key))
})

t.test('a key that is none, or would make the secret guessable, is refused', async (t) => {
  const low = [Buffer.alloc(32), Buffer.concat([Buffer.from([1]), Buffer.alloc(31)])]
  for (const bytes of [...low, Buffer.alloc(31), Buffer.alloc(0)]) {
    t.equal(agree(ours, bytes.toString('base64url')), undefined)
  }
  t.equal(agree(ours, 'no key at all'), undefined)
})

t.test(
  'a session key is the same on both sides, and another as soon as anything said was heard otherwise',
  async (t) => {
    const data = [Buffer.from('data')]
    const made = deriveSessionKey({ mode: 'both', key }, 'n', { caller, answerer, shared })
    const again = deriveSessionKey({ mode: 'both', key }, 'n', { caller, answerer, shared: agree(theirs, ours.key) })
    t.equal(made.id, again.id)
    t.match(made.id, /^[A-Za-z0-9_-]{22}$/u)
    t.same(made.mac(data), again.mac(data))
    const other = (changes: { caller?: Partial<Party>; answerer?: Partial<Party> }) =>
      deriveSessionKey({ mode: 'both', key }, 'n', {
        caller: { ...caller, ...changes.caller },
        answerer: { ...answerer, ...changes.answerer },
        shared,
      })
    const others = {
      'another network': deriveSessionKey({ mode: 'both', key }, 'm', { caller, answerer, shared }),
      'another mode': deriveSessionKey({ mode: 'certificates', key }, 'n', { caller, answerer, shared }),
      'the other way round': deriveSessionKey({ mode: 'both', key }, 'n', {
        caller: answerer,
        answerer: caller,
        shared,
      }),
      'another caller': other({ caller: { id: 'cluster2' } }),
      'another nonce': other({ answerer: { nonce: 'c'.repeat(24) } }),
      'another store': other({ caller: { peerId: 'store 3' } }),
      'another half': other({ answerer: { key: ours.key } }),
      'a border moved': other({ caller: { id: 'cluster1"', nonce: 'a'.repeat(23) } }),
    }
    for (const [what, session] of Object.entries(others)) {
      t.not(session.id, made.id, what)
      t.notSame(session.mac(data), made.mac(data), what)
    }
    for (const [what, secrets] of Object.entries({
      'another password': { key: Buffer.from('other'), shared },
      'without the exchange': { key, shared: undefined },
    })) {
      const session = deriveSessionKey({ mode: 'both', key: secrets.key }, 'n', {
        caller,
        answerer,
        shared: secrets.shared,
      })
      t.notSame(session.mac(data), made.mac(data), what)
    }
  },
)
