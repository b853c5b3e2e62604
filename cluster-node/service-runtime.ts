// Starts and stops the services of one cluster, at boot and at run time.
import { Problem } from '../services/problem.ts'
import type { ContextOf, Logger, Service, ServiceApis, ServiceContext, ServiceName } from '../services/service.ts'
import type { EventBus, ServiceControl, ServiceStatus } from '../services/serviceability/api.ts'
import type { ServiceConfig } from './config.ts'
import { activationRules } from './activation-rules.ts'
import type { ActivationRules, Slot } from './activation-rules.ts'
import { inStartOrder } from './start-order.ts'
import { isMisconfiguration, refusalSentence } from './startup-refusal.ts'

/** Where decisions of Service Activation are kept, by title. */
export interface ActivationStore {
  /** Undefined while nobody has decided. */
  get(title: string): boolean | undefined
  /** Resolves when it is on disk. */
  set(title: string, active: boolean): Promise<void>
}

/** What the runtime is made of. */
export interface RuntimeParts {
  readonly cluster: string
  readonly publisher: boolean
  readonly catalogue: readonly Service[]
  readonly configs: Readonly<Record<string, ServiceConfig>>
  readonly activation: ActivationStore
  readonly events: EventBus
  readonly log: Logger
  context(service: Service): ServiceContext
}

/** The services of one cluster. */
export interface ServiceRuntime extends ServiceControl {
  /** Starts one network service ahead of the others. */
  startFirst(name: ServiceName): Promise<void>
  /** Starts what is to be active and does not run. A network service that fails rejects, and so does a wrong configuration; else a feature service stays inactive and says so. */
  startAll(): Promise<void>
  /** Stops everything, dependents first. Never rejects. */
  stopAll(): Promise<void>
  find<Name extends ServiceName>(name: Name): ServiceApis[Name] | undefined
  /** The problem (503) that the routes of an inactive service answer with; undefined while it runs. */
  inactive(name: ServiceName): Problem | undefined
  /** One sentence for each thing that is being waited for; empty when ready. */
  waitingFor(): readonly string[]
}

/** Nothing runs yet. Activations, deactivations, start and stop wait for one another. */
export function createServiceRuntime(parts: RuntimeParts): ServiceRuntime {
  const slots: readonly Slot[] = inStartOrder(parts.catalogue).map((service) => ({ service }))
  const rules = activationRules(slots, parts)
  const { start, stop, startAtBoot, activate, deactivate } = createLifecycle(rules, parts)
  const oneAtATime = serialize()

  return {
    list: () => slots.map((slot) => statusOf(slot, slots)),
    setActive: (nameOrTitle, active) =>
      oneAtATime(async () => {
        const slot = rules.named(nameOrTitle)
        if (Boolean(slot.running) !== active || slot.failure) await (active ? activate(slot) : deactivate(slot))
        return statusOf(slot, slots)
      }),
    startFirst: (name) => oneAtATime(() => start(rules.named(name))),
    startAll: () =>
      oneAtATime(async () => {
        for (const slot of slots) await startAtBoot(slot)
      }),
    stopAll: () =>
      oneAtATime(async () => {
        for (const slot of slots.toReversed()) await stop(slot)
      }),
    find: <Name extends ServiceName>(name: Name) => rules.bySlug(name)?.running?.api as ServiceApis[Name] | undefined,
    inactive: rules.inactive,
    waitingFor: () => slots.map(waitingFor).filter((reason) => reason !== undefined),
  }
}

/** One service at a time through its states; who may call what when is the runtime's business. */
function createLifecycle(rules: ActivationRules, parts: RuntimeParts) {
  const decisions = createDecisions(parts)

  async function start(slot: Slot): Promise<void> {
    const { service } = slot
    const { active: _decidedElsewhere, ...config } = parts.configs[service.name] ?? {}
    slot.running = await service.start(parts.context(service) as ContextOf<ServiceName>, config)
    delete slot.failure
    parts.events.publish('serviceActivated', { service: service.title })
  }

  /** The service is out of reach before it stops: nobody finds it half stopped. */
  async function stop(slot: Slot): Promise<void> {
    const { running, service } = slot
    delete slot.running
    if (!running) return
    const note = (error: unknown): void => parts.log.error({ err: error }, `${service.title} did not stop cleanly`)
    await running.stop().catch(note)
    parts.events.publish('serviceDeactivated', { service: service.title })
  }

  async function startAtBoot(slot: Slot): Promise<void> {
    const { service } = slot
    if (slot.running || !(await decisions.made(service))) return
    try {
      rules.refuseActivation(slot)
      await start(slot)
    } catch (error) {
      if (service.kind === 'network' || isMisconfiguration(error)) throw error
      fail(slot, error)
    }
  }

  /** A refusal is a sentence for people; anything else is for the log only. */
  function fail(slot: Slot, error: unknown): void {
    const why =
      error instanceof Problem ? error.message : (refusalSentence(error) ?? 'the log of this cluster says why')
    slot.failure = `${slot.service.title} could not be started: ${why}`
    parts.log.error({ err: error }, slot.failure)
  }

  async function activate(slot: Slot): Promise<void> {
    rules.refuseActivation(slot)
    try {
      await start(slot)
      await decisions.keep(slot.service, true)
    } catch (error) {
      await stop(slot)
      fail(slot, error)
      throw new Problem({ status: 500, title: 'Service Not Started', detail: slot.failure ?? '' }, { cause: error })
    }
  }

  async function deactivate(slot: Slot): Promise<void> {
    rules.refuseDeactivation(slot)
    await decisions.keep(slot.service, false)
    delete slot.failure
    await stop(slot)
  }

  return { start, stop, startAtBoot, activate, deactivate }
}

/** Service Activation decides of feature services. A network service is not decided of: stopped, it runs again after a restart. */
function createDecisions({ activation, configs }: RuntimeParts) {
  async function keep({ kind, title }: Service, active: boolean): Promise<void> {
    if (kind === 'feature') await activation.set(title, active)
  }

  return {
    keep,
    /** Whether the service is to run. The configuration decides on the first start; that is then as good as anybody's decision. */
    async made(service: Service): Promise<boolean> {
      if (service.kind === 'network') return true
      const decision = activation.get(service.title)
      if (decision !== undefined) return decision
      const active = configs[service.name]?.active ?? true
      await keep(service, active)
      return active
    },
  }
}

function statusOf(slot: Slot, slots: readonly Slot[]): ServiceStatus {
  const { name, title, kind, dependsOn } = slot.service
  const reason = waitingFor(slot)
  const titles = dependsOn.map((one) => slots.find(({ service }) => service.name === one)?.service.title ?? one)
  return {
    name,
    title,
    kind,
    active: Boolean(slot.running),
    dependsOn: titles,
    ...(reason !== undefined && { waitingFor: reason }),
  }
}

function waitingFor({ running, failure }: Slot): string | undefined {
  return failure ?? running?.notReady?.()
}

/** Runs one piece of work after the other. */
function serialize(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.then(work)
    last = next.catch(() => {})
    return next
  }
}
