// A lab of any size: hubs that are no clusters, clusters spread over them, at each cluster one phone and one person.
import type { Lab } from '../../lab/lab.ts'

export interface ScaleLabSize {
  readonly hubs: number
  readonly clusters: number
  /** Of so many people one is a superuser, beginning with the first: known at every cluster, free to log in anywhere. */
  readonly superuserEvery: number
}

/** Someone who may log in anywhere. */
export interface Traveller {
  readonly userId: string
  readonly home: string
}

export const pin = '12345'

const hubName = (index: number) => `hub${index + 1}`
export const clusterName = (index: number) => `cluster${index + 1}`
/** The one phone of a cluster. */
export const phoneOf = (index: number) => `SEP${String(30_000 + index).padStart(12, '0')}`

/** The superusers whose homes are among the first `clusters`. */
export function travellers(clusters: number, superuserEvery: number): readonly Traveller[] {
  return Array.from({ length: Math.ceil(clusters / superuserEvery) }, (_, nth) => ({
    userId: userId(nth * superuserEvery),
    home: clusterName(nth * superuserEvery),
  }))
}

/** Superusers have their copies from the beginning, as the Super User Synchronization Tool would have made them. */
export function scaleLab(size: ScaleLabSize): Lab {
  const indices = Array.from({ length: size.clusters }, (_, index) => index)
  const roaming = indices.filter((index) => index % size.superuserEvery === 0)
  return {
    name: 'scale',
    ils: { network: `scale-${process.pid}`, password: 'scale' },
    hubs: Array.from({ length: size.hubs }, (_, index) => ({ name: hubName(index) })),
    clusters: indices.map((index) => {
      const people = [...new Set([index, ...roaming])]
      return {
        name: clusterName(index),
        role: 'spoke' as const,
        hub: hubName(index % size.hubs),
        deviceProfiles: people.map((person) => ({
          name: `${userId(person)}-profile`,
          lines: [{ dn: numberOf(person) }],
        })),
        users: people.map((person) => ({
          userId: userId(person),
          pin,
          lastName: userId(person),
          primaryExtension: numberOf(person),
          deviceProfiles: [`${userId(person)}-profile`],
          superuser: person % size.superuserEvery === 0,
          homeCluster: person === index,
        })),
        phones: [{ name: phoneOf(index), extensionMobility: true, lines: [{ dn: String(4_000_000 + index) }] }],
      }
    }),
  }
}

function userId(index: number): string {
  return `user${index + 1}`
}

function numberOf(index: number): string {
  return String(3_000_000 + index)
}
