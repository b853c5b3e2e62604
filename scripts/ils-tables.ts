// ILS for people: status page, Cluster View, peer info, ILS Configuration.
import type { IlsCluster, IlsConfigured, IlsPeer, IlsStatus } from '../services/ils/api.ts'
import type { IlsAnswer, SeenClusters } from './ils-answers.ts'
import { plain } from './plain.ts'
import { table } from './tables.ts'
import { paint } from './verbs/verb.ts'

/** `roamline ils status` */
export function ilsStatusTable(answers: readonly IlsAnswer<IlsStatus>[]): string {
  const rows = answers.flatMap(({ asked, answer, problem }) => {
    if (answer === undefined) return [[asked, '', '', paint('red', plain(problem ?? '')), '', '', '', '']]
    const peers =
      answer.peers.length === 0
        ? [['', '', paint('yellow', 'no peers'), '', '', '', '']]
        : answer.peers.map((peer) => peerRow(peer))
    return peers.map((row, at) => [at === 0 ? `${asked}, ${placeOf(answer)}` : '', ...row])
  })
  const head = ['asked', 'cluster', 'role', 'status', 'last contact', 'USN', 'lag', 'route string']
  const notes = answers.flatMap(({ asked, answer }) => (answer ? notesOn(asked, answer) : []))
  return [table(head, rows), ...notes].join('\n')
}

/** As the vendor's page spells them. */
const roles = { standalone: 'Standalone Cluster', hub: 'Hub Cluster', spoke: 'Spoke Cluster' } as const

function placeOf({ role, hub }: Pick<IlsStatus, 'role' | 'hub'>): string {
  return hub === undefined ? roles[role] : `${roles[role]} of ${plain(hub)}`
}

function peerRow({ clusterId, role, status, lastContact, usn, lag, advertisedRouteString, direct }: IlsPeer): string[] {
  return [
    plain(clusterId),
    roles[role],
    paintStatus(status),
    // Nobody beyond the hub is contacted: there it is when the last change came, since the start.
    lastContact === undefined ? (direct ? 'never' : '–') : `${lastContact.slice(0, 19)}Z`,
    String(usn),
    lag === undefined || lag.usns === 0 ? '' : `${lag.usns} USNs, ${Math.round(lag.seconds)} s`,
    plain(advertisedRouteString ?? ''),
  ]
}

function notesOn(asked: string, { learned, progress, warnings = [] }: IlsStatus): string[] {
  const { superusers, locations, records, objects, maximumObjects, refusedObjects = 0, duplicates = 0 } = learned
  const dialPlan =
    objects === undefined
      ? []
      : [
          `${objects} of at most ${maximumObjects ?? '?'} learned objects`,
          ...(refusedObjects > 0 ? [paint('red', `${refusedObjects} not written`)] : []),
          ...(duplicates > 0 ? [paint('yellow', `${duplicates} hidden by earlier ones`)] : []),
        ]
  const people = `${superusers} ${superusers === 1 ? 'superuser' : 'superusers'}`
  const facts = [people, `${locations} logged in elsewhere`, `${records} records`, ...dialPlan]
  return [
    `${asked} has learned ${facts.join(', ')}`,
    ...(progress
      ? [`${asked} synchronizes with ${plain(progress.peer)}: ${progress.records} of ${progress.of} records`]
      : []),
    ...warnings.map((warning) => paint('yellow', `${asked}: ${plain(warning)}`)),
  ]
}

/** Words other than `Up to Date` deserve a look; silence more than that. */
function paintStatus(status: string): string {
  if (status === 'Up to Date' || status === 'Local') return paint('green', status)
  return paint(status === 'Unreachable' || status === 'Never contacted' ? 'red' : 'yellow', plain(status))
}

/** The columns of the vendor's Cluster View; two of them stand for features that no cluster of ours has. */
const viewed = [
  ['EMCC', undefined],
  ['TFTP', 'Cisco Tftp'],
  ['RSVP Agent', undefined],
  ['Extension Mobility', 'Cisco Extension Mobility'],
  ['CallManager', 'Cisco CallManager'],
] as const

/** `roamline ils view` */
export function clusterViewTable({ asked, clusters }: SeenClusters): string {
  const rows = clusters.map(({ clusterId, role, hub, status, description, version, services, hostNames = [] }) => [
    plain(clusterId),
    placeOf({ role, ...(hub !== undefined && { hub }) }),
    paintStatus(status),
    plain(description ?? ''),
    plain(version ?? ''),
    hostNames.map((name) => plain(name)).join('\n'),
    ...viewed.map(([, title]) => activation(services, title)),
  ])
  const head = ['cluster', 'role', 'status', 'description', 'version', 'nodes', ...viewed.map(([name]) => name)]
  return [`Cluster View of ${asked}`, table(head, rows)].join('\n')
}

function activation(services: IlsCluster['services'], title: string | undefined): string {
  const active = title === undefined ? undefined : services?.[title]
  return active === undefined ? '–' : active ? paint('green', 'yes') : paint('yellow', 'no')
}

/** `roamline ils showpeerinfo` */
export function peerInfoText(clusters: readonly IlsCluster[]): string {
  return clusters.map((cluster) => peerInfoOf(cluster)).join('\n\n')
}

function peerInfoOf(cluster: IlsCluster): string {
  const { services = {}, hostNames = [] } = cluster
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Cluster ID', cluster.clusterId],
    ['Peer ID', cluster.peerId],
    ['Description', cluster.description],
    ['Version', cluster.version],
    ['Role', placeOf(cluster)],
    ['Nodes', hostNames.map((name, at) => (at === 0 ? `${name} (publisher)` : name)).join(', ')],
    ['HTTPS', cluster.https],
    ['Advertised Route String', cluster.advertisedRouteString],
    ['Activated', titlesOf(services, true)],
    ['Deactivated', titlesOf(services, false)],
    ['Status', cluster.status],
    ['Last contact', cluster.lastContact],
  ]
  return facts.flatMap(([name, value]) => (value ? [`${`${name}:`.padEnd(25)}${plain(value)}`] : [])).join('\n')
}

function titlesOf(services: Readonly<Record<string, boolean>>, active: boolean): string {
  const titles = Object.entries(services).filter(([, is]) => is === active)
  return titles.map(([title]) => title).join(', ')
}

/** `roamline ils configure` */
export function configurationText(name: string, configuration: IlsConfigured): string {
  const { role, registrationServer, exchangeGlobalDialPlan, advertisedRouteString, untold = [] } = configuration
  return [
    `ILS Configuration of ${name}`,
    `  Role:                         ${roles[role]}`,
    `  Registration Server:          ${plain(registrationServer) || '(blank)'}`,
    `  Exchange Global Dial Plan:    ${exchangeGlobalDialPlan ? 'on' : 'off'}`,
    `  Advertised Route String:      ${plain(advertisedRouteString) || '(none)'}`,
    `  Synchronize Clusters Every:   ${configuration.synchronizeClustersEveryMinutes} minutes`,
    ...(untold.length === 0
      ? []
      : [paint('yellow', `Not told, so they go on to show ${name}, as Unreachable: ${plain(untold.join(', '))}`)]),
  ].join('\n')
}
