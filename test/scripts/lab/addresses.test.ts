import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { choosePlacement, freePort } from '../../../scripts/lab/addresses.ts'
import type { Endpoint } from '../../../scripts/lab/addresses.ts'
import { parseLab } from '../../../scripts/lab/lab-file.ts'

async function squat(test: Test, host: string, port = 0): Promise<number> {
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  test.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

async function squatUdp(test: Test, host: string, port: number): Promise<void> {
  const socket = createSocket('udp4')
  test.teardown(() => socket.close())
  socket.bind(port, host)
  // Who may not have it stands in nobody's way either.
  await Promise.race([once(socket, 'listening'), once(socket, 'error')]).catch(() => {})
}

async function canBindUdp(host: string, port: number): Promise<boolean> {
  const socket = createSocket('udp4').bind(port, host)
  const can = await once(socket, 'listening').then(
    () => true,
    () => false,
  )
  socket.close()
  return can
}

function labAt(address: string, httpPort: number, httpsPort: number) {
  const cluster = `{ name: cluster1, hub: hub, address: ${address}, httpPort: ${httpPort}, httpsPort: ${httpsPort} }`
  return parseLab(
    `name: a\nils: { network: a, password: b }\nhubs: [{ name: hub }]\nclusters: [${cluster}]\n`,
    'a.yaml',
  )
}

t.test('a process gets the address and ports of the lab file where they can be bound', async (t) => {
  const [http, https] = [await freePort(), await freePort()]
  const { cluster1 } = await choosePlacement(labAt('127.0.0.1', http, https))
  t.match(cluster1, { host: '127.0.0.1', httpPort: http, httpsPort: https, advertise: '127.0.0.1' })
  t.notOk(cluster1?.note)
})

t.test('on an address of the lab’s own Cisco Tftp gets the vendor’s ports where it may have them', async (t) => {
  const address = '127.0.0.61'
  const lab = labAt(address, await freePort(), await freePort())
  const mayHave69 = await canBindUdp(address, 69)
  const { cluster1 } = await choosePlacement(lab)
  t.match(cluster1, { host: address, tftpHttpPort: 6970 })
  if (mayHave69) t.equal(cluster1?.tftpPort, 69)
  else t.ok((cluster1?.tftpPort ?? 0) >= 1024, 'a free port for a user who is not root')
})

t.test('a port of Cisco Tftp that somebody has is no obstacle: another one is taken, and kept', async (t) => {
  const address = '127.0.0.62'
  await squat(t, address, 6970)
  await squatUdp(t, address, 69)
  const lab = labAt(address, await freePort(), await freePort())
  const first = await choosePlacement(lab)
  const { host, tftpHttpPort = 0, tftpPort = 0, note } = first['cluster1'] ?? {}
  t.match({ host, note }, { host: address, note: undefined })
  t.not(tftpHttpPort, 6970)
  t.not(tftpPort, 69)
  t.ok(tftpHttpPort >= 1024 && tftpPort >= 1024)
  t.match((await choosePlacement(lab, { previous: first }))['cluster1'], { tftpHttpPort, tftpPort })
})

t.test('ports of an earlier release, which knew no Cisco Tftp, are completed', async (t) => {
  const lab = labAt('127.0.0.1', 8080, 8443)
  const { cluster1, ...others } = await choosePlacement(lab, { freePorts: true })
  const { tftpHttpPort: _http, tftpPort: _udp, ...older } = cluster1 as Endpoint
  const { cluster1: now } = await choosePlacement(lab, { freePorts: true, previous: { ...others, cluster1: older } })
  t.match(now, older)
  t.ok(now?.tftpHttpPort && now.tftpPort)
})

t.test('a port in use is said, and another place is taken', async (t) => {
  const taken = await squat(t, '127.0.0.1')
  const { cluster1 } = await choosePlacement(labAt('127.0.0.1', await freePort(), taken))
  t.match(cluster1, { host: '127.0.0.1', note: `127.0.0.1:${taken} is in use` })
  t.not(cluster1?.httpsPort, taken)
})

t.test('what was in the way the last time is not repeated when nobody asked', async (t) => {
  const taken = await squat(t, '127.0.0.1')
  const lab = labAt('127.0.0.1', taken, await freePort())
  const first = await choosePlacement(lab)
  const { cluster1 } = await choosePlacement(lab, { freePorts: true, previous: first })
  t.equal(cluster1?.httpPort, first['cluster1']?.httpPort)
  t.equal(cluster1?.note, undefined)
})

t.test('an address that this machine does not have is said, and another place is taken', async (t) => {
  const { cluster1 } = await choosePlacement(labAt('203.0.113.7', 8080, 8443))
  t.match(cluster1, { host: '127.0.0.1', note: '203.0.113.7:8080 is not an address of this machine' })
})

t.test('with free ports the lab’s addresses are not even tried', async (t) => {
  const [http, https] = [await freePort(), await freePort()]
  const { cluster1, hub } = await choosePlacement(labAt('127.0.0.1', http, https), { freePorts: true })
  t.notOk(cluster1?.note)
  t.not(cluster1?.httpPort, http)
  t.equal(hub?.httpsPort, undefined, 'a hub has no HTTPS door')
})

t.test('free ports are different ones, and are found again the next time', async (t) => {
  const lab = labAt('127.0.0.1', 8080, 8443)
  const first = await choosePlacement(lab, { freePorts: true })
  const ports = Object.values(first).flatMap(({ httpPort, httpsPort, tftpHttpPort, tftpPort }) =>
    [httpPort, httpsPort, tftpHttpPort, tftpPort].filter((port) => port !== undefined),
  )
  t.equal(ports.length, 5, 'a hub has one door, a cluster four')
  t.equal(new Set(ports).size, ports.length)
  t.strictSame(await choosePlacement(lab, { freePorts: true, previous: first }), first)
  await squat(t, '127.0.0.1', first['cluster1']?.httpPort)
  const second = await choosePlacement(lab, { freePorts: true, previous: first })
  t.not(second['cluster1']?.httpPort, first['cluster1']?.httpPort)
  t.strictSame(second['hub'], first['hub'])
})
