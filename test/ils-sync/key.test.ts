import { scryptSync } from 'node:crypto'
import t from 'tap'
import { deriveKey } from '../../ils-sync/key.ts'

t.test('a key is that of a password in a network, and costs what it always has', async (t) => {
  const key = await deriveKey('secret', 'one')
  t.ok(key.equals(scryptSync('secret', 'roamline ils one', 32, { N: 16_384, r: 8, p: 1 })))
  t.notOk(key.equals(await deriveKey('secret', 'two')), 'the network is part of the key')
  t.notOk(key.equals(await deriveKey('Secret', 'one')))
})
