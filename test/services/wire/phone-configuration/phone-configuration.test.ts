import * as fc from 'fast-check'
import t from 'tap'
import {
  parsePhoneConfiguration,
  PhoneConfigurationError,
  serializePhoneConfiguration,
} from '../../../../services/wire/phone-configuration/index.ts'
import type { ConfiguredButton, PhoneConfiguration } from '../../../../services/wire/phone-configuration/index.ts'

const noUrls = { authentication: '', directory: '', idle: '', information: '', messages: '', services: '' }

/** Bob's phone, with one of everything. */
const bobs: PhoneConfiguration = {
  protocol: 'SIP',
  addressing: 'IPv4 and IPv6',
  callManager: 'cluster1',
  mlppDomain: '000000',
  mlppIndication: 'Off',
  mlppPreemption: 'Disabled',
  versionStamp: '1552156347-145cec2d-3b45-430f-acaf-d79657a15c58',
  phoneLabel: 'Bob & Co',
  buttons: [
    {
      kind: 'line',
      label: 'Bob',
      dn: '1000001',
      displayName: 'Bob <the Builder>',
      contact: '5b1d1cd7-4e1b-89ae-a65a-efdf0d96a7a2',
      shared: true,
      maxCalls: 4,
      busyTrigger: 2,
    },
    { kind: 'speedDial', label: 'Alice', number: '2000001', index: 1 },
    { kind: 'blfSpeedDial', label: 'Kally', number: '3000001' },
    { kind: 'intercom', label: 'Help', dn: '1000901', target: '' },
  ],
  softKeyFile: 'SKa9bea76c-2993-87f8-ac8f-07e996ec91d4.xml',
  alwaysUsePrimeLine: true,
  alwaysUsePrimeLineForVoiceMessage: false,
  modules: [
    { type: 'BEKEM', lineKeys: 36 },
    { type: 'unheard of', lineKeys: undefined },
  ],
  userLocale: { name: 'French_France', languageCode: 'fr_FR', characterSet: 'utf-8' },
  security: 'Non Secure',
  urls: { ...noUrls, services: 'http://cluster1:8080/ccmcip/getservicesmenu.jsp' },
  secureUrls: { ...noUrls, services: 'https://cluster1:8443/ccmcip/getservicesmenu.jsp' },
  dndAlert: 'Beep Only',
  barge: false,
  joinAcrossLines: true,
  privacy: 'Default',
  userId: 'bob',
  ownerId: 'alice',
  provisioning: 'both',
  services: [
    {
      name: 'Extension Mobility',
      url: 'http://cluster1:8080/emapp/EMAppServlet?device=#DEVICENAME#&EMCC=#EMCC#',
      button: 'services',
      category: 'XML Service',
      vendor: '',
      version: '',
    },
    { name: 'Missed', url: 'Application:x', button: 'directories', category: 'Java MIDlet', vendor: 'v', version: '1' },
    { name: 'Voicemail', url: 'Application:y', button: 'messages', category: 'XML Service', vendor: '', version: '' },
  ],
}

t.test('the file has the elements of em-wire.md §3.4', async (t) => {
  const file = serializePhoneConfiguration(bobs)
  const expected = [
    '<versionStamp>1552156347-145cec2d-3b45-430f-acaf-d79657a15c58</versionStamp>',
    '<phoneLabel>Bob &amp; Co</phoneLabel>',
    '<line button="1" lineIndex="1">\n<featureID>9</featureID>\n<featureLabel>Bob</featureLabel>\n<proxy>USECALLMANAGER</proxy>',
    '<name>1000001</name>\n<displayName>Bob &lt;the Builder&gt;</displayName>',
    '<autoAnswer>\n<autoAnswerEnabled>2</autoAnswerEnabled>\n</autoAnswer>\n<callWaiting>3</callWaiting>',
    '<authName></authName>\n<authPassword></authPassword>\n<contact>5b1d1cd7-4e1b-89ae-a65a-efdf0d96a7a2</contact>',
    '<maxNumCalls>4</maxNumCalls>\n<busyTrigger>2</busyTrigger>',
    '<line button="2">\n<featureID>2</featureID>\n<featureLabel>Alice</featureLabel>\n<speedDialNumber>2000001</speedDialNumber>',
    '<line button="3">\n<featureID>21</featureID>\n<featureLabel>Kally</featureLabel>',
    '<line button="4">\n<featureID>23</featureID>\n<featureLabel>Help</featureLabel>',
    '<softKeyFile>SKa9bea76c-2993-87f8-ac8f-07e996ec91d4.xml</softKeyFile>',
    '<userLocale>\n<name>French_France</name>\n<uid>1</uid>\n<langCode>fr_FR</langCode>\n<version></version>\n<winCharSet>utf-8</winCharSet>\n</userLocale>',
    '<phoneServices useHTTPS="true">\n<provisioning>2</provisioning>\n<phoneService type="0" category="0">\n<name>Extension Mobility</name>',
    '<url>http://cluster1:8080/emapp/EMAppServlet?device=#DEVICENAME#&amp;EMCC=#EMCC#</url>\n<vendor></vendor>\n<version></version>',
    '<phoneService type="1" category="1">',
    '<phoneService type="2" category="0">',
    '<userId>bob</userId>\n<ownerId>alice</ownerId>',
    '<callLogBlfEnabled>3</callLogBlfEnabled>',
    '<MissedCallLoggingOption>1</MissedCallLoggingOption>',
    '<dndCallAlert>1</dndCallAlert>',
    '<servicesURL>http://cluster1:8080/ccmcip/getservicesmenu.jsp</servicesURL>',
    '<secureServicesURL>https://cluster1:8443/ccmcip/getservicesmenu.jsp</secureServicesURL>',
    '<alwaysUsePrimeLine>true</alwaysUsePrimeLine>',
    '<joinAcrossLines>1</joinAcrossLines>',
    '<addOnModule idx="1">\n<deviceType>BEKEM</deviceType>\n<deviceLine>36</deviceLine>',
  ]
  t.match(file, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<device>\n/u)
  for (const part of expected) t.ok(file.includes(part), part)
})

t.test('equal values give equal bytes, and the phone reads back what was written', async (t) => {
  t.equal(serializePhoneConfiguration(bobs), serializePhoneConfiguration(structuredClone(bobs)))
  t.strictSame(parsePhoneConfiguration(serializePhoneConfiguration(bobs)), bobs)
})

// What XML 1.0 can carry at all; the rest is dropped when it is written.
const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((one) => /^[\t\n\r\x20-\uD7FF]*$/u.test(one))
const number = fc.integer({ min: 0, max: 999_999_999 })
const oneOf = <Value extends string>(...values: Value[]) => fc.constantFrom(...values)
const button: fc.Arbitrary<ConfiguredButton> = fc.oneof(
  fc.record({
    kind: fc.constant('line' as const),
    label: text,
    dn: text,
    displayName: text,
    contact: text,
    shared: fc.boolean(),
    maxCalls: number,
    busyTrigger: number,
  }),
  fc.record({ kind: fc.constant('speedDial' as const), label: text, number: text, index: number }),
  fc.record({ kind: fc.constant('blfSpeedDial' as const), label: text, number: text }),
  fc.record({ kind: fc.constant('intercom' as const), label: text, dn: text, target: text }),
)
const service = fc.record({
  name: text,
  url: text,
  button: oneOf('services', 'directories', 'messages'),
  category: oneOf('XML Service', 'Java MIDlet'),
  vendor: text,
  version: text,
})

t.test('whatever people write into labels and names comes back as they wrote it', async (t) => {
  const configuration = fc.record({
    phoneLabel: text,
    userId: text,
    buttons: fc.array(button, { maxLength: 8 }),
    services: fc.array(service, { maxLength: 4 }),
    addressing: oneOf('IPv4 Only', 'IPv6 Only', 'IPv4 and IPv6'),
    security: oneOf('Non Secure', 'Authenticated', 'Encrypted'),
    dndAlert: oneOf('Disable', 'Beep Only', 'Flash Only'),
    provisioning: oneOf('internal', 'external', 'both'),
    privacy: oneOf('Default', 'Off', 'On'),
    barge: fc.boolean(),
  })
  fc.assert(
    fc.property(configuration, (changes) => {
      const written = { ...bobs, ...changes }
      t.same(parsePhoneConfiguration(serializePhoneConfiguration(written)), written)
    }),
    { seed: 6970, numRuns: 300 },
  )
})

t.test('a phone passes over elements that it does not know, wherever they stand', async (t) => {
  const file = serializePhoneConfiguration(bobs).replace('<userId>', '<loadServer><a>1</a></loadServer>\n<userId>')
  t.strictSame(parsePhoneConfiguration(file), bobs)
})

t.test('a file that no phone can use is refused', async (t) => {
  const file = serializePhoneConfiguration(bobs)
  const broken: Record<string, string> = {
    'nothing at all': '',
    'cut off': file.slice(0, 2000),
    'another root': file.replace('<device>', '<phone>').replace('</device>', '</phone>'),
    'a document type': file.replace('<device>', '<!DOCTYPE device [<!ENTITY a "b">]><device>'),
    'an entity of its own': file.replace('Bob &amp; Co', '&bob;'),
    'no version stamp': file.replace(/<versionStamp>.*<\/versionStamp>/u, ''),
    'two users': file.replace('<ownerId>', '<userId>alice</userId><ownerId>'),
    'a feature of another phone': file.replace('<featureID>21<', '<featureID>999<'),
    'a number that is none': file.replace('<maxNumCalls>4<', '<maxNumCalls>four<'),
    'an unknown protocol': file.replace('>SIP<', '>H.323<'),
    'elements where text is due': file.replace('>bob<', '><a></a><'),
    'elements without end': '<a>'.repeat(20),
  }
  for (const [what, text_] of Object.entries(broken)) {
    t.throws(() => parsePhoneConfiguration(text_), PhoneConfigurationError, what)
  }
})
