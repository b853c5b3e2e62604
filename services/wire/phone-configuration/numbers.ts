// The numbers by which the file names things, each in both directions.
import type { ConfiguredButton, ConfiguredService, PhoneConfiguration } from './configuration.ts'

/** A value's number in the file, and back. */
export interface Numbering<Value extends string> {
  numberOf(value: Value): string
  /** Undefined for a number that is not in use. */
  valueOf(number: string): Value | undefined
}

function numbering<Value extends string>(numbers: Readonly<Record<Value, string>>): Numbering<Value> {
  const values = new Map((Object.entries(numbers) as [Value, string][]).map(([value, number]) => [number, value]))
  return { numberOf: (value) => numbers[value], valueOf: (number) => values.get(number) }
}

/** `ipAddressMode`: 0 and 2 are seen in files of phones with IPv4 and with both. */
export const addressModes = numbering<PhoneConfiguration['addressing']>({
  'IPv4 Only': '0',
  'IPv6 Only': '1',
  'IPv4 and IPv6': '2',
})

/** `featureID` of a button. */
export const features = numbering<ConfiguredButton['kind']>({
  speedDial: '2',
  line: '9',
  blfSpeedDial: '21',
  intercom: '23',
})

/** `deviceSecurityMode` */
export const securityModes = numbering<PhoneConfiguration['security']>({
  'Non Secure': '1',
  Authenticated: '2',
  Encrypted: '3',
})

/** `dndCallAlert` */
export const dndAlerts = numbering<PhoneConfiguration['dndAlert']>({
  Disable: '0',
  'Beep Only': '1',
  'Flash Only': '5',
})

/** `phoneServices/provisioning`: the file's services alone, the URLs' alone, both. */
export const provisionings = numbering<PhoneConfiguration['provisioning']>({ internal: '0', external: '1', both: '2' })

/** `phoneService type` */
export const serviceButtons = numbering<ConfiguredService['button']>({ services: '0', directories: '1', messages: '2' })

/** `phoneService category` */
export const serviceCategories = numbering<ConfiguredService['category']>({ 'XML Service': '0', 'Java MIDlet': '1' })
