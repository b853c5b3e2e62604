// Troubleshooting, "Phone services unavailable after logout", and what the auto device profile is.
import t from 'tap'
import type { DeviceChanges } from '../../../../services/database/api.ts'
import { synchronizeAutoDeviceProfile as parameter } from '../../../../services/database/service-parameters.ts'
import { login, openPeopledDatabase, phone1 } from '../fixtures/test-database.ts'

async function open(test: Parameters<typeof openPeopledDatabase>[0]) {
  const database = await openPeopledDatabase(test)
  const { devices, logins, serviceParameters, write } = database
  await write(() => devices.update(phone1, { phoneServices: [], softkeyTemplate: 'old' }))
  return {
    ...database,
    shown: () => devices.effective(phone1),
    services: () => devices.effective(phone1)?.phoneServices.map(({ name }) => name),
    change: (changes: DeviceChanges) => write(() => devices.update(phone1, changes)),
    synchronize: (value: string) => write(() => serviceParameters.set(parameter.service, parameter.name, value)),
    async bobPassesBy() {
      await write(() => logins.open(login(phone1, 'bob')))
      await write(() => logins.close(phone1))
    },
  }
}

const subscribed = { phoneServices: ['Extension Mobility'] }

t.test(
  'A1.7 Phone services unavailable after logout: synchronisation was off when the phone was subscribed',
  async (t) => {
    const { services, change, synchronize, bobPassesBy } = await open(t)
    await synchronize('False')
    await change(subscribed)
    t.strictSame(services(), ['Extension Mobility'], 'until somebody has logged in and out the phone shows its own')
    await bobPassesBy()
    t.strictSame(services(), [], 'the auto device profile has no service')
    await change({ description: 'still the old profile' })
    t.strictSame(services(), [])

    await synchronize('True')
    t.strictSame(services(), ['Extension Mobility'], 'the remedy')
    await bobPassesBy()
    t.strictSame(services(), ['Extension Mobility'])
  },
)

t.test('with synchronisation, which is the default, the auto device profile always equals the phone', async (t) => {
  const { shown, change, bobPassesBy, sql } = await open(t)
  await change({ ...subscribed, softkeyTemplate: 'new' })
  await bobPassesBy()
  t.match(shown(), { softkeyTemplate: 'new', phoneServices: [{ name: 'Extension Mobility' }] })
  t.equal(sql.prepare('SELECT count(*) AS rows FROM rl_autodeviceprofile').get()?.['rows'], 0)
})

t.test('it keeps settings and buttons as they were before the first change, and no lines', async (t) => {
  const { shown, change, synchronize, bobPassesBy } = await open(t)
  const dial = { index: 1, number: '2000001', label: 'Alice' }
  await change({ speedDials: [dial], doNotDisturb: true, lines: [{ dn: '5551' }] })
  await synchronize('False')
  await change({ softkeyTemplate: 'new', speedDials: [], lines: [{ dn: '5552' }] })
  await change({ softkeyTemplate: 'newest', doNotDisturb: false })
  t.match(shown(), { softkeyTemplate: 'newest', speedDials: [] })
  await bobPassesBy()
  t.match(shown(), { softkeyTemplate: 'old', speedDials: [dial], doNotDisturb: true, lines: [{ dn: '5552' }] })
})

t.test('a change while somebody is logged in is lost at the logout', async (t) => {
  const { services, change, synchronize, logins, write } = await open(t)
  await synchronize('False')
  await write(() => logins.open(login(phone1, 'bob')))
  await change(subscribed)
  t.strictSame(services(), ['Extension Mobility'], 'bob’s profile has none, so the phone’s own count')
  await write(() => logins.close(phone1))
  t.strictSame(services(), [])
})

t.test('a login that ends because its user is removed brings the phone back too', async (t) => {
  const { services, change, synchronize, logins, endUsers, write } = await open(t)
  await synchronize('False')
  await change(subscribed)
  await write(() => logins.open(login(phone1, 'bob')))
  await write(() => endUsers.remove('bob'))
  t.strictSame(services(), [])
})

t.test('an undone logout brings nothing back', async (t) => {
  const { services, change, synchronize, logins, write } = await open(t)
  await synchronize('False')
  await change(subscribed)
  await write(() => logins.open(login(phone1, 'bob')))
  await t.rejects(
    write(() => {
      logins.close(phone1)
      t.strictSame(services(), [])
      throw new Error('no')
    }),
  )
  t.strictSame(services(), ['Extension Mobility'])
})
