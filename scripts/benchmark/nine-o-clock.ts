// Ten thousand users log in at 09:00 over the EM API: how many are refused with 26, how long one waits, and where more clients at once no
// longer help.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'
import { startFloor } from './child.ts'
import type { BenchmarkChild } from './child.ts'
import { seatCrowd, seats } from './crowd.ts'
import type { Seat } from './crowd.ts'
import { formType, loginForm, logoutAllForm, servlet, success } from './em-api-documents.ts'
import { compare, quantile } from './measure.ts'
import type { Comparison } from './measure.ts'

const clientCounts = [5, 20, 100]
/** The documented default, and the largest value. */
const limits = [5, 100]
/** After an answer 26 the client asks again for the same user. */
const retryMs = 50

/** What happened in one morning. */
interface Morning {
  readonly limit: number
  readonly clients: number
  readonly perSecond: number
  /** Share of all answers that were 26. */
  readonly busyShare: number
  /** Milliseconds from a user's first attempt until the user is logged in. */
  readonly p50: number
  readonly p99: number
}

/** What is compared with the floor: the limit at its largest, and as many clients as a bulk login tool may have. */
const compared = { limit: 100, clients: 20 }

/**
 * `users` log in once for each number of clients and each limit, on a cluster of their own without ILS; then `rounds` times in turn with
 * the floor.
 */
export async function benchmarkNineOClock(options: { users: number; rounds: number }): Promise<Comparison> {
  const { users, rounds } = options
  const crowd = seats(users)
  const folder = await mkdtemp(join(tmpdir(), 'roamline-benchmark-'))
  try {
    await seatCrowd(join(folder, 'cluster1'), crowd)
    await using cluster = await startCluster(folder)
    await using floor = await startFloor('floor-em-api.ts')
    const url = String(cluster.ready['http'])
    // Compiled code, rows in memory, and the application user's password.
    const floorUrl = String(floor.ready['http'])
    await setLimit(url, compared.limit)
    for (let round = 0; round < 2; round++) await morning(url, crowd, compared)
    await logEverybodyIn(floorUrl, crowd, compared)
    const mornings: Morning[] = []
    for (const limit of limits) {
      await setLimit(url, limit)
      for (const clients of clientCounts) mornings.push(await morning(url, crowd, { limit, clients }))
    }
    const ours: Morning[] = []
    const bare: Morning[] = []
    for (let round = 0; round < rounds; round++) {
      ours.push(await morning(url, crowd, compared))
      bare.push(await logEverybodyIn(floorUrl, crowd, compared))
    }
    return report({ users, mornings, ours, bare })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Measured {
  readonly users: number
  readonly mornings: readonly Morning[]
  readonly ours: readonly Morning[]
  readonly bare: readonly Morning[]
}

function report({ users, mornings, ours, bare }: Measured): Comparison {
  const rate = ({ perSecond }: Morning) => perSecond
  return compare(
    {
      name: 'nine-o-clock',
      what: `${users} users log in once over the EM API, on disk, ${compared.clients} clients at once, Maximum Concurrent Requests ${compared.limit}`,
      floorWhat: 'a bare Fastify that reads the same forms and XML and answers the same bytes, same clients',
      unit: 'logins/s',
      aim: { ratio: 0.8, better: 'higher' },
      notes: [
        ...tableOf(mornings),
        ...limits.map((limit) => kneeOf(mornings.filter((one) => one.limit === limit))),
        `a client that is told 26 asks again after ${retryMs} ms; a wait counts from the first attempt for that user`,
      ],
    },
    ours.map(rate),
    bare.map(rate),
  )
}

/** As Markdown reads it. */
function tableOf(mornings: readonly Morning[]): readonly string[] {
  const heads = ['Maximum Concurrent Requests', 'clients at once', 'logins/s', 'answers 26', 'p50', 'p99']
  const rows = mornings.map(({ limit, clients, perSecond, busyShare, p50, p99 }) => [
    String(limit),
    String(clients),
    perSecond.toFixed(0),
    `${(busyShare * 100).toFixed(1)} %`,
    `${p50.toFixed(1)} ms`,
    `${p99.toFixed(1)} ms`,
  ])
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]!.length)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padStart(widths[column]!)).join(' | ')} |`
  return [line(heads), `|${widths.map((width) => `${'-'.repeat(width + 1)}:`).join('|')}|`, ...rows.map(line)]
}

/** Where more clients at once no longer help much. */
function kneeOf(mornings: readonly Morning[]): string {
  const best = Math.max(...mornings.map(({ perSecond }) => perSecond))
  const knee = mornings.find(({ perSecond }) => perSecond >= 0.9 * best)
  return `the knee at a limit of ${knee?.limit} is at ${knee?.clients} clients: ${knee?.perSecond.toFixed(0)} logins/s, where the most is ${best.toFixed(0)}`
}

async function startCluster(folder: string): Promise<BenchmarkChild> {
  const config = join(folder, 'cluster1.json')
  await writeFile(
    config,
    JSON.stringify({
      name: 'cluster1',
      dataDirectory: join(folder, 'cluster1'),
      secretsDirectory: join(folder, 'secrets'),
      listen: { host: '127.0.0.1', httpPort: 0, httpsPort: 0 },
      log: { level: 'error' },
      services: { ils: { active: false } },
    }),
  )
  return startFloor('../../cluster-node/main.ts', ['--config', config])
}

async function setLimit(url: string, limit: number): Promise<void> {
  const path = '/api/v1/service-parameters/Cisco%20Extension%20Mobility/Maximum%20Concurrent%20Requests'
  const answer = await fetch(`${url}${path}`, {
    method: 'PUT',
    headers: { authorization: `Basic ${btoa('administrator:roamline')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ value: String(limit) }),
  })
  if (!answer.ok) throw new Error(`the limit could not be set: ${await answer.text()}`)
}

/** Everybody is out before it begins. */
async function morning(url: string, crowd: readonly Seat[], how: { limit: number; clients: number }): Promise<Morning> {
  const body = logoutAllForm()
  const out = await fetch(`${url}${servlet}`, { method: 'POST', headers: { 'content-type': formType }, body })
  if ((await out.text()) !== success) throw new Error('not everybody could be logged out')
  return logEverybodyIn(url, crowd, how)
}

async function logEverybodyIn(
  url: string,
  crowd: readonly Seat[],
  { limit, clients }: { readonly limit: number; readonly clients: number },
): Promise<Morning> {
  const pool = new Pool(url, { connections: clients, pipelining: 1 })
  const waits: number[] = []
  let busy = 0
  const ask = async (body: string): Promise<string> => {
    const answer = await pool.request({ method: 'POST', path: servlet, headers: { 'content-type': formType }, body })
    return answer.body.text()
  }
  const queue = crowd.values()
  async function client(): Promise<void> {
    for (const seat of queue) {
      const startedAt = performance.now()
      const body = loginForm(seat)
      for (let answer = await ask(body); answer !== success; answer = await ask(body)) {
        if (!answer.includes('code="26"')) throw new Error(`${seat.userId} was not logged in: ${answer}`)
        busy += 1
        await pause(retryMs)
      }
      waits.push(performance.now() - startedAt)
    }
  }
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: clients }, client)).finally(() => pool.close())
  const seconds = (performance.now() - startedAt) / 1000
  const [p50, p99] = [quantile(waits, 0.5), quantile(waits, 0.99)]
  return { limit, clients, perSecond: crowd.length / seconds, busyShare: busy / (busy + crowd.length), p50, p99 }
}
