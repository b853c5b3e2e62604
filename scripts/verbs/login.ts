import type { Command } from 'commander'
import { clusterOfDevice, connectToLab } from '../lab-client.ts'
import { printResult, run, talksToLab } from './verb.ts'
import type { CommonOptions } from './verb.ts'

interface LoginOptions extends CommonOptions {
  readonly pin: string
  readonly cluster?: string
  readonly profile?: string
}

/** `roamline login <user> <device> --pin P` */
export function addLogin(program: Command): void {
  const command = program
    .command('login')
    .description('log a user in to a phone')
    .argument('<user>', 'user ID')
    .argument('<device>', 'name of the phone')
    .requiredOption('--pin <pin>', "the user's PIN")
    .option('--cluster <name>', 'cluster of the phone; default: the one that has it')
    .option('--profile <name>', "one of the user's device profiles; default: their default one")
  talksToLab(command, 'npx roamline login bob SEP000000020002 --pin 12345').action(
    (userId: string, deviceName: string, options: LoginOptions) =>
      run(options.json, async () => {
        const cluster = await clusterOfDevice(await connectToLab(options).clusters(options.cluster), deviceName)
        const { pin, profile } = options
        const login = await cluster.login({
          deviceName,
          userId,
          pin,
          ...(profile === undefined ? {} : { deviceProfile: profile }),
        })
        printResult({ cluster: cluster.name, ...login }, options.json, (done) => {
          return `${done.userId} is logged in on ${done.deviceName} at ${done.cluster} (${done.deviceProfile})`
        })
      }),
  )
}
