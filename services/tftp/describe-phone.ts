// What the tables say of a phone → what its configuration file says.
import { hash } from 'node:crypto'
import type { ClusterDatabase, Device, EffectiveConfiguration, Line, PhoneService } from '../database/api.ts'
import { alwaysUsePrimeLine, isOn, joinAcrossLines, serviceParameterValue } from '../database/service-parameters.ts'
import type {
  ConfiguredButton,
  ConfiguredModule,
  ConfiguredService,
  ConfiguredUrls,
  DndAlert,
  PhoneConfiguration,
} from '../wire/phone-configuration/index.ts'
import { describeUserLocale } from './user-locale.ts'

/** What of the database a file is made from. */
export type PhoneTables = Pick<ClusterDatabase, 'devices' | 'lines' | 'serviceParameters'>

/** Base URLs of the cluster, as phones reach it. */
export interface ClusterAddress {
  readonly http: string
  readonly https: string
}

/** The file of a phone as it is now; undefined for an unknown phone. */
export function describePhone(
  deviceName: string,
  tables: PhoneTables,
  address: ClusterAddress,
): PhoneConfiguration | undefined {
  const device = tables.devices.find(deviceName)
  const effective = tables.devices.effective(deviceName)
  if (!device || !effective) return undefined
  return {
    ...deviceLevel(device, address),
    ...settings(effective, tables),
    // Feature Configuration Guide, Extension Mobility restrictions, Secure Tone: disabled on protected devices.
    joinAcrossLines: !device.protectedDevice && joins(effective, tables),
    versionStamp: effective.versionStamp,
    phoneLabel: headerOf(effective.lines),
    buttons: buttonsOf(effective, tables),
    softKeyFile: `SK${uuidOf(`softkey template ${effective.softkeyTemplate || standardSoftkeyTemplate}`)}.xml`,
    modules: effective.modules.map(moduleOf),
    userLocale: describeUserLocale(effective.userLocale),
    userId: effective.userId,
    services: effective.phoneServices.map(serviceOf),
  }
}

const standardSoftkeyTemplate = 'Standard User'

/** What no login changes. */
function deviceLevel({ addressingMode, securityMode, owner }: Device, { http, https }: ClusterAddress) {
  return {
    addressing: addressingMode,
    security: securityMode,
    ownerId: owner,
    callManager: new URL(http).hostname.replaceAll(/[[\]]/gu, ''),
    urls: urlsAt(http),
    secureUrls: urlsAt(https),
    // The phone asks the cluster for its services, and it knows them from its file.
    provisioning: 'both',
  } as const
}

/** What the cluster has a page for: no corporate directory and no help texts, so these are the menus of services behind the buttons. */
function urlsAt(base: string): ConfiguredUrls {
  const menu = `${base}/ccmcip/getservicesmenu.jsp`
  return {
    authentication: `${base}/ccmcip/authenticate.jsp`,
    directory: `${menu}?type=1&name=#DEVICENAME#`,
    idle: '',
    information: '',
    messages: `${menu}?type=2&name=#DEVICENAME#`,
    // The phone appends its name.
    services: menu,
  }
}

/** `Default` stands for the service parameter where there is one, else for what the vendor's phones do without a setting. */
function settings(effective: EffectiveConfiguration, { serviceParameters }: PhoneTables) {
  const primeLine = isOn(serviceParameters, alwaysUsePrimeLine)
  return {
    protocol: effective.protocol,
    mlppDomain: effective.mlppDomain || '000000',
    mlppIndication: effective.mlppIndication === 'On' ? 'On' : 'Off',
    mlppPreemption: effective.mlppPreemption === 'Forceful' ? 'Forceful' : 'Disabled',
    alwaysUsePrimeLine: orDefault(effective.alwaysUsePrimeLine, primeLine),
    alwaysUsePrimeLineForVoiceMessage: orDefault(effective.alwaysUsePrimeLineForVoiceMessage, false),
    dndAlert: dndAlerts[effective.dndIncomingCallAlert],
    barge: effective.singleButtonBarge === 'Barge',
    privacy: effective.privacy,
  } as const
}

function orDefault(setting: 'Default' | 'Off' | 'On', standard: boolean): boolean {
  return setting === 'Default' ? standard : setting === 'On'
}

function joins(effective: EffectiveConfiguration, { serviceParameters }: PhoneTables): boolean {
  return orDefault(effective.joinAcrossLines, serviceParameterValue(serviceParameters, joinAcrossLines) === 'On')
}

/** `None` leaves it to the common phone profile; files of phones that nobody configured say Flash Only. */
const dndAlerts: Readonly<Record<EffectiveConfiguration['dndIncomingCallAlert'], DndAlert>> = {
  None: 'Flash Only',
  Disable: 'Disable',
  'Beep Only': 'Beep Only',
  'Flash Only': 'Flash Only',
}

const longestHeader = 12

/** The first line's label or number. Cut between characters, never inside one. */
function headerOf([first]: readonly Line[]): string {
  return [...(first?.label || first?.dn || '')].slice(0, longestHeader).join('')
}

/** Lines, then speed dials, BLFs and intercom lines, on consecutive buttons. */
function buttonsOf(effective: EffectiveConfiguration, { lines }: PhoneTables): ConfiguredButton[] {
  const { speedDials, blfSpeedDials, intercomLines, deviceName } = effective
  const carrier = effective.deviceProfile || deviceName
  return [
    ...effective.lines.map((line) => lineButton(line, carrier, lines)),
    ...speedDials.map(({ label, number, index }) => ({ kind: 'speedDial', label, number, index }) as const),
    ...blfSpeedDials.map(({ label, number }) => ({ kind: 'blfSpeedDial', label, number }) as const),
    ...intercomLines.map(({ label, dn, target }) => ({ kind: 'intercom', label, dn, target }) as const),
  ]
}

function lineButton(line: Line, carrier: string, lines: PhoneTables['lines']): ConfiguredButton {
  const { dn, partition, label, display, maxCalls, busyTrigger } = line
  const number = lines.find(dn).find((one) => one.partition === partition)
  return {
    kind: 'line',
    label: label || dn,
    dn,
    displayName: display,
    contact: uuidOf(`line ${partition}/${dn} of ${carrier}`),
    shared: (number?.devices.length ?? 0) + (number?.deviceProfiles.length ?? 0) > 1,
    maxCalls,
    busyTrigger,
  }
}

/** The name says how many keys it has (`CP-8800-A 28-Button Key Expansion Module`), or the vendor's list does. */
function moduleOf(type: string): ConfiguredModule {
  const [, keys] = /\b(\d{1,3})-(?:Button|Line)\b/iu.exec(type) ?? []
  const [, known] = lineKeys.find(([name]) => type.includes(name)) ?? []
  return { type, lineKeys: keys === undefined ? known : Number(keys) }
}

const lineKeys: readonly (readonly [name: string, keys: number])[] = [
  ['7914', 14],
  ['7915', 24],
  ['7916', 24],
  ['BEKEM', 36],
  ['CKEM', 36],
  ['CP-8800-Audio', 28],
  ['CP-8800-Video', 28],
]

function serviceOf({ name, url, type, category, vendor, version }: PhoneService): ConfiguredService {
  return { name, url, button: serviceButtons[type], category, vendor, version }
}

const serviceButtons = { Services: 'services', Directories: 'directories', Messages: 'messages' } as const

/** The same name gives the same UUID for ever (version 8 of RFC 9562: bits of a hash). */
function uuidOf(name: string): string {
  const digits = hash('sha256', name)
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20, 32)}`
}
