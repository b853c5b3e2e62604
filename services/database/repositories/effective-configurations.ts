import type {
  DefaultDeviceProfileRepository,
  Device,
  DeviceProfile,
  DeviceProfileRepository,
  DeviceRepository,
  EffectiveConfiguration,
  EndUserRepository,
  Line,
  LoginRepository,
  PhoneService,
} from '../api.ts'
import { appearanceOf, mismatchOf } from '../effective-configuration.ts'
import { foldName, type RowCache } from '../row-memory.ts'
import type { VersionStamps } from '../version-stamps.ts'
import type { AutoDeviceProfiles } from './auto-device-profile.ts'
import type { PhoneServices } from './phone-service.ts'

/** Where everything comes from that decides what a phone shows. */
export interface EffectiveParts {
  readonly devices: DeviceRepository
  readonly deviceProfiles: DeviceProfileRepository
  readonly defaultDeviceProfiles: DefaultDeviceProfileRepository
  readonly endUsers: EndUserRepository
  readonly logins: LoginRepository
  readonly phoneServices: PhoneServices
  readonly autoDeviceProfiles: AutoDeviceProfiles
  readonly stamps: VersionStamps
  /** By folded device name; a new version stamp drops the phone's, and each login and logout brings one. */
  readonly remembered: RowCache<EffectiveConfiguration>
}

/** What phones show now: read after every login and logout, so it is remembered until then. */
export class EffectiveConfigurations {
  readonly #parts: EffectiveParts
  constructor(parts: EffectiveParts) {
    this.#parts = parts
  }

  of(deviceName: string): EffectiveConfiguration | undefined {
    const key = foldName(deviceName)
    const known = this.#parts.remembered.get(key)
    if (known) return known
    const device = this.#parts.devices.find(deviceName)
    if (!device) return undefined
    const configuration = this.#read(device)
    this.#parts.remembered.set(key, configuration)
    return configuration
  }

  /** The same lines as in `of`, without reading anything else. */
  lines(deviceName: string): readonly Line[] {
    const login = this.#parts.logins.on(deviceName)
    if (login) return this.#parts.deviceProfiles.find(login.deviceProfile)?.lines ?? []
    const device = this.#parts.devices.find(deviceName)
    return device ? (this.#logoutProfile(device) ?? device).lines : []
  }

  #read(device: Device): EffectiveConfiguration {
    const { defaultDeviceProfiles, endUsers, logins, phoneServices, autoDeviceProfiles, stamps } = this.#parts
    const login = logins.on(device.name)
    const userId = login?.userId ?? ''
    const profile = login ? this.#parts.deviceProfiles.find(login.deviceProfile) : this.#logoutProfile(device)
    const { phoneServices: subscribed, ...appearance } = appearanceOf({
      device,
      profile,
      userLocale: userId === '' ? '' : (endUsers.find(userId)?.userLocale ?? ''),
      defaultProfile: defaultDeviceProfiles.find(device.model),
      autoProfile: autoDeviceProfiles.inForce(device.pkid),
    })
    return Object.freeze({
      ...appearance,
      deviceName: device.name,
      model: device.model,
      userId,
      deviceProfile: profile?.name ?? '',
      // A borrowed phone keeps its own; the profile brings that of its lines.
      callingSearchSpace: device.callingSearchSpace,
      lines: (profile ?? device).lines,
      phoneServices: onButtons(subscribed, phoneServices),
      versionStamp: stamps.of(device.name),
      mismatch: mismatchOf(device, appearance),
    })
  }

  #logoutProfile({ logoutProfile }: Device): DeviceProfile | undefined {
    return logoutProfile === '' ? undefined : this.#parts.deviceProfiles.find(logoutProfile)
  }
}

/** Subscribed ones in their order, then those of enterprise subscription, which need none. */
function onButtons(subscribed: readonly string[], services: PhoneServices): readonly PhoneService[] {
  const enterprise = services.enterprise()
  const names = new Set([...subscribed, ...enterprise.map(({ name }) => name)])
  const found = [...names].map((name) => services.find(name)).filter((service) => service !== undefined)
  return Object.freeze(found.filter(({ enabled }) => enabled))
}
