// What this cluster tells of itself: where it is, what runs there, its place in the network. Told again whenever it is other.
import type { IlsConfiguration } from './api.ts'
import type { Configuration } from './configuration.ts'
import type { OwnRecords } from './own-records.ts'
import type { PeerInfo } from './peer-info.ts'
import { softwareVersion } from './software-version.ts'
import type { ServiceContext } from '../service.ts'

export interface OwnPeerInfoParts {
  readonly context: ServiceContext
  readonly own: Pick<OwnRecords, 'peerInfo'>
  readonly peerId: string
  readonly description: string
  readonly configuration: Pick<Configuration, 'current' | 'inWrite'>
  /** What was told last, also before a restart. */
  readonly before: () => PeerInfo | undefined
}

const addressPollMs = 50
/** Services come and go together when a cluster starts: one telling is enough for all of them. */
const gatherMs = 100

export class OwnPeerInfo {
  readonly #parts: OwnPeerInfoParts
  #addressPoll: NodeJS.Timeout | undefined
  #soon: NodeJS.Timeout | undefined
  #stopListening = () => {}

  constructor(parts: OwnPeerInfoParts) {
    this.#parts = parts
  }

  /** The address is known once the cluster listens; nobody is told of a cluster that cannot be reached. */
  begin(): void {
    this.#addressPoll = setInterval(() => {
      if (this.#https() === undefined) return
      clearInterval(this.#addressPoll)
      this.tell()
      const types = ['serviceActivated', 'serviceDeactivated'] as const
      this.#stopListening = this.#parts.context.events.subscribe(() => this.#tellSoon(), types)
    }, addressPollMs)
  }

  stop(): void {
    clearInterval(this.#addressPoll)
    clearTimeout(this.#soon)
    this.#stopListening()
  }

  /** As it is now; undefined before the cluster listens. */
  current(): PeerInfo | undefined {
    const https = this.#https()
    return https === undefined ? undefined : this.#describe(https, this.#parts.configuration.current)
  }

  #tellSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined
      this.tell()
    }, gatherMs)
  }

  /** Something of it may have changed. */
  tell(): void {
    const { context } = this.#parts
    context
      .use('database')
      .write(() => this.#record())
      .catch((err: unknown) => context.log.error({ err }, 'ILS peer info could not be written'))
  }

  /** Inside `database.write`. */
  #record(): void {
    const https = this.#https()
    const { own, configuration } = this.#parts
    if (https !== undefined) own.peerInfo(this.#describe(https, configuration.inWrite()))
  }

  #describe(https: string, configuration: IlsConfiguration): PeerInfo {
    const { peerId, description, before } = this.#parts
    const { role, registrationServer: hub, advertisedRouteString } = configuration
    const services = this.#services() ?? before()?.services
    return {
      description,
      version: softwareVersion,
      role,
      ...(role === 'spoke' ? { hub } : {}),
      https,
      peerId,
      hostNames: [new URL(https).hostname.replaceAll(/^\[|\]$/gu, '')],
      ...(services === undefined ? {} : { services }),
      advertisedRouteString,
    }
  }

  /** Service Activation's decisions of feature services, which a restart does not change; undefined while nobody can be asked. */
  #services(): Readonly<Record<string, boolean>> | undefined {
    const { context } = this.#parts
    const { serviceActivation } = context.use('database')
    const listed = context
      .find('serviceability')
      ?.list()
      .filter(({ kind }) => kind === 'feature')
    return (
      listed &&
      Object.fromEntries(listed.map(({ title, active }) => [title, serviceActivation.get(title) ?? active] as const))
    )
  }

  #https(): string | undefined {
    try {
      return this.#parts.context.address().https || undefined
    } catch {
      return undefined
    }
  }
}
