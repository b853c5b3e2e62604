import type { Command } from 'commander'
import { clusterOfDevice, connectToLab } from '../lab-client.ts'
import { printResult, run, talksToLab } from './verb.ts'
import type { CommonOptions } from './verb.ts'

interface LogoutOptions extends CommonOptions {
  readonly cluster?: string
}

/** `roamline logout <device>` */
export function addLogout(program: Command): void {
  const command = program
    .command('logout')
    .description('log out whoever is logged in on a phone')
    .argument('<device>', 'name of the phone')
    .option('--cluster <name>', 'cluster of the phone; default: the one that has it')
  talksToLab(command, 'npx roamline logout SEP000000020002').action((deviceName: string, options: LogoutOptions) =>
    run(options.json, async () => {
      const cluster = await clusterOfDevice(await connectToLab(options).clusters(options.cluster), deviceName)
      await cluster.logout(deviceName)
      printResult({ cluster: cluster.name, deviceName }, options.json, () => {
        return `Nobody is logged in on ${deviceName} at ${cluster.name} any more`
      })
    }),
  )
}
