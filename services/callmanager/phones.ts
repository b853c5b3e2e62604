import type { ClusterDatabase, Device, EffectiveConfiguration, Line } from '../database/api.ts'
import { foldName } from '../database/row-memory.ts'
import type { EventBus } from '../serviceability/api.ts'
import type { Clock, Logger } from '../service.ts'
import type { Registration, RegistrationState, RestartAction } from './api.ts'
import { phoneAddress } from './phone-address.ts'
import { asksForRestart, changedParts, resetCauses } from './phone-configuration.ts'
import { Settling } from './phone-settling.ts'

/** Why a phone lost its registration: the numbers are CISCO-CCM-MIB's. */
export const UnregisterReason = {
  deviceUnregistered: 10,
  callManagerRestart: 15,
  callManagerApplyConfig: 17,
  emLoginLogout: 19,
} as const

/** A registered phone with the lines it shows. */
export interface RegisteredPhone {
  readonly deviceName: string
  readonly lines: readonly Line[]
  /** Milliseconds since the epoch. */
  readonly since: number
}

interface Phone {
  readonly deviceName: string
  state: RegistrationState
  reason: number | undefined
  since: number
  lines: readonly Line[]
  ipAddress: string
  /** With which it registered last; kept while it restarts. */
  configuration: EffectiveConfiguration | undefined
  /** What of the phone itself it registered with. */
  device: Device
  /** Of the configuration with which that was compared last. */
  comparedStamp: string | undefined
  lastRestart: RestartAction | undefined
  timer: NodeJS.Timeout | undefined
}

export interface PhonesOptions {
  readonly database: Pick<ClusterDatabase, 'devices' | 'lines'>
  readonly events: EventBus
  readonly clock: Clock
  readonly log: Logger
  /** How long a restart takes from unregistering to registering again, and a reset after it once more; milliseconds, 0 = within the same call. */
  readonly restartMs: number
  /** Runs while the phone is still registered: its calls are to be released now. */
  readonly onLeaving: (deviceName: string) => void
}

/** The simulated phones of this cluster and what each of them registered. Names compare without regard to case. */
export class Phones {
  readonly #options: PhonesOptions
  readonly #phones = new Map<string, Phone>()
  /** Registered phones by line, so that a call costs no scan. */
  readonly #byLine = new Map<string, Set<Phone>>()
  readonly #settling: Settling
  #running = false

  constructor(options: PhonesOptions) {
    this.#options = options
    this.#settling = new Settling({
      database: options.database,
      follow: (deviceName) => this.#follow(deviceName),
      stampOf: (deviceName) => this.#phones.get(foldName(deviceName))?.comparedStamp,
      known: () => [...this.#phones.values()].map(({ deviceName }) => deviceName),
      onError: (error) => options.log.error(error, 'phones could not be read again'),
    })
  }

  /** Every device on disk registers. */
  start(): void {
    this.#running = true
    for (const device of this.#options.database.devices.list()) this.#appear(device)
  }

  /** Every phone loses its registration (15 callManagerRestart). */
  stop(): void {
    this.#running = false
    this.#settling.stop()
    for (const phone of this.#phones.values()) this.#unregister(phone, UnregisterReason.callManagerRestart)
    this.#phones.clear()
  }

  /**
   * The phone restarts and reads its configuration again; where that asks for it, it then resets, before it registers. A real phone
   * waits until it is idle; here its calls are released first (our choice), because nobody in a simulation hangs up. A phone that is
   * already restarting starts its wait anew.
   */
  restart(deviceName: string, reason: number): void {
    if (!this.#running) return
    if (!this.#phones.has(foldName(deviceName))) this.#settling.one(deviceName)
    const phone = this.#phones.get(foldName(deviceName))
    if (phone === undefined) {
      this.#options.log.warn({ deviceName }, 'a phone that is not in the database was told to restart')
      return
    }
    this.#options.events.publish('phoneRestarting', { deviceName: phone.deviceName, reason, action: 'restart' })
    this.#leave(phone, reason)
    this.#enterState(phone, 'restarting')
    phone.lastRestart = 'restart'
    this.#afterRestart(phone, () => this.#restarted(phone, reason))
  }

  /** The phone has read its configuration. */
  #restarted(phone: Phone, reason: number): void {
    const configuration = this.#options.database.devices.effective(phone.deviceName)
    const changed = configuration === undefined ? [] : resetCauses(phone.configuration, configuration)
    if (changed.length === 0) return this.#register(phone)
    const facts = { deviceName: phone.deviceName, reason, action: 'reset', changed }
    this.#options.events.publish('phoneRestarting', facts)
    phone.lastRestart = 'reset'
    this.#afterRestart(phone, () => this.#register(phone))
  }

  #afterRestart(phone: Phone, work: () => void): void {
    if (this.#options.restartMs === 0) work()
    else phone.timer = setTimeout(work, this.#options.restartMs)
  }

  /**
   * Phones changed on disk, these or any: new ones register, removed ones leave, and those that show something else now restart
   * (17 callManagerApplyConfig). They are looked at in slices; one that somebody asks for, at once.
   */
  configurationChanged(deviceNames?: readonly string[]): void {
    if (this.#running) this.#settling.changed(deviceNames)
  }

  registration(deviceName: string): Registration | undefined {
    this.#settling.one(deviceName)
    const phone = this.#phones.get(foldName(deviceName))
    return phone === undefined ? undefined : asRegistration(phone)
  }

  registrations(): readonly Registration[] {
    this.#settling.all()
    return [...this.#phones.values()].map(asRegistration)
  }

  get registeredCount(): number {
    let count = 0
    for (const phone of this.#phones.values()) if (phone.state === 'registered') count += 1
    return count
  }

  /** Undefined when unknown or not registered. */
  find(deviceName: string): RegisteredPhone | undefined {
    this.#settling.one(deviceName)
    const phone = this.#phones.get(foldName(deviceName))
    return phone?.state === 'registered' ? phone : undefined
  }

  /** The registered phones that show this number, by name. */
  withLine(dn: string): readonly RegisteredPhone[] {
    const showing = [...(this.#byLine.get(dn) ?? [])]
    this.#settling.withLine(
      dn,
      showing.map(({ deviceName }) => deviceName),
    )
    return [...(this.#byLine.get(dn) ?? [])].sort((a, b) => (a.deviceName < b.deviceName ? -1 : 1))
  }

  /** All numbers that a registered phone shows. */
  registeredLines(): readonly string[] {
    this.#settling.all()
    return [...this.#byLine.keys()]
  }

  /** Where the tables say something else of this phone than it knows, it follows. */
  #follow(deviceName: string): void {
    if (!this.#running) return
    const { devices } = this.#options.database
    const phone = this.#phones.get(foldName(deviceName))
    const device = devices.find(deviceName)
    if (device === undefined) return phone && this.#disappear(phone)
    if (phone === undefined) return this.#appear(device)
    phone.ipAddress = phoneAddress(device)
    // One that restarts reads everything in a moment.
    if (phone.state !== 'registered') return
    const configuration = devices.effective(deviceName)
    if (configuration === undefined || configuration.versionStamp === phone.comparedStamp) return
    phone.comparedStamp = configuration.versionStamp
    if (asksForRestart(phone, { configuration, device })) {
      this.restart(phone.deviceName, UnregisterReason.callManagerApplyConfig)
    }
  }

  #appear(device: Device): void {
    const phone: Phone = {
      deviceName: device.name,
      state: 'unregistered',
      reason: undefined,
      since: this.#options.clock.now(),
      lines: [],
      ipAddress: phoneAddress(device),
      configuration: undefined,
      device,
      comparedStamp: undefined,
      lastRestart: undefined,
      timer: undefined,
    }
    this.#phones.set(foldName(device.name), phone)
    this.#register(phone)
  }

  #disappear(phone: Phone): void {
    this.#phones.delete(foldName(phone.deviceName))
    this.#leave(phone, UnregisterReason.deviceUnregistered)
  }

  #register(phone: Phone): void {
    phone.timer = undefined
    const { database, events } = this.#options
    phone.lines = database.lines.effective(phone.deviceName)
    const before = phone.configuration
    phone.configuration = database.devices.effective(phone.deviceName)
    phone.comparedStamp = phone.configuration?.versionStamp
    phone.device = database.devices.find(phone.deviceName) ?? phone.device
    for (const { dn } of phone.lines) {
      const sharing = this.#byLine.get(dn)
      if (sharing === undefined) this.#byLine.set(dn, new Set([phone]))
      else sharing.add(phone)
    }
    this.#enterState(phone, 'registered')
    events.publish('phoneRegistered', () => ({
      deviceName: phone.deviceName,
      lines: phone.lines.map(({ dn }) => dn),
      ...report(before, phone.configuration),
    }))
  }

  /** Ends what the phone has going, calls first, then the registration. */
  #leave(phone: Phone, reason: number): void {
    if (phone.state === 'registered') this.#options.onLeaving(phone.deviceName)
    this.#unregister(phone, reason)
  }

  #unregister(phone: Phone, reason: number): void {
    clearTimeout(phone.timer)
    phone.timer = undefined
    const wasRegistered = phone.state === 'registered'
    phone.reason = reason
    for (const { dn } of phone.lines) {
      const sharing = this.#byLine.get(dn)
      sharing?.delete(phone)
      if (sharing?.size === 0) this.#byLine.delete(dn)
    }
    phone.lines = []
    this.#enterState(phone, 'unregistered')
    if (wasRegistered) this.#options.events.publish('phoneUnregistered', { deviceName: phone.deviceName, reason })
  }

  #enterState(phone: Phone, state: RegistrationState): void {
    phone.state = state
    phone.since = this.#options.clock.now()
  }
}

/** What the phone tells of its configuration, and of how that differs from the one before. */
function report(before: EffectiveConfiguration | undefined, now: EffectiveConfiguration | undefined) {
  if (now === undefined) return {}
  const changed = before === undefined ? [] : changedParts(before, now)
  return {
    ...(now.userLocale !== '' && { userLocale: now.userLocale }),
    ...(changed.length > 0 && { changed }),
  }
}

function asRegistration(phone: Phone): Registration {
  const { deviceName, state, reason, since, lines, ipAddress, lastRestart, configuration } = phone
  return {
    deviceName,
    state,
    ...(reason !== undefined && { reason }),
    since: new Date(since).toISOString(),
    lines: lines.map(({ dn }) => dn),
    ipAddress,
    ...(lastRestart !== undefined && { lastRestart }),
    ...(configuration !== undefined && { versionStamp: configuration.versionStamp }),
  }
}
