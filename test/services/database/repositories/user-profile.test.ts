import t from 'tap'
import { openPeopledDatabase } from '../fixtures/test-database.ts'

t.test('user profiles are kept by name, and their users lose a removed one', async (t) => {
  const { userProfiles, endUsers, write } = await openPeopledDatabase(t)
  await write(() => {
    userProfiles.insert({ name: 'Roamers', maySetMaximumLoginTime: true })
    endUsers.update('bob', { userProfile: 'Roamers' })
  })
  t.match(endUsers.find('bob'), { userProfile: 'Roamers' })
  t.strictSame(userProfiles.find('Roamers'), { name: 'Roamers', maySetMaximumLoginTime: true })
  await write(() => userProfiles.update('Roamers', { maySetMaximumLoginTime: false }))
  t.strictSame(userProfiles.list(), [{ name: 'Roamers', maySetMaximumLoginTime: false }])
  await t.rejects(
    write(() => userProfiles.insert({ name: 'Roamers', maySetMaximumLoginTime: true })),
    { code: 'DATABASE_DUPLICATE' },
  )
  await t.rejects(
    write(() => userProfiles.update('Ghosts', {})),
    { code: 'DATABASE_NOT_FOUND' },
  )
  t.equal(await write(() => userProfiles.remove('Roamers')), true)
  t.equal(await write(() => userProfiles.remove('Roamers')), false)
  t.match(endUsers.find('bob'), { userProfile: '' })
})

t.test('a user’s locale, profile and own maximum login time are kept, and wrong ones refused', async (t) => {
  const { userProfiles, endUsers, write } = await openPeopledDatabase(t)
  t.match(endUsers.find('bob'), { userLocale: '', userProfile: '', maximumLoginTime: '' })
  await write(() => userProfiles.insert({ name: 'Roamers', maySetMaximumLoginTime: true }))
  const members = { userLocale: 'French_France', userProfile: 'Roamers', maximumLoginTime: ':30' }
  t.match(await write(() => endUsers.update('bob', members)), members)
  t.match(await write(() => endUsers.insert({ userId: 'kally', lastName: 'Keeper', ...members })), members)
  await write(() => endUsers.update('bob', { firstName: 'Bob' }))
  t.match(endUsers.find('bob'), members, 'what a change does not name stays')
  for (const maximumLoginTime of ['8', '168:01', '1:60', 'forever']) {
    await t.rejects(
      write(() => endUsers.update('bob', { maximumLoginTime })),
      { code: 'DATABASE_INVALID', message: /HHH:MM/u },
    )
  }
  await t.rejects(
    write(() => endUsers.update('bob', { userProfile: 'Ghosts' })),
    { code: 'DATABASE_UNKNOWN_REFERENCE', message: /user profile "Ghosts"/u },
  )
  t.match(endUsers.find('bob'), members)
})
