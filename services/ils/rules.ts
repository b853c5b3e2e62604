// What ILS Configuration may not be, in sentences for people. One place for the configuration file, the JSON door and hubs.
import { nodeIdPattern } from '../../ils-sync/core/data/record.ts'
import { refusalOfRouteString } from '../wire/route-string.ts'
import type { IlsConfiguration } from './api.ts'

/** What of a node's surroundings the rules look at. */
export interface RuleSurroundings {
  readonly clusterId: string
  readonly hubs: readonly string[]
  readonly authentication: 'password' | 'certificates' | 'both'
  readonly password: string
  /** Whether the node has a certificate of its own. Default: it has. */
  readonly certificate?: boolean
}

/** `wrong`: what was asked for makes no sense. `state`: it would, but the node is not ready for it. */
export interface Breach {
  readonly kind: 'wrong' | 'state'
  readonly sentence: string
}

const unsetClusterId = 'StandAloneCluster'

/** The first breach; undefined when the configuration can be. */
export function breachOf(configuration: IlsConfiguration, around: RuleSurroundings): Breach | undefined {
  const { role, registrationServer, advertisedRouteString } = configuration
  return (
    wrongId(around.clusterId) ??
    wrongNames([registrationServer, ...around.hubs].filter((name) => name !== '')) ??
    wrongServer(configuration, around) ??
    (role === 'standalone' ? undefined : (wrongPlace(configuration, around) ?? lacking(around))) ??
    // The Cluster ID stands for itself, also where no SIP route pattern could.
    (['', around.clusterId.toLowerCase()].includes(advertisedRouteString)
      ? undefined
      : wrongString(advertisedRouteString))
  )
}

function wrongId(clusterId: string): Breach | undefined {
  // System Configuration Guide, Configure Intercluster Lookup Service: the ID is unique, and not the default one.
  if (clusterId === unsetClusterId)
    return { kind: 'state', sentence: `the Cluster ID is still ${unsetClusterId}; ILS needs a unique one` }
  return nodeIdPattern.test(clusterId) ? undefined : { kind: 'state', sentence: notAnId(clusterId) }
}

function wrongNames(names: readonly string[]): Breach | undefined {
  const found = names.find((name) => !nodeIdPattern.test(name))
  return found === undefined ? undefined : wrong(notAnId(found))
}

function notAnId(name: string): string {
  return `"${name}" cannot be a Cluster ID: up to 50 alphanumerics, dots and dashes`
}

function wrong(sentence: string): Breach {
  return { kind: 'wrong', sentence }
}

/** In any role: a standalone cluster would keep it until it is to join by it. */
function wrongServer({ role, registrationServer }: IlsConfiguration, { clusterId }: RuleSurroundings) {
  if (registrationServer !== clusterId) return undefined
  if (role === 'standalone') return wrong('a cluster cannot register with itself')
  return wrong(role === 'spoke' ? 'a spoke cannot be its own hub' : 'a hub cannot register with itself')
}

function wrongPlace({ role, registrationServer }: IlsConfiguration, { clusterId, hubs }: RuleSurroundings) {
  if (role === 'spoke' && registrationServer === '') return wrong('a spoke needs the name of its hub')
  if (registrationServer === unsetClusterId) return wrong(`no hub is called ${unsetClusterId}: ILS needs unique IDs`)
  return role === 'hub' && hubs.includes(clusterId) ? wrong('a hub cannot register with itself') : undefined
}

function lacking({ authentication, password, certificate = true }: RuleSurroundings): Breach | undefined {
  if (authentication !== 'certificates' && password === '')
    return { kind: 'state', sentence: 'ILS needs a password, the same at every cluster of the network' }
  if (authentication !== 'password' && !certificate)
    return {
      kind: 'state',
      sentence: 'ILS authentication by certificates needs secretsDirectory, where the node gets its own from',
    }
  return undefined
}

function wrongString(routeString: string): Breach | undefined {
  const why = refusalOfRouteString(routeString)
  return why === undefined ? undefined : wrong(`that is no Advertised Route String: ${why}`)
}
