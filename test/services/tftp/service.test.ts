// Cisco Tftp in a whole cluster: activation, and ports that somebody else has.
import { once } from 'node:events'
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { createCluster } from '../../../cluster-node/create-cluster.ts'
import { standardParts } from '../../../cluster-node/parts.ts'
import { database } from '../../../services/database/index.ts'
import { phoneServices } from '../../../services/phone-services/index.ts'
import { tftp } from '../../../services/tftp/index.ts'
import { parsePhoneConfiguration } from '../../../services/wire/phone-configuration/index.ts'
import { TftpClient } from './fixtures/tftp-client.ts'

const authorization = `Basic ${Buffer.from('administrator:roamline').toString('base64')}`

/** A cluster that is nothing but its database, Cisco IP Phone Services and Cisco Tftp. */
async function start(t: Test, config: object = {}) {
  const directory = t.testdir({})
  const cluster = createCluster(
    {
      name: 'cluster1',
      dataDirectory: join(directory, 'cluster1'),
      secretsDirectory: join(directory, 'secrets'),
      listen: { host: '127.0.0.1', httpPort: 0, httpsPort: 0 },
      log: { level: 'silent' },
      services: { tftp: config },
      seed: { phones: [{ name: 'SEP000000010001', lines: [{ dn: '1000101' }] }] },
    },
    { parts: { ...standardParts, catalogue: [database, phoneServices, tftp] } },
  )
  t.teardown(() => cluster.close())
  const { http } = await cluster.start()
  const ask = async (path: string) => {
    const answer = await fetch(`${http}${path}`, { headers: { authorization } })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  return { cluster, http, ask, tftp: () => cluster.find('tftp')?.address() }
}

t.test('it is active from the start on free ports, and a file names the cluster’s own address', async (t) => {
  const { http, tftp: place } = await start(t)
  const answer = await fetch(`${place()?.http}/SEP000000010001.cnf.xml`)
  t.equal(answer.status, 200)
  t.match(await answer.text(), `<servicesURL>${http}/ccmcip/getservicesmenu.jsp</servicesURL>`)
})

t.test('every address in a file leads to a page of the cluster', async (t) => {
  const { http, tftp: place } = await start(t)
  const file = await (await fetch(`${place()?.http}/SEP000000010001.cnf.xml`)).text()
  const { urls, secureUrls } = parsePhoneConfiguration(file)
  const given = Object.values(urls).filter((url) => url !== '')
  t.equal(given.length, 4)
  for (const url of given) {
    t.ok(url.startsWith(`${http}/`), url)
    t.equal((await fetch(url.replace('#DEVICENAME#', 'SEP000000010001'))).status, 200, url)
  }
  const path = (url: string) => url.replace(/^https?:\/\/[^/]*/u, '')
  t.strictSame(Object.values(secureUrls).map(path), Object.values(urls).map(path))
  t.match(secureUrls.services, /^https:/u)
})

t.test('phones are told the address by which they reach it', async (t) => {
  const { tftp: place } = await start(t, { advertise: 'cluster1.lab' })
  t.match(place(), { http: /^http:\/\/cluster1\.lab:\d+$/u, tftpHost: 'cluster1.lab' })
})

t.test('on an IPv6 address it listens too', async (t) => {
  const { tftp: place } = await start(t, { host: '::1' })
  t.match(place(), { http: /^http:\/\/\[::1\]:\d+$/u, tftpHost: '::1' })
  t.equal((await fetch(`${place()?.http}/SEP000000010001.cnf.xml`)).status, 200)
})

t.test('deactivated it refuses connections, active again it has its ports back', async (t) => {
  const { cluster, ask, tftp: place } = await start(t)
  const before = place()
  await cluster.services.setActive('Cisco Tftp', false)
  await t.rejects(fetch(`${before?.http}/SEP000000010001.cnf.xml`), { cause: { code: 'ECONNREFUSED' } })
  t.equal((await ask('/api/v1/tftp')).status, 503)
  await cluster.services.setActive('Cisco Tftp', true)
  t.equal((await ask('/api/v1/tftp')).body['http'], place()?.http)
  const client = await TftpClient.open(t, place()?.tftpPort ?? 0)
  t.match(String(await client.fetch('SEP000000010001.cnf.xml')), /<device>/u)
})

t.test('a port that somebody has keeps Cisco Tftp from starting, and nothing else', async (t) => {
  const squatter = createServer().listen(0, '127.0.0.1')
  t.teardown(() => squatter.close())
  await once(squatter, 'listening')
  const { port: httpPort } = squatter.address() as AddressInfo
  const { cluster, ask } = await start(t, { httpPort })
  const status = () => cluster.services.list().find(({ name }) => name === 'tftp')
  t.match(status(), {
    active: false,
    waitingFor:
      `Cisco Tftp could not be started: Cisco Tftp cannot listen at 127.0.0.1:${httpPort} (TCP), which is in use: ` +
      'stop the process that has it, or change services.tftp.httpPort (0 takes any free port).',
  })
  t.equal((await ask('/api/v1/tftp')).status, 503)
  squatter.close()
  await once(squatter, 'close')
  t.match(await cluster.services.setActive('tftp', true), { active: true })
  t.match(cluster.find('tftp')?.address(), { http: `http://127.0.0.1:${httpPort}` })
})

t.test('a UDP port that somebody has is said too, and the HTTP port is given back', async (t) => {
  const squatter = createSocket('udp4').bind(0, '127.0.0.1')
  t.teardown(() => squatter.close())
  await once(squatter, 'listening')
  const { port: tftpPort } = squatter.address()
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port: httpPort } = free.address() as AddressInfo
  free.close()
  await once(free, 'close')
  const { cluster } = await start(t, { httpPort, tftpPort })
  t.match(
    cluster.services.list().find(({ name }) => name === 'tftp')?.waitingFor,
    `cannot listen at 127.0.0.1:${tftpPort} (UDP), which is in use`,
  )
  await t.rejects(fetch(`http://127.0.0.1:${httpPort}/`), { cause: { code: 'ECONNREFUSED' } })
})

t.test('an address that this machine does not have is said', async (t) => {
  const { cluster } = await start(t, { host: '203.0.113.7' })
  t.match(
    cluster.services.list().find(({ name }) => name === 'tftp')?.waitingFor,
    'because this machine has no such address: change services.tftp.host',
  )
})
