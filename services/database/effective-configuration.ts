// What a phone shows, as rules without I/O: its own configuration, that of a login's device profile, or of its log out profile.
import type {
  DefaultDeviceProfile,
  Device,
  DeviceButtons,
  DeviceProfile,
  DeviceSettings,
  EffectiveConfiguration,
} from './api.ts'
import { settingsIn } from './device-settings.ts'
import { foldName } from './row-memory.ts'

/** Settings, buttons beside the lines, and the names of subscribed services. */
export type Appearance = DeviceSettings & DeviceButtons & { readonly phoneServices: readonly string[] }

/** Everything from which it follows what a phone shows. */
export interface AppearanceSources {
  readonly device: Device
  /** The login's profile, or the log out profile; undefined: the phone's own configuration counts. */
  readonly profile: DeviceProfile | undefined
  /** Locale of the user who is logged in; empty without one. */
  readonly userLocale: string
  /** Of the phone's model. */
  readonly defaultProfile: DefaultDeviceProfile | undefined
  /** What a phone returned to that is not synchronised. */
  readonly autoProfile: Appearance | undefined
}

/** What a phone with a `<None>` locale speaks: that of its device pool. */
const devicePoolLocale = 'English_United_States'

/** Intercom lines are those presented on this phone: its name is their default device. */
export function appearanceOf(sources: AppearanceSources): Appearance {
  const { device, profile, autoProfile } = sources
  const own = autoProfile ?? device
  const { speedDials, blfSpeedDials, intercomLines } = profile ?? own
  return {
    ...(profile ? profileSettings(profile, sources) : settingsIn(own)),
    speedDials,
    blfSpeedDials,
    intercomLines: Object.freeze(intercomLines.filter(({ defaultDevice }) => same(defaultDevice, device.name))),
    phoneServices: profile ? profileServices(profile, sources) : own.phoneServices,
  }
}

/** Where what is shown differs from the phone's own configuration, so that the phone resets after its restart. */
export function mismatchOf(device: Device, shown: DeviceSettings): EffectiveConfiguration['mismatch'] {
  const found: EffectiveConfiguration['mismatch'][number][] = []
  if (spokenLocale(shown.userLocale) !== spokenLocale(device.userLocale)) found.push('userLocale')
  if (shown.modules.join('\n') !== device.modules.join('\n')) found.push('modules')
  return Object.freeze(found)
}

/** The user's own locale comes before that of the profile, and that before the phone's. */
function profileSettings(profile: DeviceProfile, sources: AppearanceSources): DeviceSettings {
  const { device, userLocale } = sources
  const settings = profile.model === device.model ? settingsIn(profile) : featureSafe(profile, sources)
  return { ...settings, userLocale: userLocale || profile.userLocale || device.userLocale }
}

/**
 * The profile was made for another model: what depends on the model is the phone's, by the default device profile of its model if
 * there is one; what does not comes with the user. Which is which, is our choice (docs/fidelity.md).
 */
function featureSafe(profile: DeviceProfile, { device, defaultProfile }: AppearanceSources): DeviceSettings {
  const base = defaultProfile ?? device
  const unlessDefault = <Value extends string>(wanted: Value, otherwise: Value) =>
    wanted === 'Default' ? otherwise : wanted
  return {
    ...settingsIn(base),
    userHoldMohAudioSource: profile.userHoldMohAudioSource || base.userHoldMohAudioSource,
    doNotDisturb: profile.doNotDisturb,
    dndOption: profile.dndOption,
    dndIncomingCallAlert: profile.dndIncomingCallAlert,
    ignorePresentationIndicators: profile.ignorePresentationIndicators,
    emccCallingSearchSpace: profile.emccCallingSearchSpace,
    alwaysUsePrimeLine: unlessDefault(profile.alwaysUsePrimeLine, base.alwaysUsePrimeLine),
    alwaysUsePrimeLineForVoiceMessage: unlessDefault(
      profile.alwaysUsePrimeLineForVoiceMessage,
      base.alwaysUsePrimeLineForVoiceMessage,
    ),
  }
}

/** Those of the profile; where it has none, of the default device profile that stands in for it, and at last the phone's own. */
function profileServices(profile: DeviceProfile, { device, defaultProfile }: AppearanceSources): readonly string[] {
  const candidates = [profile, profile.model === device.model ? undefined : defaultProfile]
  return candidates.find((one) => one && one.phoneServices.length > 0)?.phoneServices ?? device.phoneServices
}

/** The locale itself where a setting may say `<None>`, which is empty. */
export function spokenLocale(locale: string): string {
  return locale || devicePoolLocale
}

/** Names compare without regard to case. */
function same(one: string, other: string): boolean {
  return foldName(one) === foldName(other)
}
