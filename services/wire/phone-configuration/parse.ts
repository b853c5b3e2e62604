// The text of `SEP<MAC>.cnf.xml` → PhoneConfiguration: what a phone reads. Elements are found by name, wherever they stand, and
// unknown ones are passed over, as phones do.
import type {
  ConfiguredButton,
  ConfiguredLocale,
  ConfiguredModule,
  ConfiguredService,
  ConfiguredUrls,
  PhoneConfiguration,
} from './configuration.ts'
import { parseElement, PhoneConfigurationError } from './element.ts'
import type { Element } from './element.ts'
import {
  addressModes,
  dndAlerts,
  features,
  provisionings,
  securityModes,
  serviceButtons,
  serviceCategories,
} from './numbers.ts'
import type { Numbering } from './numbers.ts'

/** Throws PhoneConfigurationError for what is not well-formed, lacks an element or says something that no phone understands. */
export function parsePhoneConfiguration(xml: string): PhoneConfiguration {
  const device = parseElement(xml)
  if (device.name !== 'device') throw new PhoneConfigurationError(`the root is ${device.name}, not device`)
  const sipProfile = one(device, 'sipProfile')
  const phoneServices = one(device, 'phoneServices')
  return {
    protocol: word(device, 'deviceProtocol', ['SIP', 'SCCP']),
    addressing: numbered(textOf(device, 'ipAddressMode'), addressModes),
    callManager: textOf(path(device, 'devicePool', 'callManagerGroup', 'members', 'member'), ...processNodeName),
    mlppDomain: textOf(device, 'mlppDomainId'),
    mlppIndication: word(device, 'mlppIndicationStatus', ['Off', 'On']),
    mlppPreemption: word(device, 'preemption', ['Disabled', 'Forceful']),
    versionStamp: textOf(device, 'versionStamp'),
    phoneLabel: textOf(sipProfile, 'phoneLabel'),
    buttons: many(one(sipProfile, 'sipLines'), 'line').map(button),
    softKeyFile: textOf(sipProfile, 'softKeyFile'),
    alwaysUsePrimeLine: word(sipProfile, 'alwaysUsePrimeLine', booleans) === 'true',
    alwaysUsePrimeLineForVoiceMessage: word(sipProfile, 'alwaysUsePrimeLineVoiceMail', booleans) === 'true',
    modules: many(one(device, 'addOnModules'), 'addOnModule').map(module),
    userLocale: locale(one(device, 'userLocale')),
    security: numbered(textOf(device, 'deviceSecurityMode'), securityModes),
    urls: urls(device, (name) => `${name}URL`),
    secureUrls: urls(device, (name) => `secure${name.charAt(0).toUpperCase()}${name.slice(1)}URL`),
    dndAlert: numbered(textOf(device, 'dndCallAlert'), dndAlerts),
    barge: word(device, 'singleButtonBarge', ['0', '1']) === '1',
    joinAcrossLines: word(device, 'joinAcrossLines', ['0', '1']) === '1',
    privacy: word(device, 'callInfoPrivacyStatus', ['Default', 'Off', 'On']),
    userId: textOf(device, 'userId'),
    ownerId: textOf(device, 'ownerId'),
    provisioning: numbered(textOf(phoneServices, 'provisioning'), provisionings),
    services: many(phoneServices, 'phoneService').map(service),
  }
}

const booleans = ['true', 'false'] as const
const processNodeName = ['callManager', 'processNodeName'] as const

function button(line: Element): ConfiguredButton {
  const label = textOf(line, 'featureLabel')
  const kind = numbered(textOf(line, 'featureID'), features)
  switch (kind) {
    case 'line':
      return {
        kind,
        label,
        dn: textOf(line, 'name'),
        displayName: textOf(line, 'displayName'),
        contact: textOf(line, 'contact'),
        shared: word(line, 'sharedLine', booleans) === 'true',
        maxCalls: wholeNumber(textOf(line, 'maxNumCalls')),
        busyTrigger: wholeNumber(textOf(line, 'busyTrigger')),
      }
    case 'speedDial': {
      const index = wholeNumber(textOf(line, 'speedDialIndex'))
      return { kind, label, number: textOf(line, 'speedDialNumber'), index }
    }
    case 'blfSpeedDial':
      return { kind, label, number: textOf(line, 'speedDialNumber') }
    case 'intercom':
      return { kind, label, dn: textOf(line, 'name'), target: textOf(line, 'speedDialNumber') }
  }
}

function module(element: Element): ConfiguredModule {
  const lineKeys = textOf(element, 'deviceLine')
  return { type: textOf(element, 'deviceType'), lineKeys: lineKeys === '' ? undefined : wholeNumber(lineKeys) }
}

function locale(element: Element): ConfiguredLocale {
  return {
    name: textOf(element, 'name'),
    languageCode: textOf(element, 'langCode'),
    characterSet: textOf(element, 'winCharSet'),
  }
}

function urls(device: Element, named: (name: keyof ConfiguredUrls) => string): ConfiguredUrls {
  const url = (name: keyof ConfiguredUrls): string => textOf(device, named(name))
  return {
    authentication: url('authentication'),
    directory: url('directory'),
    idle: url('idle'),
    information: url('information'),
    messages: url('messages'),
    services: url('services'),
  }
}

function service(element: Element): ConfiguredService {
  return {
    name: textOf(element, 'name'),
    url: textOf(element, 'url'),
    button: numbered(element.attributes['type'] ?? '', serviceButtons),
    category: numbered(element.attributes['category'] ?? '', serviceCategories),
    vendor: textOf(element, 'vendor'),
    version: textOf(element, 'version'),
  }
}

function many(element: Element, name: string): readonly Element[] {
  return typeof element.content === 'string' ? [] : element.content.filter((child) => child.name === name)
}

/** Exactly one: phones differ in what they make of two. */
function one(element: Element, name: string): Element {
  const [child, second] = many(element, name)
  if (child && !second) return child
  throw new PhoneConfigurationError(`${element.name} has ${child ? 'more than one' : 'no'} ${name}`)
}

function path(element: Element, ...names: readonly string[]): Element {
  return names.reduce(one, element)
}

function textOf(element: Element, ...names: readonly string[]): string {
  const { name, content } = path(element, ...names)
  if (typeof content === 'string') return content
  throw new PhoneConfigurationError(`${name} holds elements`)
}

function word<Word extends string>(element: Element, name: string, words: readonly Word[]): Word {
  const text = textOf(element, name)
  const found = words.find((one_) => one_ === text)
  if (found !== undefined) return found
  throw new PhoneConfigurationError(`${name} is none of ${words.join(', ')}`)
}

function numbered<Value extends string>(number: string, numbers: Numbering<Value>): Value {
  const value = numbers.valueOf(number)
  if (value !== undefined) return value
  throw new PhoneConfigurationError(`a number in the file has no meaning: ${JSON.stringify(number.slice(0, 20))}`)
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/u.test(text)) return Number(text)
  throw new PhoneConfigurationError(`${JSON.stringify(text.slice(0, 20))} is no whole number`)
}
