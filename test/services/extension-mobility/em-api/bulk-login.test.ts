// A bulk login script in a process of its own, against a whole cluster's real doors.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import type { Test } from 'tap'
import { createCluster } from '../../../../cluster-node/create-cluster.ts'
import { seatCrowd, seats } from '../../../../scripts/benchmark/crowd.ts'

const crowd = seats(1000)

t.test(
  'a bulk login script written from em-wire.md alone logs 1,000 users in, finds them, and logs them out',
  async (t) => {
    const { database, url } = await clusterWithCrowd(t)
    t.same(await runClient('login', url), { code: 0, done: 1000, failed: [] })
    t.same(
      new Map(database.logins.list().map(({ userId, deviceName }) => [userId, deviceName])),
      new Map(crowd.map(({ userId, deviceName }) => [userId, deviceName])),
    )
    t.same([...new Set(database.logins.list().map(({ loginDuration }) => loginDuration))], [36_000])
    t.same(await runClient('where', url), { code: 0, done: 1000, failed: [] })
    // Fewer at once than the script sends: it is told 26, and asks again until all are done.
    await database.write(() =>
      database.serviceParameters.set('Cisco Extension Mobility', 'Maximum Concurrent Requests', '1'),
    )
    t.match(await runClient('logout', url), { code: 0, done: 1000, failed: [], retried: true })
    t.same(database.logins.list(), [])
  },
)

async function clusterWithCrowd(t: Test) {
  const folder = t.testdir()
  await seatCrowd(join(folder, 'cluster1'), crowd)
  const cluster = createCluster({
    name: 'cluster1',
    dataDirectory: join(folder, 'cluster1'),
    secretsDirectory: join(folder, 'secrets'),
    listen: { httpPort: 0, httpsPort: 0 },
    log: { level: 'silent' },
    services: { ils: { active: false } },
  })
  t.teardown(() => cluster.close())
  const { http } = await cluster.start()
  return { database: cluster.find('database')!, url: http }
}

/** Runs the script to its end; `retried` says whether it was ever told 26. */
async function runClient(verb: string, url: string) {
  const script = join(import.meta.dirname, 'bulk-login-client.ts')
  const client = spawn(process.execPath, [script, verb, url, 'emproxy', 'roamline'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  client.stdin.end(crowd.map(({ userId, deviceName }) => `${userId} ${deviceName}\n`).join(''))
  const ended = new Promise<number | null>((resolve) => client.once('exit', resolve))
  const { retries, ...tally } = JSON.parse(await text(client.stdout)) as {
    retries: number
    done: number
    failed: string[]
  }
  return { code: await ended, ...tally, ...(retries > 0 && { retried: true }) }
}
