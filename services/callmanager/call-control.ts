import { randomUUID } from 'node:crypto'
import type { ClusterDatabase } from '../database/api.ts'
import { Problem } from '../problem.ts'
import type { Logger } from '../service.ts'
import { normalizeDirectoryNumber } from '../wire/directory-number.ts'
import type { Call, CallParty, Presentation } from './api.ts'
import { Cause } from './api.ts'
import type { LiveCall } from './call.ts'
import type { Calls } from './calls.ts'
import type { CallerFinder } from './caller.ts'
import type { CallDisplay } from './interactions/call-display.ts'
import type { CallLogs } from './interactions/call-logs.ts'
import type { Diversion } from './interactions/diversion.ts'
import type { Diversions } from './interactions/diversions.ts'
import type { LineOccupancy } from './line-occupancy.ts'
import type { Failure, Outcome, RingingOptions } from './ringing.ts'
import { ringPhones } from './ringing.ts'
import type { RegisteredPhone } from './phones.ts'
import type { Route, Routing, RoutingScope } from './routing.ts'
import type { InterclusterTrunk, Leg } from './trunk/intercluster-trunk.ts'
import type { ReleaseMessage, SetupAnswer, SetupMessage } from './trunk/messages.ts'
import { mostDiversions } from './trunk/messages.ts'

/** How often a call may be handed on between clusters (our choice; roaming needs one, a stale location two). */
const mostHandOns = 4

/** No address, refused, lost, no answer in time; not what the other end decided about the call itself. */
const failuresOfWays: ReadonlySet<Cause> = new Set([
  Cause.destinationOutOfOrder,
  Cause.networkOutOfOrder,
  Cause.temporaryFailure,
  Cause.recoveryOnTimerExpiry,
])

/** A way that did not lead to its end. */
interface FailedWay {
  readonly failure: Failure
  readonly route: Route & { readonly kind: 'cluster' | 'nowhere' }
  readonly scope: RoutingScope
}

export interface CallControlOptions {
  readonly clusterId: string
  readonly database: Pick<ClusterDatabase, 'devices'>
  readonly calls: Calls
  readonly callers: CallerFinder
  readonly occupancy: LineOccupancy
  readonly routing: Routing
  readonly trunk: InterclusterTrunk
  readonly party: (deviceName: string, dn: string) => CallParty
  readonly alerting: RingingOptions['alerting']
  readonly logs: CallLogs
  readonly display: CallDisplay
  readonly diversions: Diversions
  readonly log: Logger
  readonly noAnswerTimeoutMs: number
}

/** How a call is dialled. */
export interface Dialling {
  /** Button of the line that dials; absent: as the phone's prime line setting says. */
  readonly lineIndex?: number
  readonly presentation?: Presentation
  readonly connectedPresentation?: Presentation
}

/** Calls from start to end: from a phone here, or from another cluster. */
export class CallControl {
  readonly #options: CallControlOptions

  constructor(options: CallControlOptions) {
    this.#options = options
  }

  /** Resolves when the outcome is known: connected or failed. Rejects with Problem when no call comes about at all (404, 409, 422). */
  async place(from: string, to: string, { lineIndex, ...presentations }: Dialling = {}): Promise<Call> {
    const { calls, callers, occupancy, party, logs } = this.#options
    const { dn, phone, line, ranks, aarRanks } = callers.find(from, to, lineIndex)
    const caller = party(phone.deviceName, line.dn)
    const hops = [calls.hop(`dialled ${dn}`)]
    const call = calls.open({ id: randomUUID(), from: caller, dn, hops, ...presentations })
    occupancy.occupy(phone.deviceName, line.dn, call)
    logs.placed(phone.deviceName, call)
    await this.#carry(call, { ranks, aarRanks, visited: new Set(), handOnsLeft: mostHandOns })
    return call.snapshot()
  }

  /** A call that another cluster hands on to us; `onGone` reports that it no longer waits for the answer. Rejects with Problem (403). */
  async receive(peer: string, setup: SetupMessage, onGone: (listener: () => void) => void): Promise<SetupAnswer> {
    authenticate(peer, setup)
    const { calls, clusterId } = this.#options
    const visited = new Set(setup.hops.map(({ cluster }) => cluster))
    if (visited.has(clusterId) || calls.get(setup.id) !== undefined || calls.known(setup.id) !== undefined) {
      const hop = calls.hop(`failed: loop, ${clusterId} has had this call (41)`)
      return { state: 'failed', cause: Cause.temporaryFailure, hops: [hop] }
    }
    const { to: dn, hops, sender: _sender, handOnsLeft: _handOnsLeft, ...facts } = setup
    const call = calls.open({ ...facts, dn, hops: [...hops, calls.hop(`received from ${peer}`)] })
    const leg = this.#returnLeg(peer, setup)
    onGone(() => {
      calls.end(call, Cause.networkOutOfOrder, { action: `failed: ${peer} no longer waits (38)` })
    })
    await this.#answer(call, leg, { visited, handOnsLeft: Math.min(setup.handOnsLeft, mostHandOns) })
    return setupAnswer(call, hops.length)
  }

  /** From the door: releases the call on both sides. False when no such call lives. */
  release(id: string): boolean {
    const { calls } = this.#options
    const call = calls.live(id)
    if (call === undefined) return calls.get(id) !== undefined
    calls.end(call, Cause.normalClearing, { action: 'released (16)' })
    return true
  }

  /** From another cluster. A call that we have forgotten, after a restart say, is released already. Rejects with Problem (403). */
  releasedBy(peer: string, id: string, { cause, hop }: ReleaseMessage): void {
    const { calls } = this.#options
    const call = calls.known(id)
    if (call === undefined) return
    if (call.neighbours.get(peer)?.id !== id) throw forbidden(`${peer} has no part in this call.`)
    calls.end(call, cause, { toldBy: peer, ...(hop !== undefined && { hop }) })
  }

  /** The phone is about to lose its registration: what rings there stops, what is connected is cleared (16). */
  releasePhone(deviceName: string): void {
    const { calls, occupancy } = this.#options
    for (const call of occupancy.callsOn(deviceName)) {
      const ringing = call.ringing.get(deviceName)
      if (ringing === undefined) {
        calls.end(call, Cause.normalClearing, { action: `released: ${deviceName} unregisters (16)` })
      } else ringing.stop()
    }
  }

  /** Ends every call: the service stops (41). */
  stop(): void {
    const { calls } = this.#options
    for (const call of calls.active())
      calls.end(call, Cause.temporaryFailure, { action: 'Cisco CallManager stops (41)' })
  }

  /** The way back to the cluster that calls; undefined when nobody knows its address. */
  #returnLeg(peer: string, { id, sender }: SetupMessage): Leg | undefined {
    const url = this.#options.routing.urlOf(peer, sender.https)
    return url === undefined ? undefined : { cluster: peer, url, id, mayHoldCall: false }
  }

  async #answer(call: LiveCall, leg: Leg | undefined, scope: RoutingScope): Promise<void> {
    const { calls, trunk } = this.#options
    if (leg === undefined) {
      return calls.end(call, Cause.networkOutOfOrder, { action: 'failed: the way back is unknown (38)' })
    }
    const watch = trunk.attach(call, leg)
    await Promise.race([watch.established, call.over])
    await this.#carry(call, scope)
  }

  /** Takes the call as far as it gets. Never rejects: what goes wrong here is the call's failure. */
  async #carry(call: LiveCall, scope: RoutingScope): Promise<void> {
    const { calls, display, log } = this.#options
    try {
      const outcome = await this.#attempt(call, scope)
      if ('connected' in outcome) {
        const to = outcome.connected
        return calls.connect(call, to, display.ofBoth(call, to))
      }
      if ('returned' in outcome) throw new Error('a call that was given back was not sent on')
      const { failed, ...how } = outcome
      calls.end(call, failed, how)
    } catch (error) {
      log.error(error, 'a call could not be carried')
      calls.end(call, Cause.temporaryFailure)
    }
  }

  async #attempt(call: LiveCall, scope: RoutingScope): Promise<Outcome> {
    return await this.#settle(call, this.#options.routing.route(call.to.dn, scope), scope)
  }

  async #settle(call: LiveCall, routing: Promise<Route>, scope: RoutingScope): Promise<Outcome> {
    const route = await Promise.race([routing, call.over])
    if (route === undefined || call.isOver) return { failed: call.cause ?? Cause.normalClearing }
    return await this.#follow(call, route, scope)
  }

  async #follow(call: LiveCall, route: Route, scope: RoutingScope): Promise<Outcome> {
    if (route.kind === 'nowhere') {
      const failure = { failed: route.cause, action: `failed: ${route.why}` }
      return await this.#orOverPstn(call, { failure, route, scope })
    }
    if (route.kind === 'alternate') return await this.#readdress(call, route, scope)
    if (route.kind === 'back') {
      call.returnedTo = call.to.dn
      return { failed: Cause.normalClearing, action: `given back towards ${route.cluster}` }
    }
    if (route.kind === 'cluster') return await this.#handOn(call, route, scope)
    const diversion = this.#options.diversions.of(call, route)
    return diversion === undefined ? await this.#ring(call, route.phones) : await this.#divert(call, diversion, scope)
  }

  async #ring(call: LiveCall, phones: readonly RegisteredPhone[]): Promise<Outcome> {
    const { database, calls } = this.#options
    return await ringPhones(call, phones, {
      ...this.#options,
      answerMode: (deviceName) => database.devices.find(deviceName)?.answerMode ?? 'never',
      hop: (action) => calls.hop(action),
    })
  }

  async #handOn(call: LiveCall, route: Route & { kind: 'cluster' }, scope: RoutingScope): Promise<Outcome> {
    const { trunk, calls } = this.#options
    const { cluster, url, why } = route
    if (url === undefined) {
      const failure = { failed: Cause.networkOutOfOrder, action: `failed: no address of ${cluster} is known (38)` }
      return await this.#orOverPstn(call, { failure, route, scope })
    }
    call.hops.push(calls.hop(why))
    const handOnsLeft = scope.handOnsLeft - 1
    const outcome = await trunk.setUp(call, { cluster, url, handOnsLeft, overPstn: scope.overPstn === true })
    if ('failed' in outcome) return await this.#orOverPstn(call, { failure: outcome, route, scope })
    if ('connected' in outcome) return outcome
    // Diverted there to a number that is ours to find. Calls from a trunk may reach every partition, and so may this one.
    const { ranks: _ranks, overPstn: _overPstn, ...open } = scope
    calls.divert(call, outcome.returned, outcome.divertedBy)
    return await this.#attempt(call, { ...open, handOnsLeft, diverted: true })
  }

  /** Bob's alternate number or URI is Bob's number: a superuser may be elsewhere, and a line may divert. */
  async #readdress(call: LiveCall, number: Route & { kind: 'alternate' }, scope: RoutingScope): Promise<Outcome> {
    const { calls, routing } = this.#options
    call.hops.push(calls.hop(number.why))
    calls.readdress(call, number.dn)
    const readdressed = { ...scope, diverted: true }
    return await this.#settle(call, routing.routeToNumber(number, readdressed), readdressed)
  }

  /**
   * PSTN failover: the way to a learned destination has failed, so what was learned with it is dialled through the caller's AAR calling
   * search space, once. Where that leads nowhere, the first failure is the call's.
   */
  async #orOverPstn(call: LiveCall, { failure, route, scope }: FailedWay): Promise<Outcome> {
    const { calls, routing } = this.#options
    const { aarRanks, ...open } = scope
    if (route.pstnFailover === undefined || aarRanks === undefined) return failure
    if (call.isOver || !failuresOfWays.has(failure.failed)) return failure
    const overPstn = { ...open, ranks: aarRanks, overPstn: true }
    const number = normalizeDirectoryNumber(route.pstnFailover)
    const pstn = number === undefined ? undefined : routing.overPstn(number, overPstn)
    if (number === undefined || pstn === undefined || pstn.kind === 'nowhere') {
      const why = 'the AAR calling search space does not lead there'
      call.hops.push(calls.hop(`no PSTN failover to ${route.pstnFailover}: ${why}`))
      return failure
    }
    const { failed: cause, toldBy } = failure
    const hop = calls.failure(cause, failure)
    if (hop !== undefined) call.hops.push(hop)
    const ending = { cause, wasConnected: false, ...(hop && { hop }), ...(toldBy !== undefined && { toldBy }) }
    if (route.kind === 'cluster') call.neighbours.get(route.cluster)?.abandon(ending)
    call.hops.push(calls.hop(`PSTN failover to ${number}, AAR calling search space`))
    calls.readdress(call, number)
    return await this.#follow(call, pstn, overPstn)
  }

  /** A number diverts a call once, and a call is diverted so often at most (our choice): 41. */
  async #divert(call: LiveCall, { destination, ranks, why }: Diversion, scope: RoutingScope): Promise<Outcome> {
    const { calls } = this.#options
    const by = call.to.dn
    if (call.divertedBy.includes(by) || call.divertedBy.length >= mostDiversions) {
      return { failed: Cause.temporaryFailure, action: `failed: ${by} diverts in a circle (41)` }
    }
    call.hops.push(calls.hop(`${why} ${destination}`))
    calls.divert(call, destination, [...call.divertedBy, by])
    const { overPstn: _overPstn, ...open } = scope
    return await this.#attempt(call, { ...open, ranks, diverted: true })
  }
}

/** The certificate must name the sender, and the sender must be where the call was last; whom it carries on for, it vouches for. */
function authenticate(peer: string, { sender, from, hops }: SetupMessage): void {
  if (sender.cluster !== peer) throw forbidden(`The certificate is that of ${peer}, not of ${sender.cluster}.`)
  if (hops.at(-1)?.cluster !== peer) throw forbidden(`The call was not at ${peer} before it came here.`)
  if (hops[0]?.cluster !== from.cluster) throw forbidden(`The call does not come from ${from.cluster}.`)
}

function setupAnswer(call: LiveCall, known: number): SetupAnswer {
  const hops = call.hops.slice(known)
  const { cluster, deviceName, userId, dn, name } = call.to
  if (call.returnedTo !== undefined) {
    return { state: 'returned', to: call.returnedTo, divertedBy: [...call.divertedBy], hops }
  }
  if (call.state !== 'connected' || cluster === undefined) {
    return { state: 'failed', cause: call.cause ?? Cause.temporaryFailure, hops }
  }
  const to = {
    cluster,
    dn,
    ...(deviceName !== undefined && { deviceName }),
    ...(userId !== undefined && { userId }),
    ...(name !== undefined && { name }),
  }
  return { state: 'connected', to, hops }
}

function forbidden(detail: string): Problem {
  return new Problem({ status: 403, title: 'Not a party to this call', detail })
}
