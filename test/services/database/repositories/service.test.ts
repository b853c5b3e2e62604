import t from 'tap'
import { openTestDatabase } from '../fixtures/test-database.ts'

t.test('a service parameter has no value until one is set, for its own service only', async (t) => {
  const { serviceParameters, write } = openTestDatabase(t)
  const get = () => serviceParameters.get('Cisco Extension Mobility', 'Multiple Login Behavior')
  t.equal(get(), undefined)
  await write(() => serviceParameters.set('Cisco Extension Mobility', 'Multiple Login Behavior', 'Auto Logout'))
  t.equal(get(), 'Auto Logout')
  t.equal(serviceParameters.get('Cisco CallManager', 'Multiple Login Behavior'), undefined)
  await write(() => serviceParameters.set('Cisco Extension Mobility', 'Multiple Login Behavior', ''))
  t.equal(get(), '')
})

t.test('an undone change of a service parameter is forgotten', async (t) => {
  const { serviceParameters, write } = openTestDatabase(t)
  await t.rejects(
    write(() => {
      serviceParameters.set('Cisco CallManager', 'T302 Timer', '15000')
      t.equal(serviceParameters.get('Cisco CallManager', 'T302 Timer'), '15000')
      throw new Error('no')
    }),
  )
  t.equal(serviceParameters.get('Cisco CallManager', 'T302 Timer'), undefined)
})

t.test('a service is undecided until it is activated or deactivated', async (t) => {
  const { serviceActivation, write } = openTestDatabase(t)
  t.equal(serviceActivation.get('Cisco CallManager'), undefined)
  await write(() => serviceActivation.set('Cisco CallManager', true))
  t.equal(serviceActivation.get('Cisco CallManager'), true)
  await write(() => serviceActivation.set('Cisco CallManager', false))
  t.equal(serviceActivation.get('Cisco CallManager'), false)
})
