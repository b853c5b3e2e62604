import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import type { IlsConfiguration } from '../../services/ils/api.ts'
import { LabError } from '../lab/lab-error.ts'
import { connectToLab } from '../lab-client.ts'
import { printResult, run, talksToLab } from './verb.ts'
import type { CommonOptions } from './verb.ts'

interface ConfigureOptions extends CommonOptions {
  readonly role?: IlsConfiguration['role']
  readonly hub?: string
  readonly routeString?: string
  readonly exchange?: 'on' | 'off'
  readonly every?: number
}

/** `roamline ils configure <cluster>` */
export function addIlsConfigure(ils: Command): void {
  const command = ils
    .command('configure')
    .description(
      'show ILS Configuration of a cluster, or change what the options say; in effect at once, kept over restarts',
    )
    .argument('<cluster>', 'e.g. cluster1')
    .addOption(new Option('--role <role>', 'place in the network').choices(['standalone', 'hub', 'spoke']))
    .option('--hub <name>', "Registration Server: a spoke's hub, or the hub that a new hub names; '' for the first hub")
    .option('--route-string <text>', "Advertised Route String; '' for the Cluster ID")
    .addOption(new Option('--exchange <on|off>', 'exchange Global Dial Plan Replication data').choices(['on', 'off']))
    .option('--every <minutes>', 'Synchronize Clusters Every, 1 to 1440 minutes', minutes)
  talksToLab(command, 'npx roamline ils configure cluster3 --role spoke --hub hub').action(
    (name: string, options: ConfigureOptions) =>
      run(options.json, async () => {
        const configuration = await configure(name, options)
        const { configurationText } = await import('../ils-tables.ts')
        printResult(configuration, options.json, (now) => configurationText(name, now))
      }),
  )
}

async function configure(name: string, options: ConfigureOptions): Promise<IlsConfiguration> {
  const lab = connectToLab(options)
  const [cluster] = await lab.ilsNodes(name)
  const path = '/api/v1/ils/configuration'
  const changes = changesOf(options)
  if (cluster === undefined) throw new LabError('LAB_USAGE', `${name} is not running.`)
  if (Object.keys(changes).length === 0) return cluster.get<IlsConfiguration>(path)
  const { processes } = await lab.status()
  if (processes.find((one) => one.name === name)?.kind === 'hub')
    throw new LabError('LAB_USAGE', `${name} is a hub process: its ILS Configuration is that of the lab file.`)
  return cluster.patch<IlsConfiguration>(path, changes)
}

function changesOf({ role, hub, routeString, exchange, every }: ConfigureOptions): Partial<IlsConfiguration> {
  return {
    ...(role === undefined ? {} : { role }),
    ...(hub === undefined ? {} : { registrationServer: hub }),
    ...(routeString === undefined ? {} : { advertisedRouteString: routeString }),
    ...(exchange === undefined ? {} : { exchangeGlobalDialPlan: exchange === 'on' }),
    ...(every === undefined ? {} : { synchronizeClustersEveryMinutes: every }),
  }
}

function minutes(text: string): number {
  const value = Number(text)
  if (/^\d+$/u.test(text) && value >= 1 && value <= 1440) return value
  throw new InvalidArgumentError('A whole number from 1 to 1440 is needed.')
}
