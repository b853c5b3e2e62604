import t from 'tap'
import { callmanager } from '../../../services/callmanager/index.ts'
import { phoneAddress } from '../../../services/callmanager/phone-address.ts'
import type { AddressingMode } from '../../../services/database/api.ts'
import { loneCluster } from '../../fixtures/lone-cluster.ts'

const timing = { phoneRestartMs: 0, noAnswerTimeoutMs: 150, supervisionIntervalMs: 100, trunkTimeoutMs: 1000 }

t.test('A1.5 IPv6: phones with IPv6 or dual-stack addressing mode log in like any other', async (t) => {
  const lone = await loneCluster(t, { also: [[callmanager as never, timing]] })
  const { database, mobility, context } = lone
  const deviceName = 'SEP000000010002'
  const registration = () => context.find('callmanager')?.registration(deviceName)
  const modes: Record<AddressingMode, string> = {
    'IPv6 Only': '::1',
    'IPv4 and IPv6': '127.0.0.1',
    'IPv4 Only': '127.0.0.1',
  }
  for (const [mode, address] of Object.entries(modes) as [AddressingMode, string][]) {
    await database.write(() => database.devices.update(deviceName, { addressingMode: mode }))
    context.find('callmanager')?.configurationChanged()
    t.equal(registration()?.ipAddress, address, mode)
    await mobility.login({
      deviceName,
      userId: 'bob',
      proof: { kind: 'pin', pin: '12345' },
      origin: { door: 'phone', remoteAddress: address, via: false },
    })
    t.match(registration(), { state: 'registered', lines: ['1000001'], ipAddress: address }, mode)
    await mobility.logout(deviceName, 'manual', { door: 'phone', remoteAddress: address, via: false })
    t.match(registration(), { state: 'registered', lines: ['1000102'] }, mode)
  }
})

t.test('a phone speaks from its own address where it has one', async (t) => {
  t.equal(phoneAddress({ ipAddress: '2001:db8::134', addressingMode: 'IPv4 and IPv6' }), '2001:db8::134')
  t.equal(phoneAddress({ ipAddress: '', addressingMode: 'IPv4 and IPv6' }), '127.0.0.1')
  t.equal(phoneAddress({ ipAddress: '', addressingMode: 'IPv6 Only' }), '::1')
})
