// The default lab, each process in a network namespace of its own.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { createClusterClient } from '../../scripts/cluster-client.ts'
import type { ClusterClient } from '../../scripts/cluster-client.ts'
import { superUserSyncName } from '../../scripts/lab/lab.ts'
import { ManagedProcess } from '../../scripts/lab/managed-process.ts'
import { childEnvironment, nodeArguments, programs, readReadyLine } from '../../scripts/lab/node-child.ts'
import { processConfigs } from '../../scripts/lab/process-config.ts'
import type { ProcessConfig } from '../../scripts/lab/process-config.ts'
import { checkRedis, findServer } from '../../scripts/lab/redis.ts'
import { waitUntilSettled } from '../../scripts/lab/settled.ts'
import { startWatchdog } from '../../scripts/lab/watchdog.ts'
import { createNamespaces } from '../fixtures/netns.ts'
import type { Namespace } from '../fixtures/netns.ts'
import { waitFor } from '../fixtures/wait-for.ts'
import { quickLab } from '../failover/fixtures/quick-lab.ts'

const ports = { httpPort: 8080, httpsPort: 8443, tftpHttpPort: 6970, tftpPort: 69 }

export interface NamespacesLab {
  cluster(name: string): ClusterClient
  /** Of a process, also `redis`. */
  network(name: string): Namespace
  readonly networks: readonly Namespace[]
}

/** Started, settled, and stopped with the test. */
export async function startInNamespaces(t: Test): Promise<NamespacesLab> {
  const lab = quickLab()
  const names = ['redis', ...(lab.hubs ?? []), ...lab.clusters, superUserSyncName(lab) ?? []]
    .flat()
    .map((one) => (typeof one === 'string' ? one : one.name))
  const networks = await createNamespaces(t, names)
  const network = (name: string) => {
    const found = networks.get(name)
    if (!found) throw new Error(`there is no ${name}`)
    return found
  }
  const directory = t.testdir({})
  const configs = processConfigs(lab, {
    dataDirectory: directory,
    secretsDirectory: join(directory, 'secrets'),
    redisUrl: `redis://${network('redis').address}`,
    // The well-known passwords, on a network that ends with the test.
    insecureDefaults: true,
    endpoint: (name) => ({ host: '0.0.0.0', advertise: network(name).address, ...ports }),
    clusterUrl: (name) => `https://${network(name).address}:${ports.httpsPort}`,
  })
  const start = starter(t, directory, network)
  await startRedis(start, network('redis'))
  await Promise.all(configs.filter(({ kind }) => kind !== 'super-user-sync').map((one) => startNode(start, one)))
  await Promise.all(configs.filter(({ kind }) => kind === 'super-user-sync').map((one) => startNode(start, one)))
  const cluster = (name: string) =>
    createClusterClient({ name, http: `http://${network(name).door}:${ports.httpPort}` })
  await waitUntilSettled(
    lab,
    lab.clusters.map(({ name }) => cluster(name)),
  )
  return { cluster, network, networks: [...networks.values()] }
}

type Start = (name: string, command: readonly string[], ready: ManagedProcess['spec']['ready']) => Promise<void>

function starter(t: Test, directory: string, network: (name: string) => Namespace): Start {
  const watchdog = startWatchdog()
  t.teardown(() => watchdog.close())
  return async (name, [program = '', ...args], ready) => {
    const [command, ...rest] = network(name).inside(program, ...args)
    const logFile = join(directory, `${name}.log`)
    const spec = { name, kind: name, command, arguments: rest, environment: childEnvironment(), logFile, ready }
    const managed = new ManagedProcess(spec, watchdog)
    t.teardown(() => managed.stop())
    await managed.start()
  }
}

async function startRedis(start: Start, { door }: Namespace): Promise<void> {
  const settings = ['--bind', '0.0.0.0', '--protected-mode', 'no', '--dir', '/', '--save', '', '--appendonly', 'no']
  const answers = () => checkRedis(`redis://${door}`).then(() => true)
  await start(
    'redis',
    [findServer()?.file ?? '', ...settings],
    async () => void (await waitFor('Redis answers', answers)),
  )
}

async function startNode(start: Start, { name, kind, config }: ProcessConfig): Promise<void> {
  const { dataDirectory } = config as { readonly dataDirectory: string }
  mkdirSync(dataDirectory, { recursive: true })
  const file = join(dataDirectory, 'config.json')
  writeFileSync(file, JSON.stringify(config))
  const command = [process.execPath, ...nodeArguments, programs[kind], '--config', file]
  await start(name, command, async (child) => void (await readReadyLine(child)))
}
