import * as fc from 'fast-check'
import t from 'tap'
import { HeldRecord, hold, textOf } from '../../../../ils-sync/core/data/held-record.ts'
import { OriginRecords } from '../../../../ils-sync/core/data/origin-records.ts'
import type { IlsRecord } from '../../../../ils-sync/core/data/record.ts'

const record = (usn: number, key: string, value: IlsRecord['value'], kind = 'k'): IlsRecord => ({
  origin: 'cluster1',
  epoch: 1,
  usn,
  kind,
  key,
  value,
})

t.test('a record is held as text and read as it was written, frozen', async (t) => {
  const bob = record(1, 'bob', { dns: ['1000001'] })
  const held = hold(bob)
  t.same({ ...held.toJSON() }, bob)
  t.equal(hold(held), held, 'what is held already stays')
  t.equal(textOf(bob), textOf(held))
  t.throws(() => (held.value as { dns: string[] }).dns.push('2000001'), TypeError)
  t.equal(new HeldRecord(held.stem, 2, 'bob', 'null').deleted, true)
  t.equal(JSON.stringify(held), JSON.stringify(bob))
})

t.test('an origin holds what a map of its last records would hold, however late it is looked at', async (t) => {
  const writes = fc.array(
    fc.record({
      kind: fc.constantFrom('superuser', 'location'),
      key: fc.integer({ min: 0, max: 40 }).map((number) => `user${number}`),
      value: fc.constantFrom<IlsRecord['value']>(null, {}, { f: '+14085551234' }),
      look: fc.boolean(),
    }),
    { maxLength: 400 },
  )
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(writes, (all) => {
        const held = new OriginRecords({ epoch: 1, usn: 0 })
        const model = new Map<string, IlsRecord>()
        all.forEach(({ kind, key, value, look }, place) => {
          const written = record(place + 1, key, value, kind)
          held.append(written)
          model.set(`${kind} ${key}`, written)
          if (look && held.find(kind, key)?.usn !== place + 1)
            throw new Error(`${kind} ${key} is not what was written last`)
          if (place % 7 === 0) held.index(3)
        })
        const expected = [...model.values()].sort((a, b) => a.usn - b.usn)
        const usns = (list: Iterable<IlsRecord>) => JSON.stringify([...list].map(({ usn }) => usn))
        return (
          usns(held.after(0)) === usns(expected) &&
          usns(held.after(100)) === usns(expected.filter(({ usn }) => usn > 100)) &&
          held.size === expected.length &&
          held.tombstones === expected.filter(({ value }) => value === null).length &&
          held.countAfter(0) === expected.length &&
          held.find('superuser', 'nobody') === undefined
        )
      }),
    ),
  )
})

t.test('what was superseded makes room again', async (t) => {
  const held = new OriginRecords({ epoch: 1, usn: 0 })
  const bounds = { records: 3, characters: 100 }
  for (let usn = 1; usn <= 10; usn++) held.append(record(usn, `user${usn % 2}`, {}))
  t.ok(held.hasRoom(1, bounds), 'two are held')
  t.notOk(held.hasRoom(2, bounds))
  held.append(record(11, 'user3', 'x'.repeat(200)))
  t.notOk(held.hasRoom(0, bounds), 'too many characters')
  held.append(record(12, 'user3', null))
  t.ok(held.hasRoom(0, bounds))
})
