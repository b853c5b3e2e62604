import t from 'tap'
import { superUsersGroup } from '../../../../services/database/api.ts'
import { Role } from '../../../../services/service.ts'
import { openPeopledDatabase, openTestDatabase } from '../fixtures/test-database.ts'

t.test('a new database has the standard groups with their roles', (t) => {
  const { accessControlGroups } = openTestDatabase(t)
  const roles = (name: string) => accessControlGroups.find(name)?.roles
  t.same(roles('Standard CCM Super Users'), Object.values(Role).toSorted())
  t.same(roles('Standard CCM Admin Users'), [Role.administer, Role.readOnly])
  t.same(roles('Standard CCM Read Only'), [Role.readOnly])
  t.same(roles('Standard CCM End Users'), [])
  t.same(roles('Standard EM Authentication Proxy Rights'), [Role.emProxy])
  t.same(roles('Roamline Super User Synchronization'), [Role.superUserSync])
  t.same(accessControlGroups.find(superUsersGroup), { name: superUsersGroup, roles: [], members: [] })
  t.equal(accessControlGroups.list().length, 7)
  t.end()
})

t.test('end users join and leave a group', async (t) => {
  const { accessControlGroups, endUsers, write } = await openPeopledDatabase(t)
  await write(() => {
    accessControlGroups.addMember(superUsersGroup, 'BOB')
    accessControlGroups.addMember(superUsersGroup, 'bob')
    accessControlGroups.addMember(superUsersGroup, 'alice')
  })
  t.same(accessControlGroups.find(superUsersGroup)?.members, ['alice', 'bob'])
  t.equal(endUsers.find('bob')?.superuser, true)
  t.equal(await write(() => accessControlGroups.removeMember(superUsersGroup, 'Bob')), true)
  t.equal(await write(() => accessControlGroups.removeMember(superUsersGroup, 'bob')), false)
  t.equal(await write(() => accessControlGroups.removeMember('Ghosts', 'alice')), false)
  t.same(accessControlGroups.find(superUsersGroup)?.members, ['alice'])
})

t.test('groups refuse unknown members and roles, and a name twice', async (t) => {
  const { accessControlGroups, write } = await openPeopledDatabase(t)
  const unknown = 'DATABASE_UNKNOWN_REFERENCE'
  const refuses = (work: () => void, code: string, message: RegExp) => t.rejects(write(work), { code, message })
  await refuses(() => accessControlGroups.addMember('Ghosts', 'bob'), unknown, /"Ghosts"/u)
  await refuses(() => accessControlGroups.addMember(superUsersGroup, 'mallory'), unknown, /"mallory"/u)
  await refuses(() => accessControlGroups.insert('Helpers', ['Fly']), unknown, /role "Fly"/u)
  await refuses(() => accessControlGroups.insert(superUsersGroup, []), 'DATABASE_DUPLICATE', /already/u)
  await write(() => accessControlGroups.insert('Helpers', [Role.readOnly]))
  t.same(accessControlGroups.find('Helpers'), { name: 'Helpers', roles: [Role.readOnly], members: [] })
  t.equal(accessControlGroups.find('Ghosts'), undefined)
})

t.test('an application user has the roles of all its groups, each once', async (t) => {
  const { applicationUsers, write } = openTestDatabase(t)
  const groups = ['Standard CCM Admin Users', 'Standard CCM Read Only']
  await write(() => applicationUsers.insert({ userId: 'administrator', groups }))
  const administrator = { userId: 'administrator', groups, roles: [Role.administer, Role.readOnly] }
  t.same(applicationUsers.find('Administrator'), administrator)
  t.same(applicationUsers.list(), [administrator])
  t.equal(applicationUsers.find('nobody'), undefined)
  await t.rejects(
    write(() => applicationUsers.insert({ userId: 'ADMINISTRATOR', groups: [] })),
    { code: 'DATABASE_DUPLICATE' },
  )
  await t.rejects(
    write(() => applicationUsers.insert({ userId: 'robot', groups: ['Ghosts'] })),
    { code: 'DATABASE_UNKNOWN_REFERENCE', message: /application user robot.*"Ghosts"/u },
  )
  t.equal(applicationUsers.find('robot'), undefined)
})

t.test('credentials are kept by owner and kind, and replaced', async (t) => {
  const { applicationUsers, credentials, write } = await openPeopledDatabase(t)
  await write(() => {
    applicationUsers.insert({ userId: 'bob', groups: [] })
    credentials.set('Bob', 'PIN', { hash: 'pin', changedAt: 1 })
    credentials.set('bob', 'Password', { hash: 'password', changedAt: 2 })
  })
  t.same(credentials.find('BOB', 'PIN'), { hash: 'pin', changedAt: 1 })
  t.same(credentials.find('bob', 'Password'), { hash: 'password', changedAt: 2 })
  await write(() => credentials.set('bob', 'PIN', { hash: 'new', changedAt: 3 }))
  t.same(credentials.find('bob', 'PIN'), { hash: 'new', changedAt: 3 })
  t.equal(credentials.find('alice', 'PIN'), undefined)
  await t.rejects(
    write(() => credentials.set('alice', 'Password', { hash: 'x', changedAt: 1 })),
    { code: 'DATABASE_UNKNOWN_REFERENCE', message: /application user "alice"/u },
  )
})
