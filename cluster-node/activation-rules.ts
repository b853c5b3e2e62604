// What Service Activation may and may not do, each refusal as a problem that says what to do instead.
import { Problem } from '../services/problem.ts'
import type { RunningService, Service } from '../services/service.ts'

/** A service and what is known of it at run time. */
export interface Slot {
  readonly service: Service
  running?: RunningService<unknown>
  /** Why it does not run although it should; one sentence. */
  failure?: string
}

/** The refusals, over the services of one cluster. */
export interface ActivationRules {
  /** By folder name or title, without regard to case; throws 404 if there is none. */
  named(nameOrTitle: string): Slot
  /** By folder name; undefined if there is none. */
  bySlug(name: string): Slot | undefined
  /** Throws 409. */
  refuseActivation(slot: Slot): void
  /** Throws 409. */
  refuseDeactivation(slot: Slot): void
  /** 503 unless it runs: what the vendor's phones show as "HTTP Error (503)". */
  inactive(name: string): Problem | undefined
}

/** `cluster` and `publisher` are facts about the node on which the services are to run. */
export function activationRules(
  slots: readonly Slot[],
  node: { cluster: string; publisher: boolean },
): ActivationRules {
  const bySlug = new Map(slots.map((slot) => [slot.service.name as string, slot]))

  /** Title of the first service that this one needs and that does not run. */
  function missingDependency({ service }: Slot): string | undefined {
    const missing = service.dependsOn.find((name) => !bySlug.get(name)?.running)
    return missing && (bySlug.get(missing)?.service.title ?? missing)
  }

  return {
    named(nameOrTitle) {
      const wanted = nameOrTitle.toLowerCase()
      const slot = slots.find(({ service }) => service.name === wanted || service.title.toLowerCase() === wanted)
      if (slot) return slot
      const names = slots.map(({ service }) => service.name).join(', ')
      throw new Problem({
        status: 404,
        title: 'Unknown Service',
        detail: `there is no service ${nameOrTitle}, only ${names}`,
      })
    },
    bySlug: (name) => bySlug.get(name),
    refuseActivation(slot) {
      const { title, publisherOnly } = slot.service
      // System Configuration Guide, Configure ILS: "You must choose the publisher node to activate ILS services".
      if (publisherOnly && !node.publisher) {
        throw conflict(
          'Publisher Only',
          `${title} can only be activated on a publisher, and ${node.cluster} is not one`,
        )
      }
      const missing = missingDependency(slot)
      if (missing) throw conflict('Dependency Not Active', `${title} needs ${missing}: activate that first`)
    },
    refuseDeactivation(slot) {
      const { title, name, kind, stoppable = false } = slot.service
      if (kind === 'network' && !stoppable)
        throw conflict(
          'Network Service',
          `${title} is a network service that the cluster cannot do without: it always runs`,
        )
      const dependent = slots.find(({ service, running }) => running && service.dependsOn.includes(name))
      if (dependent)
        throw conflict('Service In Use', `${dependent.service.title} needs ${title}: deactivate that first`)
    },
    inactive(name) {
      const slot = bySlug.get(name)
      if (slot?.running) return undefined
      const { title, kind, stoppable = false } = slot?.service ?? { title: name, kind: 'network' }
      const verb = kind === 'network' ? 'start' : 'activate'
      const advice =
        kind === 'feature' || stoppable
          ? `${verb} it with PUT /api/v1/services/${name} {"active":true}`
          : 'the cluster is starting or stopping'
      const detail = `${title} is not active on ${node.cluster}: ${advice}`
      return new Problem({ status: 503, title: 'Service Not Active', detail })
    },
  }
}

function conflict(title: string, detail: string): Problem {
  return new Problem({ status: 409, title, detail })
}
