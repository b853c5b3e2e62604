import t from 'tap'
import type { Test } from 'tap'
import {
  clock,
  createErrorLog,
  login,
  openPeopledDatabase,
  openTestDatabase,
  phone1,
  phone2,
} from './fixtures/test-database.ts'
import { join } from 'node:path'
import { openClusterDatabase } from '../../../services/database/index.ts'

function openLogged(t: Test) {
  const log = createErrorLog()
  const database = openClusterDatabase({ path: join(t.testdir(), 'cluster.sqlite'), clock, log })
  t.teardown(() => database.close())
  return { database, errors: log.errors }
}

/** Makes the next COMMIT fail as a full disk would: the deferred foreign key has no parent. */
function breakNextCommit(sql: { exec(text: string): void }): void {
  sql.exec(`PRAGMA defer_foreign_keys = ON;
    INSERT INTO credential (pkid, fkenduser, tkcredential, rl_hash, rl_changedatms) VALUES ('x', 'nobody', 4, '', 0)`)
}

t.test('a write resolves with what its work returned', async (t) => {
  const database = openTestDatabase(t)
  t.equal(await database.write(() => 42), 42)
})

t.test('everything queued in one turn shares one transaction', async (t) => {
  const database = openTestDatabase(t)
  const begun: boolean[] = []
  const resolved: number[] = []
  const works = [1, 2, 3].map(async (number) => {
    await database.write(() => {
      begun.push(database.sql.isTransaction)
      t.strictSame(resolved, [], 'nobody is answered before the commit')
    })
    resolved.push(number)
  })
  await Promise.all(works)
  t.strictSame(begun, [true, true, true])
  t.strictSame(resolved, [1, 2, 3])
  t.equal(database.sql.isTransaction, false)
})

t.test('a work that throws takes back only its own writes', async (t) => {
  const database = openTestDatabase(t)
  const insert = (userId: string) => database.endUsers.insert({ userId, lastName: 'x' })
  const outcomes = await Promise.allSettled([
    database.write(() => insert('bob')),
    database.write(() => {
      insert('mallory')
      throw new Error('changed my mind')
    }),
    database.write(() => insert('alice')),
  ])
  t.match(outcomes, [{ status: 'fulfilled' }, { reason: { message: 'changed my mind' } }, { status: 'fulfilled' }])
  t.strictSame(
    database.endUsers.list().map(({ userId }) => userId),
    ['alice', 'bob'],
  )
  t.equal(database.endUsers.find('mallory'), undefined)
})

t.test('a repository call that fails leaves nothing behind even where its work carries on', async (t) => {
  const database = openTestDatabase(t)
  await database.write(() => {
    const lines = [{ dn: '1000001' }, { dn: '1000002', partition: 'nowhere' }]
    t.throws(() => database.devices.insert({ name: phone1, lines }), { code: 'DATABASE_UNKNOWN_REFERENCE' })
    database.endUsers.insert({ userId: 'bob', lastName: 'x' })
  })
  t.equal(database.devices.find(phone1), undefined)
  t.strictSame(database.lines.list(), [])
  t.ok(database.endUsers.find('bob'))
})

t.test('effects run after the commit, in order, before anybody is answered, and may write again', async (t) => {
  const database = openTestDatabase(t)
  const story: string[] = []
  let second: Promise<unknown> = Promise.resolve()
  const first = database.write(() => {
    database.afterCommit(() => story.push(`effect, in transaction: ${database.sql.isTransaction}`))
    database.afterCommit(() => {
      second = database.write(() => story.push('second work'))
    })
    story.push('first work')
  })
  await first.then(() => story.push('first answered'))
  await second
  t.strictSame(story, ['first work', 'effect, in transaction: false', 'first answered', 'second work'])
})

t.test('the effects of a work that failed are dropped', async (t) => {
  const database = openTestDatabase(t)
  let ran = false
  await t.rejects(
    database.write(() => {
      database.afterCommit(() => {
        ran = true
      })
      throw new Error('no')
    }),
  )
  t.equal(ran, false)
})

t.test('an effect that throws is logged and disturbs nobody', async (t) => {
  const { database, errors } = openLogged(t)
  const value = await database.write(() => {
    database.afterCommit(() => {
      throw new Error('phone fell over')
    })
    return 'kept'
  })
  t.equal(value, 'kept')
  t.match(errors, [[{ err: { message: 'phone fell over' } }]])
})

t.test('when the commit fails everybody is told, nothing is kept, and who keeps memory reads it again', async (t) => {
  const { database, errors } = openLogged(t)
  const told: string[] = []
  database.onRollback(() => told.push('first'))
  const forget = database.onRollback(() => told.push('forgotten'))
  forget()
  let effects = 0
  const outcomes = await Promise.allSettled([
    database.write(() => {
      database.endUsers.insert({ userId: 'bob', lastName: 'x' })
      database.afterCommit(() => effects++)
    }),
    database.write(() => breakNextCommit(database.sql)),
  ])
  t.match(outcomes, [{ reason: { code: 'DATABASE_WRITE_FAILED' } }, { reason: { code: 'DATABASE_WRITE_FAILED' } }])
  t.strictSame(told, ['first'])
  t.equal(effects, 0)
  t.equal(errors.length, 1)
  t.equal(database.endUsers.find('bob'), undefined, 'not remembered either')
  await database.write(() => database.endUsers.insert({ userId: 'alice', lastName: 'x' }))
  t.ok(database.endUsers.find('alice'), 'the next write works')
})

t.test('remembered logins follow a login that is undone', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => database.logins.open(login(phone1, 'bob')))
  t.equal(database.logins.of('bob').length, 1)
  await t.rejects(
    database.write(() => {
      database.logins.close(phone1)
      database.logins.open(login(phone2, 'bob'))
      database.logins.open(login(phone1, 'alice'))
      t.equal(database.logins.on(phone1)?.userId, 'alice')
      throw new Error('no')
    }),
  )
  t.equal(database.logins.on(phone1)?.userId, 'bob')
  t.equal(database.logins.on(phone2), undefined)
  t.strictSame(
    database.logins.of('bob').map(({ deviceName }) => deviceName),
    [phone1],
  )
  t.strictSame(database.logins.of('alice'), [])
})

t.test('remembered users and phones follow a change that is undone', async (t) => {
  const database = await openPeopledDatabase(t)
  await t.rejects(
    database.write(() => {
      database.endUsers.update('bob', { firstName: 'Robert' })
      database.devices.update(phone1, { description: 'lobby' })
      t.equal(database.endUsers.find('bob')?.firstName, 'Robert')
      throw new Error('no')
    }),
  )
  t.equal(database.endUsers.find('bob')?.firstName, '')
  t.equal(database.devices.find(phone1)?.description, '')
})

t.test('a write inside a work is an error, and so is an asynchronous work', async (t) => {
  const database = openTestDatabase(t)
  await t.rejects(
    database.write(() => database.write(() => 1)),
    { code: 'DATABASE_NESTED_WRITE' },
  )
  await t.rejects(
    database.write(async () => {
      throw new Error('too late')
    }),
    { name: 'TypeError', message: /synchronous/u },
  )
  t.equal(await database.write(() => 'works'), 'works')
})

t.test('changes and effects outside a work are errors', async (t) => {
  const database = await openPeopledDatabase(t)
  const outside = { code: 'DATABASE_OUTSIDE_WRITE' }
  t.throws(() => database.afterCommit(() => {}), outside)
  t.throws(() => database.endUsers.insert({ userId: 'kally', lastName: 'x' }), outside)
  t.throws(() => database.logins.open(login(phone1, 'bob')), outside)
  t.equal(database.logins.on(phone1), undefined)
})

t.test('closing commits what is queued, and then nothing more is taken', async (t) => {
  const path = join(t.testdir(), 'cluster.sqlite')
  const database = openClusterDatabase({ path, clock, log: createErrorLog() })
  const queued = database.write(() => database.endUsers.insert({ userId: 'bob', lastName: 'x' }))
  database.close()
  database.close()
  t.match(await queued, { userId: 'bob' })
  await t.rejects(
    database.write(() => 1),
    { code: 'DATABASE_CLOSED' },
  )
  const again = openClusterDatabase({ path, clock, log: createErrorLog() })
  t.teardown(() => again.close())
  t.ok(again.endUsers.find('bob'))
})

t.test('a work that fails alone in its turn takes its transaction back, and the next one is written', async (t) => {
  const database = openTestDatabase(t)
  const failing = database.write(() => {
    database.endUsers.insert({ userId: 'bob', lastName: 'Baker' })
    t.equal(database.endUsers.find('bob')?.lastName, 'Baker')
    throw new Error('no')
  })
  await t.rejects(failing, { message: 'no' })
  t.equal(database.endUsers.find('bob'), undefined)
  t.equal(database.sql.isTransaction, false)
  await database.write(() => database.endUsers.insert({ userId: 'alice', lastName: 'Archer' }))
  t.equal(database.endUsers.find('alice')?.lastName, 'Archer')
})
