import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { choosePlacement, freePort } from '../../../scripts/lab/addresses.ts'
import { parseLab } from '../../../scripts/lab/lab-file.ts'

async function squat(test: Test, host: string, port = 0): Promise<number> {
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  test.teardown(() => server.close())
  return (server.address() as AddressInfo).port
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
  t.strictSame(cluster1, { host: '127.0.0.1', httpPort: http, httpsPort: https, advertise: '127.0.0.1' })
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
  const ports = Object.values(first).flatMap(({ httpPort, httpsPort }) => [httpPort, httpsPort])
  t.equal(new Set(ports).size, ports.length)
  t.strictSame(await choosePlacement(lab, { freePorts: true, previous: first }), first)
  await squat(t, '127.0.0.1', first['cluster1']?.httpPort)
  const second = await choosePlacement(lab, { freePorts: true, previous: first })
  t.not(second['cluster1']?.httpPort, first['cluster1']?.httpPort)
  t.strictSame(second['hub'], first['hub'])
})
