import type { Command } from 'commander'
import { addIlsConfigure } from './ils-configure.ts'
import { addIlsShowPeerInfo } from './ils-showpeerinfo.ts'
import { addIlsStatus } from './ils-status.ts'
import { addIlsSynchronize } from './ils-synchronize.ts'
import { addIlsView } from './ils-view.ts'

/** `roamline ils …`: the Intercluster Lookup Service of all clusters and hubs of the lab */
export function addIls(program: Command): void {
  const ils = program
    .command('ils')
    .description('the Intercluster Lookup Service: who is in the network, in which state, and who is what in it')
    .addHelpText('after', '\nEvery one of them has --help and --json.\n\nExample:\n  $ npx roamline ils status\n')
  addIlsStatus(ils)
  addIlsView(ils)
  addIlsShowPeerInfo(ils)
  addIlsConfigure(ils)
  addIlsSynchronize(ils)
}
