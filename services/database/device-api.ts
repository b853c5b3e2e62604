// Phones, device profiles, their lines and services, as the database offers them.
import type { DeviceButtons, DeviceCommon, DeviceSettings } from './device-settings.ts'

/** A directory number as stored: digits, `*`, `#`, `+`, `A`–`D`; separators such as `-` are taken out at the boundary. */
export interface Line {
  /** Button, from 1. */
  readonly index: number
  readonly dn: string
  /** Route partition name; empty = <None>. */
  readonly partition: string
  readonly label: string
  readonly display: string
  /** Calling search space of the line, by name; empty = <None>. */
  readonly callingSearchSpace: string
  /** Calls on this line at which a further one is busy. */
  readonly busyTrigger: number
  readonly maxCalls: number
  /** Forward all calls to this number; empty = off. Belongs to the number, as its calling search spaces do. */
  readonly forwardAll: string
  /** Calling Search Space for Forward All, by name; empty = <None>. */
  readonly forwardAllCallingSearchSpace: string
}

/** How the simulated phone behaves when it is called. */
export const AnswerMode = { immediately: 'immediately', never: 'never', reject: 'reject' } as const
export type AnswerMode = (typeof AnswerMode)[keyof typeof AnswerMode]

/** A phone. Names compare without regard to case. */
export interface Device extends DeviceCommon {
  readonly pkid: string
  /** e.g. `SEP000000010001` */
  readonly name: string
  readonly description: string
  /** Model name, e.g. `Cisco 8845`. */
  readonly model: string
  /** Enable Extension Mobility (`allowhotelingflag`). */
  readonly extensionMobility: boolean
  /** Owner User ID; empty if none. */
  readonly owner: string
  readonly callingSearchSpace: string
  /** AAR Calling Search Space, by name; empty = <None>. Its calls leave through it when the way to a learned destination fails. */
  readonly aarCallingSearchSpace: string
  readonly devicePool: string
  /** Names of subscribed phone services. */
  readonly phoneServices: readonly string[]
  /** The phone's own lines (those of its logout profile). */
  readonly lines: readonly Line[]
  readonly answerMode: AnswerMode
  /** Log Out Profile: name of a device profile that the phone shows while nobody is logged in; empty = Use Current Device Settings. */
  readonly logoutProfile: string
  /** IP Addressing Mode. */
  readonly addressingMode: AddressingMode
  /** Address from which this simulated phone speaks; empty = loopback of its addressing mode. */
  readonly ipAddress: string
  /** Device Security Mode. */
  readonly securityMode: 'Non Secure' | 'Authenticated' | 'Encrypted'
  /** Protected Device: plays the secure tone; Extension Mobility and Join Across Lines are disabled on it. */
  readonly protectedDevice: boolean
}

export const AddressingMode = { ipv4: 'IPv4 Only', ipv6: 'IPv6 Only', dual: 'IPv4 and IPv6' } as const
export type AddressingMode = (typeof AddressingMode)[keyof typeof AddressingMode]

export type NewDevice = Pick<Device, 'name'> &
  Partial<Omit<Device, 'pkid' | 'name' | 'lines'>> & { readonly lines?: readonly NewLine[] }
export type DeviceChanges = Partial<Omit<Device, 'pkid' | 'name' | 'lines'>> & { readonly lines?: readonly NewLine[] }
export type NewLine = Pick<Line, 'dn'> & Partial<Omit<Line, 'dn'>>

export interface DeviceRepository {
  find(name: string): Device | undefined
  list(): readonly Device[]
  insert(device: NewDevice): Device
  update(name: string, changes: DeviceChanges): Device
  /** Also ends its login, and unsets it where it is an intercom line's default device. */
  remove(name: string): boolean
  /** What the phone shows now; undefined for an unknown one. */
  effective(name: string): EffectiveConfiguration | undefined
  /** Version stamps of the phones that follow on `after` by name, as many as `limit`. Cheap: it reads nothing else. */
  versionStamps(after: string, limit: number): readonly DeviceStamp[]
  /** Gives the phone a new version stamp: its configuration file is another one now. Logins, logouts and changes do so by themselves. */
  stamp(name: string): void
}

/** Which configuration a phone should have. */
export interface DeviceStamp {
  readonly name: string
  readonly versionStamp: string
}

/** A phone's configuration as it is in force: its own, that of a login's device profile, or that of its log out profile. */
export interface EffectiveConfiguration extends DeviceSettings, DeviceButtons {
  readonly deviceName: string
  readonly model: string
  /** User logged in by Extension Mobility; empty = nobody. */
  readonly userId: string
  /** Profile in force; empty = the phone's own settings. */
  readonly deviceProfile: string
  readonly callingSearchSpace: string
  readonly lines: readonly Line[]
  /** Services on the phone's buttons, enterprise subscriptions included, disabled ones left out. */
  readonly phoneServices: readonly PhoneService[]
  /** `epoch-uuid`, another one after each login, logout and change. */
  readonly versionStamp: string
  /** Where profile and phone differ so that the phone resets after it has restarted (Extension Mobility restrictions, Locale). */
  readonly mismatch: readonly ('userLocale' | 'modules')[]
}

/** Default Device Profile of a model: what a phone shows when the user's profile was made for another model. */
export interface DefaultDeviceProfile extends DeviceSettings {
  readonly model: string
  readonly phoneServices: readonly string[]
}
export interface DefaultDeviceProfileRepository {
  find(model: string): DefaultDeviceProfile | undefined
  list(): readonly DefaultDeviceProfile[]
  /** Adds or replaces members. */
  set(model: string, changes: Partial<Omit<DefaultDeviceProfile, 'model'>>): DefaultDeviceProfile
  remove(model: string): boolean
}

/** A user device profile: a virtual device that is mapped onto a phone at login (class 254). */
export interface DeviceProfile extends DeviceCommon {
  readonly pkid: string
  readonly name: string
  readonly description: string
  readonly model: string
  readonly callingSearchSpace: string
  readonly phoneServices: readonly string[]
  readonly lines: readonly Line[]
  /** Used as a log out profile, the phone logs this user in again after every logout; empty = nobody. */
  readonly loginUserId: string
}
export type NewDeviceProfile = Pick<DeviceProfile, 'name'> &
  Partial<Omit<DeviceProfile, 'pkid' | 'name' | 'lines'>> & { readonly lines?: readonly NewLine[] }
export type DeviceProfileChanges = Partial<Omit<DeviceProfile, 'pkid' | 'name' | 'lines'>> & {
  readonly lines?: readonly NewLine[]
}

export interface DeviceProfileRepository {
  find(name: string): DeviceProfile | undefined
  list(): readonly DeviceProfile[]
  insert(profile: NewDeviceProfile): DeviceProfile
  update(name: string, changes: DeviceProfileChanges): DeviceProfile
  remove(name: string): boolean
}

/** A row of `numplan` with usage Device, and which phones and profiles carry it. */
export interface DirectoryNumber {
  readonly pkid: string
  readonly dn: string
  readonly partition: string
  readonly devices: readonly string[]
  readonly deviceProfiles: readonly string[]
}

export interface LineRepository {
  list(): readonly DirectoryNumber[]
  find(dn: string): readonly DirectoryNumber[]
  /** The lines a phone shows now: those of the login's device profile while somebody is logged in, else its own. */
  effective(deviceName: string): readonly Line[]
  /** Names of the phones that may show this number now: it is their own, or that of a profile which somebody brought or left there. */
  shownOn(dn: string): readonly string[]
}

/** Service Type: the phone's button behind which the service is found. */
export const PhoneServiceType = { services: 'Services', directories: 'Directories', messages: 'Messages' } as const
export type PhoneServiceType = (typeof PhoneServiceType)[keyof typeof PhoneServiceType]

/** IP Phone Services Configuration. */
export interface PhoneService {
  readonly name: string
  readonly description: string
  /** Case-sensitive; `#DEVICENAME#` is filled in by the phone. */
  readonly url: string
  /** Secure-Service URL; empty if none. */
  readonly secureUrl: string
  /** Service Category. */
  readonly category: 'XML Service' | 'Java MIDlet'
  readonly type: PhoneServiceType
  readonly vendor: string
  readonly version: string
  /** Enterprise Subscription: every phone has it, nobody can unsubscribe. Can be set only at creation. */
  readonly enterpriseSubscription: boolean
  readonly enabled: boolean
}
export type NewPhoneService = Pick<PhoneService, 'name' | 'url'> & Partial<Omit<PhoneService, 'name' | 'url'>>
export type PhoneServiceChanges = Partial<Omit<PhoneService, 'name' | 'enterpriseSubscription'>>
export interface PhoneServiceRepository {
  find(name: string): PhoneService | undefined
  list(): readonly PhoneService[]
  /** Throws DATABASE_DUPLICATE. */
  insert(service: NewPhoneService): PhoneService
  /** Throws DATABASE_NOT_FOUND. */
  update(name: string, changes: PhoneServiceChanges): PhoneService
  /** Ends its subscriptions too. */
  remove(name: string): boolean
}
