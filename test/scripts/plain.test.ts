// Names, numbers and texts of other clusters are printed on the terminal of an administrator of this one.
import t from 'tap'
import type { Belief } from '../../scripts/beliefs.ts'
import { clusterViewTable, configurationText, ilsStatusTable, peerInfoText } from '../../scripts/ils-tables.ts'
import { plain } from '../../scripts/plain.ts'
import { beliefTable } from '../../scripts/tables.ts'
import { describeCall } from '../../scripts/verbs/call.ts'
import { describeSynchronization } from '../../scripts/verbs/ils-synchronize.ts'
import { describeEvent } from '../../scripts/verbs/trace.ts'
import { Cause } from '../../services/callmanager/api.ts'
import type { IlsCluster, IlsConfigured, IlsStatus } from '../../services/ils/api.ts'

/** Sets the window's title, clears the screen by a character beyond ASCII as well, writes backwards, and begins a line of its own. */
const hostile = 'x\u001B]0;mine\u0007\u009B2J\u202Ey\r\nroot: all is well\u2028'
const steering = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
const at = '2026-11-21T07:00:00.000Z'

t.test('what steers a terminal is a blank', async (t) => {
  t.equal(plain('a\u001B[31mb\u202E'), 'a [31mb ')
  t.equal(plain('Zoë 日本 📞'), 'Zoë 日本 📞')
})

t.test('none of it reaches the terminal, whatever is printed', async (t) => {
  const location = { dn: '1', userId: hostile, cluster: hostile, deviceNames: [hostile], source: 'learned', since: at }
  const cluster: IlsCluster = {
    clusterId: hostile,
    self: false,
    role: 'spoke',
    hub: hostile,
    status: hostile as IlsCluster['status'],
    description: hostile,
    version: hostile,
    https: hostile,
    hostNames: [hostile],
    services: { [hostile]: true },
    advertisedRouteString: hostile,
  }
  const status: IlsStatus = {
    clusterId: 'cluster1',
    role: 'spoke',
    hub: hostile,
    peers: [{ ...cluster, usn: 1, direct: true, role: 'spoke' }],
    progress: { peer: hostile, records: 1, of: 2 },
    learned: { superusers: 0, locations: 0, records: 0 },
    warnings: [hostile],
  }
  const call = {
    id: '1',
    from: { cluster: 'cluster1', dn: '1' },
    to: { cluster: hostile, dn: '2', userId: hostile, deviceName: hostile },
    state: 'connected',
    hops: [{ cluster: hostile, action: hostile, at }],
    startedAt: at,
    cause: Cause.normalClearing,
  } as unknown as Parameters<typeof describeCall>[0]
  const event = { type: 'ilsLocation', at, cluster: 'cluster1', userId: hostile, dns: [hostile], monotonicMs: 1 }
  const configuration: IlsConfigured = {
    role: 'spoke',
    registrationServer: hostile,
    exchangeGlobalDialPlan: true,
    advertisedRouteString: hostile,
    synchronizeClustersEveryMinutes: 10,
    untold: [hostile],
  }
  const refused = { asked: 'cluster2', problem: hostile }
  const synchronized = { asked: 'cluster1', answer: { asked: [hostile], unreachable: [hostile] } }
  const printed = {
    'roamline where': beliefTable([
      { asked: 'cluster1', location } as Belief,
      { asked: 'cluster2', problem: hostile } as Belief,
    ]),
    'roamline call': describeCall(call),
    'roamline trace': describeEvent(event as Parameters<typeof describeEvent>[0]),
    'roamline ils status': ilsStatusTable([{ asked: 'cluster1', answer: status }, refused]),
    'roamline ils view': clusterViewTable({ asked: 'cluster1', clusters: [cluster] }),
    'roamline ils showpeerinfo': peerInfoText([cluster]),
    'roamline ils configure': configurationText('cluster1', configuration),
    'roamline ils synchronize': describeSynchronization(synchronized),
    'roamline ils synchronize, refused': describeSynchronization(refused),
  }
  for (const [verb, text] of Object.entries(printed)) {
    t.match(text, 'mine', verb)
    for (const line of text.split('\n')) t.notMatch(line, steering, verb)
    t.notMatch(text, /^root:/mu, verb)
  }
})
