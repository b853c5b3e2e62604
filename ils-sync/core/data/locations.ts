// Where a superuser is: a pure function of what every cluster says about that user. All replicas that hold the same
// records answer the same, whatever the order in which the records came.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { createCheck } from '../wire/check.ts'
import type { JsonValue } from './record.ts'

/** Value of kind `superuser`: published by the home cluster alone. */
export const SuperuserValue = Type.Object({
  userId: Type.String(),
  homeCluster: Type.String(),
  /** Stored DNs, primary extension first. */
  dns: Type.Array(Type.String()),
  /** ISO 8601. */
  since: Type.String(),
})
export type SuperuserValue = Static<typeof SuperuserValue>

/** Value of kind `location`: what one cluster says about one superuser's logins there. */
export const LocationValue = Type.Object({
  userId: Type.String(),
  dns: Type.Array(Type.String()),
  deviceNames: Type.Array(Type.String()),
  loggedIn: Type.Boolean(),
  /** Hybrid clock of the last login at this origin; kept after the logout, so that it still supersedes older logins. */
  loginClock: Type.String(),
  /** ISO 8601 of the login or logout. */
  since: Type.String(),
})
export type LocationValue = Static<typeof LocationValue>

/** Value of kind `peer-info`, which every node publishes about itself. */
export const PeerInfoValue = Type.Object({
  description: Type.String(),
  version: Type.String(),
  /** `standalone`: it has left the network. */
  role: Type.Union([Type.Literal('hub'), Type.Literal('spoke'), Type.Literal('standalone')]),
  /** The hub that a spoke is configured for. */
  hub: Type.Optional(Type.String()),
  /** HTTPS base URL; empty if it has none. */
  https: Type.String(),
  // From here on since release 0.3: a record without them is of an older node.
  peerId: Type.Optional(Type.String()),
  /** Of its ILS-activated nodes, the publisher first. */
  hostNames: Type.Optional(Type.Array(Type.String())),
  /** All its nodes, by name or address. */
  nodes: Type.Optional(Type.Array(Type.String())),
  /** Title → whether it is activated there. */
  services: Type.Optional(Type.Record(Type.String(), Type.Boolean())),
  advertisedRouteString: Type.Optional(Type.String()),
})
export type PeerInfoValue = Static<typeof PeerInfoValue>

const checks = {
  superuser: createCheck(SuperuserValue),
  location: createCheck(LocationValue),
  peerInfo: createCheck(PeerInfoValue),
}

/** Undefined for a tombstone, and for a value whose writer is not of our making: it is relayed but not used. */
export const asSuperuser = (value: JsonValue): SuperuserValue | undefined =>
  checks.superuser(value) ? value : undefined
export const asLocation = (value: JsonValue): LocationValue | undefined => (checks.location(value) ? value : undefined)
export const asPeerInfo = (value: JsonValue): PeerInfoValue | undefined => (checks.peerInfo(value) ? value : undefined)

/** What one cluster says about a user. */
export interface Sighting {
  readonly clusterId: string
  readonly location: LocationValue
}

/** The sighting with the newest login, ties by cluster ID (which the reading ends with, too). Undefined if there is none. */
export function newestLogin(sightings: Iterable<Sighting>): Sighting | undefined {
  let newest: Sighting | undefined
  for (const sighting of sightings) if (newest === undefined || isNewer(sighting, newest)) newest = sighting
  return newest
}

/**
 * The cluster whose newer login ends the user's login at `self`; undefined when that login stands, or there is none. A newer
 * login supersedes even when it has ended since: the user has walked away from the older phone.
 */
export function supersededBy(self: string, sightings: Iterable<Sighting>): string | undefined {
  const all = [...sightings]
  const own = all.find((sighting) => sighting.clusterId === self)
  if (!own?.location.loggedIn) return undefined
  const newest = newestLogin(all)
  return newest === own ? undefined : newest?.clusterId
}

function isNewer(a: Sighting, b: Sighting): boolean {
  if (a.location.loginClock !== b.location.loginClock) return a.location.loginClock > b.location.loginClock
  return a.clusterId > b.clusterId
}
