// PhoneConfiguration → the text of `SEP<MAC>.cnf.xml`. Elements and their order are those of a file that CUCM 12.5 made for a
// SIP phone; what a lab without media, firmware and CAPF has nothing to say about is left out. Equal values give equal bytes.
import type {
  ConfiguredButton,
  ConfiguredModule,
  ConfiguredService,
  ConfiguredUrls,
  LineButton,
  PhoneConfiguration,
} from './configuration.ts'
import { element, serializeElement } from './element.ts'
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

/** The file's text, UTF-8 when sent. */
export function serializePhoneConfiguration(configuration: PhoneConfiguration): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${serializeElement(device(configuration))}`
}

const proxy = 'USECALLMANAGER'

function device(configuration: PhoneConfiguration): Element {
  const { userLocale, urls, secureUrls, security } = configuration
  return element('device', [
    element('fullConfig', 'true'),
    element('deviceProtocol', configuration.protocol),
    element('ipAddressMode', addressModes.numberOf(configuration.addressing)),
    element('mlppDomainId', configuration.mlppDomain),
    element('mlppIndicationStatus', configuration.mlppIndication),
    element('preemption', configuration.mlppPreemption),
    devicePool(configuration.callManager),
    sipProfile(configuration),
    element('MissedCallLoggingOption', '1'),
    element('commonProfile', [
      element('phonePassword'),
      element('backgroundImageAccess', 'true'),
      element('callLogBlfEnabled', '3'),
    ]),
    // Empty: the phone keeps the firmware that it has.
    element('loadInformation'),
    element('addOnModules', configuration.modules.map(addOnModule)),
    element('versionStamp', configuration.versionStamp),
    element('userLocale', [
      element('name', userLocale.name),
      element('uid', '1'),
      element('langCode', userLocale.languageCode),
      element('version'),
      element('winCharSet', userLocale.characterSet),
    ]),
    element('networkLocale', networkLocale),
    element('networkLocaleInfo', [element('name', networkLocale), element('uid', '64'), element('version')]),
    element('deviceSecurityMode', securityModes.numberOf(security)),
    element('idleTimeout', '0'),
    ...plainUrls(urls),
    ...httpsUrls(secureUrls),
    // 3 is TLS, 4 TCP.
    element('transportLayerProtocol', security === 'Non Secure' ? '4' : '3'),
    element('dndCallAlert', dndAlerts.numberOf(configuration.dndAlert)),
    element('singleButtonBarge', configuration.barge ? '1' : '0'),
    element('joinAcrossLines', configuration.joinAcrossLines ? '1' : '0'),
    element('callInfoPrivacyStatus', configuration.privacy),
    element('userId', configuration.userId),
    element('ownerId', configuration.ownerId),
    phoneServices(configuration),
  ])
}

const networkLocale = 'United_States'

function devicePool(callManager: string): Element {
  const ports = element('ports', [
    element('ethernetPhonePort', '2000'),
    element('sipPort', '5060'),
    element('securedSipPort', '5061'),
  ])
  const member = [element('callManager', [ports, element('processNodeName', callManager)])]
  const group = [element('members', [element('member', member, { priority: '0' })])]
  return element('devicePool', [element('callManagerGroup', group)])
}

function sipProfile(configuration: PhoneConfiguration): Element {
  let lines = 0
  const buttons = configuration.buttons.map((button, at) => {
    if (button.kind === 'line') lines += 1
    return lineElement(button, String(at + 1), String(lines))
  })
  return element('sipProfile', [
    element('phoneLabel', configuration.phoneLabel),
    element('sipLines', buttons),
    element('softKeyFile', configuration.softKeyFile),
    element('alwaysUsePrimeLine', String(configuration.alwaysUsePrimeLine)),
    element('alwaysUsePrimeLineVoiceMail', String(configuration.alwaysUsePrimeLineForVoiceMessage)),
  ])
}

function lineElement(button: ConfiguredButton, at: string, lineIndex: string): Element {
  const head = [element('featureID', features.numberOf(button.kind)), element('featureLabel', button.label)]
  switch (button.kind) {
    case 'line':
      return element('line', [...head, ...lineSettings(button)], { button: at, lineIndex })
    case 'speedDial': {
      const dialled = [element('speedDialNumber', button.number), element('speedDialIndex', String(button.index))]
      return element('line', [...head, ...dialled], { button: at })
    }
    case 'blfSpeedDial':
      return element('line', [...head, element('speedDialNumber', button.number)], { button: at })
    case 'intercom': {
      const called = [element('proxy', proxy), element('port', '5060'), element('name', button.dn)]
      return element('line', [...head, ...called, element('speedDialNumber', button.target)], { button: at })
    }
  }
}

function lineSettings(line: LineButton): Element[] {
  return [
    element('proxy', proxy),
    element('port', '5060'),
    element('name', line.dn),
    element('displayName', line.displayName),
    element('autoAnswer', [element('autoAnswerEnabled', '2')]),
    element('callWaiting', '3'),
    // Phones of the lab have no digest user, so there is no password that could stand here.
    element('authName'),
    element('authPassword'),
    element('contact', line.contact),
    element('sharedLine', String(line.shared)),
    element('messageWaitingLampPolicy', '3'),
    element('messageWaitingAMWI', '0'),
    element('messagesNumber'),
    element('ringSettingIdle', '4'),
    element('ringSettingActive', '5'),
    element('forwardCallInfoDisplay', [
      element('callerName', 'true'),
      element('callerNumber', 'false'),
      element('redirectedNumber', 'false'),
      element('dialedNumber', 'true'),
    ]),
    element('maxNumCalls', String(line.maxCalls)),
    element('busyTrigger', String(line.busyTrigger)),
  ]
}

function addOnModule({ type, lineKeys }: ConfiguredModule, at: number): Element {
  const keys = lineKeys === undefined ? '' : String(lineKeys)
  const members = [element('deviceType', type), element('deviceLine', keys), element('loadInformation')]
  return element('addOnModule', members, { idx: String(at + 1) })
}

function plainUrls(urls: ConfiguredUrls): Element[] {
  return [
    element('authenticationURL', urls.authentication),
    element('directoryURL', urls.directory),
    element('idleURL', urls.idle),
    element('informationURL', urls.information),
    element('messagesURL', urls.messages),
    element('proxyServerURL'),
    element('servicesURL', urls.services),
  ]
}

function httpsUrls(urls: ConfiguredUrls): Element[] {
  return [
    element('secureAuthenticationURL', urls.authentication),
    element('secureDirectoryURL', urls.directory),
    element('secureIdleURL', urls.idle),
    element('secureInformationURL', urls.information),
    element('secureMessagesURL', urls.messages),
    element('secureServicesURL', urls.services),
  ]
}

function phoneServices({ provisioning, services }: PhoneConfiguration): Element {
  const members = [element('provisioning', provisionings.numberOf(provisioning)), ...services.map(phoneService)]
  return element('phoneServices', members, { useHTTPS: 'true' })
}

function phoneService(service: ConfiguredService): Element {
  const members = [
    element('name', service.name),
    element('url', service.url),
    element('vendor', service.vendor),
    element('version', service.version),
  ]
  return element('phoneService', members, {
    type: serviceButtons.numberOf(service.button),
    category: serviceCategories.numberOf(service.category),
  })
}
