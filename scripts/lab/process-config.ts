// A lab and a placement → the JSON configuration of each of its processes.
import { hash } from 'node:crypto'
import { join } from 'node:path'
import { normalizeDirectoryNumber } from '../../services/wire/directory-number.ts'
import type { Endpoint } from './addresses.ts'
import { superUserSyncName } from './lab.ts'
import type { Lab, LabCluster, LabHub } from './lab.ts'

/** What a configuration needs beside the lab file. */
export interface Surroundings {
  /** Each process writes below its own folder of this one. */
  readonly dataDirectory: string
  readonly secretsDirectory: string
  readonly redisUrl: string
  /** Listen beyond loopback although the passwords are the well-known ones. */
  readonly insecureDefaults?: boolean
  endpoint(processName: string): Endpoint
  /** HTTPS base URL at which the Super User Synchronization Tool reaches a cluster. */
  clusterUrl(cluster: string): string
}

/** A process as the runner sees it. */
export interface ProcessConfig {
  readonly name: string
  readonly kind: 'hub' | 'cluster' | 'super-user-sync'
  readonly config: Readonly<Record<string, unknown>>
}

/** All of them, in the order of starting: hubs, clusters, the Super User Synchronization Tool. */
export function processConfigs(lab: Lab, around: Surroundings): ProcessConfig[] {
  const sync = superUserSyncName(lab)
  return [
    ...(lab.hubs ?? []).map((hub) => ({ name: hub.name, kind: 'hub' as const, config: hubConfig(lab, hub, around) })),
    ...lab.clusters.map((cluster) => ({
      name: cluster.name,
      kind: 'cluster' as const,
      config: clusterConfig(lab, cluster, around),
    })),
    ...(sync === undefined
      ? []
      : [{ name: sync, kind: 'super-user-sync' as const, config: superUserSyncConfig(lab, sync, around) }]),
  ]
}

function shared(name: string, around: Surroundings) {
  const { host, httpPort, advertise } = around.endpoint(name)
  return {
    name,
    dataDirectory: join(around.dataDirectory, name),
    listen: { host, httpPort, advertise },
    insecureDefaults: around.insecureDefaults ?? false,
  }
}

function hubConfig(lab: Lab, hub: LabHub, around: Surroundings) {
  const { catchUpGraceMs: _clusters, ...network } = lab.ils
  const { insecureDefaults: _, ...base } = shared(hub.name, around)
  const { authentication = 'password' } = lab.ils
  return {
    ...base,
    description: hub.description ?? '',
    // The hub has a certificate only where somebody asks for it.
    ...(authentication === 'password' ? {} : { secretsDirectory: around.secretsDirectory }),
    ils: present({ ...network, redisUrl: around.redisUrl, ...hubsOf(lab, hub), ...hub.ils }),
  }
}

/**
 * Hubs form a full mesh. One that names its registration server finds the others by itself; the others are told of one another,
 * so that they meet in whatever order they start.
 */
function hubsOf(lab: Lab, { name, registrationServer }: Pick<LabHub, 'name' | 'registrationServer'>) {
  if (registrationServer !== undefined) return { registrationServer }
  const hubs = [...(lab.hubs ?? []), ...lab.clusters.filter(({ role }) => role === 'hub')]
  const fellows = hubs.filter((hub) => hub.name !== name && hub.registrationServer === undefined)
  return { hubs: fellows.length > 0 ? fellows.map((hub) => hub.name) : undefined }
}

function clusterConfig(lab: Lab, cluster: LabCluster, around: Surroundings) {
  const base = shared(cluster.name, around)
  const { host, httpPort, httpsPort, tftpHttpPort, tftpPort, advertise } = around.endpoint(cluster.name)
  const baseUrls = { http: `http://${advertise}:${httpPort}`, https: `https://${advertise}:${httpsPort}` }
  const { role = 'spoke', hub, description, advertisedRouteString, exchangeGlobalDialPlan } = cluster
  const place = { role, hub, ...(role === 'hub' ? hubsOf(lab, cluster) : {}) }
  const dialPlan = { advertisedRouteString, exchangeGlobalDialPlan }
  const ils = { ...place, ...dialPlan, description, redisUrl: around.redisUrl, ...lab.ils }
  return {
    ...base,
    listen: { ...base.listen, httpsPort },
    description: cluster.description ?? '',
    publisher: cluster.publisher ?? true,
    secretsDirectory: around.secretsDirectory,
    services: {
      ...cluster.services,
      tftp: { ...present({ host, advertise, httpPort: tftpHttpPort, tftpPort }), ...cluster.services?.tftp },
      ...(cluster.publisher === false ? {} : { ils: { ...present(ils), ...cluster.services?.ils } }),
    },
    seed: clusterSeed(lab, cluster, baseUrls),
  }
}

interface BaseUrls {
  readonly http: string
  readonly https: string
}

/**
 * What a new database of this cluster is filled with, wherever the cluster will listen: it tells whether a database was made from
 * another lab file.
 */
export function fingerprintOfSeed(lab: Lab, cluster: LabCluster): string {
  return hash('sha256', JSON.stringify(clusterSeed(lab, cluster, { http: '{http}', https: '{https}' })))
}

function clusterSeed(lab: Lab, cluster: LabCluster, baseUrls: BaseUrls) {
  const { defaultDeviceProfiles, userProfiles, credentialPolicy, globalDialPlan } = cluster
  return {
    partitions: cluster.partitions ?? [],
    callingSearchSpaces: cluster.callingSearchSpaces ?? [],
    trunks: cluster.trunks ?? [],
    routePatterns: cluster.routePatterns ?? [],
    phoneServices: [...(lab.phoneServices ?? []), ...(cluster.phoneServices ?? [])].map((service) => ({
      ...service,
      url: fill(service.url, baseUrls),
      ...(service.secureUrl === undefined ? {} : { secureUrl: fill(service.secureUrl, baseUrls) }),
    })),
    deviceProfiles: (cluster.deviceProfiles ?? []).map((profile) => ({ ...profile, lines: stored(profile.lines) })),
    users: cluster.users ?? [],
    phones: (cluster.phones ?? []).map((phone) => ({ ...lab.phoneDefaults, ...phone, lines: stored(phone.lines) })),
    applicationUsers: cluster.applicationUsers ?? [],
    serviceParameters: cluster.serviceParameters ?? [],
    // Only where the lab says something of them: data of a lab file without them stays that of the same lab file.
    ...present({ defaultDeviceProfiles, userProfiles, credentialPolicy, globalDialPlan }),
  }
}

function fill(url: string, { http, https }: BaseUrls): string {
  return url.replaceAll('{http}', http).replaceAll('{https}', https)
}

function stored<Line extends { readonly dn: string }>(lines: readonly Line[] | undefined): Line[] {
  // The lab file's rules have refused what cannot be dialled.
  return (lines ?? []).map((line) => ({ ...line, dn: normalizeDirectoryNumber(line.dn) ?? line.dn }))
}

function superUserSyncConfig(lab: Lab, name: string, around: Surroundings) {
  const { schedule, runOnStart } = lab.superUserSync ?? {}
  return {
    ...shared(name, around),
    secretsDirectory: around.secretsDirectory,
    ...present({ schedule, runOnStart }),
    clusters: lab.clusters.map((cluster) => ({
      name: cluster.name,
      url: around.clusterUrl(cluster.name),
      userId: superUserSyncUser,
      password: passwordAt(cluster, superUserSyncUser),
    })),
  }
}

const superUserSyncUser = 'superusersync'

/** Every cluster has the standard application users with the standard password, unless the lab says otherwise. */
export function passwordAt(cluster: LabCluster, userId: string): string {
  return cluster.applicationUsers?.find((user) => user.userId.toLowerCase() === userId)?.password ?? 'roamline'
}

/** Where Cisco Tftp of a cluster listens; undefined for other processes, and for ports that are chosen at the start. */
export function tftpAddress({ kind, config }: ProcessConfig): { http: string; tftp: string } | undefined {
  if (kind !== 'cluster') return undefined
  const { tftp } = config['services'] as { tftp: { advertise?: string; httpPort?: number; tftpPort?: number } }
  const { advertise, httpPort, tftpPort } = tftp
  if (!advertise || !httpPort || !tftpPort) return undefined
  return { http: `http://${advertise}:${httpPort}`, tftp: `tftp://${advertise}:${tftpPort}` }
}

/** Without the members that the lab leaves to the process's own defaults. */
function present<T extends object>(members: T): Partial<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>
}
