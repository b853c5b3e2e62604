// What people, programs and strangers get wrong, said to real processes: each gets a clear answer, nothing changes, nothing dies.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import t from 'tap'
import type { Test } from 'tap'
import { loadLab } from '../../scripts/lab/lab-file.ts'
import type { Lab } from '../../scripts/lab/lab.ts'
import type { ClusterEvent } from '../../services/serviceability/api.ts'
import { startLab } from '../fixtures/lab.ts'
import type { LabClusterFixture, LabFixture } from '../fixtures/lab.ts'
import { waitFor } from '../fixtures/wait-for.ts'
import { sees } from './fixtures/reading.ts'

const bob = { deviceName: 'SEP000000020003', userId: 'bob', pin: '12345' }
const json = { 'content-type': 'application/json' }
const administrator = basic('administrator:roamline')

function basic(credentials: string): Record<string, string> {
  return { authorization: `Basic ${btoa(credentials)}` }
}

/** Who is logged in, where everybody believes Bob to be, which users there are, and which processes live. */
async function stateOf(lab: LabFixture): Promise<object> {
  const clusters = lab.lab.clusters.map(({ name }) => lab.cluster(name))
  const seen = await Promise.all(
    clusters.map(async (cluster) => ({
      ready: await cluster.get('/health/ready'),
      logins: await cluster.logins(),
      bob: await cluster.where('1000001'),
      users: await cluster.get('/api/v1/users'),
      services: await cluster.get('/api/v1/services'),
    })),
  )
  return { seen, processes: lab.status().processes.map(({ name, state, pid }) => ({ name, state, pid })) }
}

/** A request as written, and the problem document it is answered with. */
interface Mistake {
  readonly method?: string
  readonly path?: string
  readonly headers?: Record<string, string>
  readonly body?: string | Buffer | object
  readonly answer: object
}

async function ask(cluster: LabClusterFixture, { method, path = '/api/v1/logins', headers, body }: Mistake) {
  const response = await fetch(new URL(path, cluster.http), {
    method: method ?? 'POST',
    headers: { ...administrator, ...json, ...headers },
    ...(body === undefined ? {} : { body: toBody(body) }),
  })
  return { mediaType: response.headers.get('content-type'), ...((await response.json()) as object) }
}

function toBody(body: string | Buffer | object): string | Uint8Array<ArrayBuffer> {
  if (typeof body === 'string') return body
  return Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body)
}

const requests: Record<string, Mistake> = {
  'an unknown phone': { body: { ...bob, deviceName: 'SEPNOWHERE' }, answer: { status: 404, code: 11 } },
  'an unknown user': { body: { ...bob, userId: 'nobody' }, answer: { status: 403, code: 201 } },
  'a wrong PIN': { body: { ...bob, pin: '54321' }, answer: { status: 403, code: 201 } },
  'a blank user ID': { body: { ...bob, userId: ' ' }, answer: { status: 422, code: 202 } },
  'a blank PIN': { body: { ...bob, pin: '' }, answer: { status: 422, code: 202 } },
  'a blank device name': { body: { ...bob, deviceName: '' }, answer: { status: 422, code: 207 } },
  'a phone that somebody else has': {
    body: { ...bob, deviceName: 'SEP000000020001' },
    answer: { status: 409, code: 18 },
  },
  'nobody to log out': {
    method: 'DELETE',
    path: '/api/v1/logins/SEP000000020005',
    body: {},
    answer: { status: 409, code: 19 },
  },
  'an unknown service': {
    method: 'PUT',
    path: '/api/v1/services/tftpd',
    body: { active: true },
    answer: { status: 404, title: 'Unknown Service' },
  },
  'a network service to deactivate': {
    method: 'PUT',
    path: '/api/v1/services/database',
    body: { active: false },
    answer: { status: 409 },
  },
  'a call that nobody knows': { method: 'DELETE', path: '/api/v1/calls/none', body: {}, answer: { status: 404 } },
  'an unknown path': { path: '/api/v1/sessions', body: bob, answer: { status: 404 } },
  'an unknown member': { body: { ...bob, shoeSize: 44 }, answer: { status: 400, detail: /shoeSize/u } },
  'a missing member': { body: { deviceName: bob.deviceName }, answer: { status: 400, detail: /userId/u } },
  'a number for a PIN': { body: { ...bob, pin: 12345 }, answer: { status: 400, detail: /pin/u } },
  'a body of 1 MB': { body: { ...bob, pin: '1'.repeat(1024 * 1024) }, answer: { status: 413, detail: /256 KiB/u } },
  'another content type': {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'userId=bob',
    answer: { status: 415, detail: /application\/json/u },
  },
  'broken JSON': { body: '{"deviceName":', answer: { status: 400, detail: /JSON/u } },
  'broken UTF-8': {
    body: Buffer.from('{"deviceName":"SEP000000020003","userId":"bob\xff","pin":"12345"}', 'latin1'),
    answer: { status: 400, detail: /UTF-8/u },
  },
  'a wrong API password': { headers: basic('administrator:guess'), body: bob, answer: { status: 401 } },
  'an unknown API user': { headers: basic('nobody:roamline'), body: bob, answer: { status: 401 } },
  'no API credentials': { headers: { authorization: '' }, body: bob, answer: { status: 401 } },
  'credentials that are none': { headers: { authorization: 'Basic %%%' }, body: bob, answer: { status: 401 } },
  'a role that is not enough': {
    path: '/api/v1/users',
    headers: basic('emproxy:roamline'),
    body: { userId: 'mallory', lastName: 'Mallory' },
    answer: { status: 403 },
  },
}

/** Everything that happens at a cluster from now on. */
function listen(test: Test, cluster: LabClusterFixture): ClusterEvent[] {
  const heard: ClusterEvent[] = []
  const over = new AbortController()
  test.teardown(() => over.abort())
  const hear = async () => {
    for await (const event of cluster.events(over.signal)) heard.push(event)
  }
  hear().catch(() => {})
  return heard
}

/** A stranger at Redis who hears what is sent to one node, and says what he likes. */
async function strangerAt(test: Test, lab: LabFixture, node: string) {
  const channel = `ils:{${lab.lab.ils.network}}:${node}`
  const [ear, mouth] = [new Redis(lab.redisUrl), new Redis(lab.redisUrl)]
  test.teardown(() => [ear, mouth].forEach((redis) => redis.disconnect()))
  const heard: Buffer[] = []
  ear.on('messageBuffer', (_channel: Buffer, bytes: Buffer) => heard.push(bytes))
  await ear.subscribe(channel)
  return { heard, say: (bytes: Buffer) => mouth.publish(channel, bytes) }
}

const alarm = {
  type: 'alarm',
  name: 'ILSPwdAuthenticationFailed',
  severity: 'Alert',
  text: 'Password Authentication Failure with ILS at remote cluster',
}

t.test('a running lab takes no harm from', async (t) => {
  const lab = await startLab(t)
  const [cluster2, cluster3] = [lab.cluster('cluster2'), lab.cluster('cluster3')]

  for (const [title, mistake] of Object.entries(requests)) {
    await t.test(title, async (t) => {
      const before = await stateOf(lab)
      t.match(await ask(cluster2, mistake), {
        mediaType: /^application\/problem\+json/u,
        title: String,
        detail: String,
        ...mistake.answer,
      })
      t.strictSame(await stateOf(lab), before, 'nothing has changed')
    })
  }

  await t.test('ILS messages that were recorded, forged, garbled or never were any', async (t) => {
    const { heard, say } = await strangerAt(t, lab, 'cluster2')
    const events = listen(t, cluster2)
    const isAt = (place: string) => async () => (await cluster2.where('1000001'))?.cluster === place
    await cluster3.login({ ...bob, deviceName: 'SEP000000030003' })
    await waitFor('cluster2 learns that bob is at cluster3', isAt('cluster3'))
    await cluster3.logout('SEP000000030003')
    await waitFor('and that he is gone', isAt('cluster1'))
    const before = await stateOf(lab)
    const refused = (reason: string) =>
      events.some((event) => event.type === 'ilsRefused' && event['reason'] === reason)
    const alarms = () => events.filter((event) => event.type === 'alarm').length

    await t.test('recorded', async () => {
      await waitFor('replays are refused', async () => {
        for (const bytes of heard.slice(0, 20)) await say(bytes)
        return refused('replay')
      })
    })
    const genuine = heard.find((bytes) => bytes.includes('SEP000000030003')) as Buffer
    await t.test('forged: in a session it is refused, as a call it raises the alarm of a wrong password', async (t) => {
      const signature = randomBytes(32).toString('base64url')
      await say(Buffer.from(genuine.toString('latin1').replace(/ [\w-]{43}\n/u, ` ${signature}\n`), 'latin1'))
      await waitFor('a forgery is refused', () => refused('authentication'))
      t.equal(alarms(), 0, 'the key of a session is nobody’s password')
      await say(Buffer.from(`ILS/2 H hub - ${signature}\n{}`))
      await waitFor('the alarm', () => alarms() > 0)
      t.match(
        events.filter((event) => event.type === 'alarm'),
        [{ ...alarm, peer: 'hub' }],
      )
    })
    await t.test('garbled', async () => {
      const garbled = Buffer.from(genuine)
      garbled.write('SEP000000020002', garbled.indexOf('SEP000000030003'))
      const refusals = () => events.filter((event) => event.type === 'ilsRefused').length
      const known = refusals()
      await say(garbled)
      await waitFor('it is refused as well', () => refusals() > known)
    })
    await t.test('never were any', async () => {
      for (const bytes of [Buffer.from('PING'), Buffer.alloc(0), randomBytes(4096)]) await say(bytes)
      await waitFor('noise is refused', () => refused('malformed'))
      await say(Buffer.alloc(2 * 1024 * 1024, 'x'))
      await waitFor('what is too long is refused', () => refused('oversize'))
    })

    t.strictSame(await stateOf(lab), before, 'nothing has changed')
    await cluster3.login({ ...bob, deviceName: 'SEP000000030003' })
    await waitFor('and the genuine messages still arrive', isAt('cluster3'))
  })
})

/** cluster2 has another ILS password than the rest; what cluster3 takes for its Redis is something else. */
function misconfigured(port: number): Lab {
  const lab = loadLab(join(import.meta.dirname, '..', '..', 'labs', 'three-clusters.yaml'))
  const settings: Record<string, Record<string, unknown>> = {
    cluster2: { password: 'a password of its own' },
    cluster3: { redisUrl: `redis://127.0.0.1:${port}` },
  }
  const clusters = lab.clusters.map((cluster) => {
    const own = settings[cluster.name]
    return own === undefined ? cluster : { ...cluster, services: { ...cluster.services, ils: own } }
  })
  return { ...lab, ils: { ...lab.ils, heartbeatMs: 200, catchUpGraceMs: 200 }, clusters }
}

t.test('a wrong ILS password and a Redis that is none leave a cluster alone in its network, and at work', async (t) => {
  const stranger = createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2p1\r\n'))
  stranger.listen(0, '127.0.0.1')
  await once(stranger, 'listening')
  t.teardown(() => stranger.close())
  const lab = await startLab(t, { lab: misconfigured((stranger.address() as AddressInfo).port), unsettled: true })
  const [cluster1, cluster2, cluster3] = [lab.cluster('cluster1'), lab.cluster('cluster2'), lab.cluster('cluster3')]
  const [at2, at3] = [listen(t, cluster2), listen(t, cluster3)]
  const raised = (events: ClusterEvent[], name: string) => events.some((event) => event['name'] === name)

  await waitFor('cluster2 raises the alarm of a wrong password', () => raised(at2, alarm.name))
  t.match(
    at2.find((event) => event['name'] === alarm.name),
    { ...alarm, peer: 'hub' },
  )
  await waitFor('cluster3 raises the alarm of an unreachable hub', () => raised(at3, 'ILSHubClusterUnreachable'))
  await waitFor('cluster1 is in the network', () => sees(cluster1, 'hub', 'Up to Date'))
  t.notOk(await sees(cluster2, 'hub', 'Up to Date'))
  t.notOk(await sees(cluster3, 'hub', 'Up to Date'))

  for (const cluster of [cluster2, cluster3]) {
    await waitFor(`bob has been copied to ${cluster.name}`, async () => {
      const users = await cluster.get<{ userId: string }[]>('/api/v1/users')
      return users.some(({ userId }) => userId === 'bob')
    })
  }
  await cluster2.login(bob)
  t.match(await cluster2.call('2000001', '1000001'), { state: 'connected', to: { cluster: 'cluster2' } })
  t.match(await cluster3.call('3000102', '3000001'), { state: 'connected', to: { userId: 'kally' } })
  t.match(await cluster1.where('1000001'), { cluster: 'cluster1' }, 'nobody else believes cluster2')
  t.match(await cluster1.logins(), [{ userId: 'bob' }])
  t.ok(lab.status().processes.every(({ state }) => state === 'running'))
})
