import t from 'tap'
import { alices, desk, hotDesk } from './fixtures/hot-desk.ts'

t.test('A1.6 Secure Tone: Join Across Lines is disabled on a protected device, whatever is set', async (t) => {
  const { configure, shows } = await hotDesk(t)
  await configure(({ devices, serviceParameters }) => {
    devices.update(desk, { joinAcrossLines: 'On' })
    devices.update(alices, { joinAcrossLines: 'On', protectedDevice: true })
    serviceParameters.set('Cisco CallManager', 'Join Across Lines Policy', 'On')
  })
  t.match(await shows(desk), { protectedDevice: false, joinAcrossLines: { setting: 'On', enabled: true } })
  t.match(await shows(alices), { protectedDevice: true, joinAcrossLines: { setting: 'On', enabled: false } })
  await configure(({ devices }) => {
    devices.update(desk, { joinAcrossLines: 'Default' })
    devices.update(alices, { joinAcrossLines: 'Default' })
  })
  t.match(await shows(desk), { joinAcrossLines: { setting: 'Default', enabled: true } }, 'by the service parameter')
  t.match(await shows(alices), { joinAcrossLines: { setting: 'Default', enabled: false } })
})

t.test('Join Across Lines is the profile’s while a user is logged in', async (t) => {
  const { configure, login, shows } = await hotDesk(t)
  await configure(({ deviceProfiles }) => deviceProfiles.update('bob-profile', { joinAcrossLines: 'On' }))
  t.match(await shows(desk), { joinAcrossLines: { setting: 'Default', enabled: false } })
  await login(desk)
  t.match(await shows(desk), { joinAcrossLines: { setting: 'On', enabled: true } })
})
