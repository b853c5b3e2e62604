import { assert, property, string } from 'fast-check'
import t from 'tap'
import {
  PhoneXmlError,
  PhoneXmlLimitError,
  parsePhonePage,
  phoneXmlLimits,
  serializePhoneDirectory,
  serializePhoneError,
  serializePhoneExecute,
  serializePhoneInput,
  serializePhoneMenu,
  serializePhoneResponse,
  serializePhoneStatus,
  serializePhoneText,
} from '../../../../services/wire/phone-xml/index.ts'

const frame = { title: 'Extension Mobility', prompt: 'Enter PIN' }
const url = 'http://10.0.0.1:8080/emapp/EMAppServlet?device=SEP000000010001&EMCC=false'
const exit = { name: 'Exit', url: 'SoftKey:Exit', position: 3 }
const status = { text: 'bob', timer: 0, locationX: -1, locationY: 0, width: 106, height: 21, depth: 2, data: 'FF00' }
const status256 = `http://h/${'x'.repeat(247)}`

t.test('every object is read back as it was written', async (t) => {
  const softKeys = [exit]
  const menu = { ...frame, items: [{ name: 'bob & alice', url }], softKeys }
  t.same(parsePhonePage(serializePhoneMenu(menu)), { object: 'CiscoIPPhoneMenu', ...menu })
  const text = { ...frame, text: 'one\ntwo <three>', softKeys }
  t.same(parsePhonePage(serializePhoneText(text)), { object: 'CiscoIPPhoneText', ...text })
  const pin = { displayName: 'PIN', queryStringParam: 'seq', inputFlags: 'NP', defaultValue: '' } as const
  const input = { ...frame, url, items: [pin, { ...pin, inputFlags: 'A' }] as const, softKeys }
  t.same(parsePhonePage(serializePhoneInput(input)), { object: 'CiscoIPPhoneInput', ...input })
  const directory = { ...frame, entries: [{ name: 'Kally', telephone: '1000003' }], softKeys }
  t.same(parsePhonePage(serializePhoneDirectory(directory)), { object: 'CiscoIPPhoneDirectory', ...directory })
  const execute = { items: [{ priority: 0, url: 'Init:Services' }] }
  t.same(parsePhonePage(serializePhoneExecute(execute)), { object: 'CiscoIPPhoneExecute', ...execute })
  const response = { items: [{ status: 0, data: 'Success', url: 'Init:Services' }] }
  t.same(parsePhonePage(serializePhoneResponse(response)), { object: 'CiscoIPPhoneResponse', ...response })
  t.same(parsePhonePage(serializePhoneError({ number: 4 })), { object: 'CiscoIPPhoneError', number: 4 })
  t.same(parsePhonePage(serializePhoneStatus(status)), { object: 'CiscoIPPhoneStatus', ...status })
})

t.test('display texts of any characters and length become pages that a phone takes', async () => {
  const anyText = string({ unit: 'binary', maxLength: 100 })
  assert(
    property(anyText, anyText, anyText, (title, prompt, name) => {
      const page = parsePhonePage(serializePhoneMenu({ title, prompt, items: [{ name, url }] }))
      return page.object === 'CiscoIPPhoneMenu' && [...page.title].length <= phoneXmlLimits.title
    }),
    { seed: 20_261_121, numRuns: 500 },
  )
})

t.test('a text is cut between characters, never inside one', async (t) => {
  const page = parsePhonePage(serializePhoneText({ ...frame, title: '😀'.repeat(40), text: 'é'.repeat(4001) }))
  t.match(page, { title: '😀'.repeat(32), text: 'é'.repeat(4000) })
})

const many = <T>(count: number, one: T): readonly T[] => Array.from({ length: count }, () => one)
const item = { displayName: 'PIN', queryStringParam: 'seq', inputFlags: 'NP' } as const

const atTheLimit: Readonly<Record<string, () => string>> = {
  '100 menu items': () => serializePhoneMenu({ ...frame, items: many(100, { name: 'bob', url }) }),
  '5 input items': () => serializePhoneInput({ ...frame, url, items: many(5, item) }),
  '32 directory entries': () => serializePhoneDirectory({ ...frame, entries: many(32, { name: 'a', telephone: '1' }) }),
  '8 softkeys': () =>
    serializePhoneText({
      ...frame,
      text: '',
      softKeys: many(8, exit).map((key, at) => ({ ...key, position: at + 1 })),
    }),
  '3 items to execute': () => serializePhoneExecute({ items: many(3, { priority: 3, url }) }),
  '3 responses': () => serializePhoneResponse({ items: many(3, { status: 1, data: 'x'.repeat(32), url }) }),
  'an address of 256 characters': () => serializePhoneMenu({ ...frame, items: [{ name: 'bob', url: status256 }] }),
  'a default value of 32 characters': () =>
    serializePhoneInput({ ...frame, url, items: [{ ...item, defaultValue: 'b'.repeat(32) }] }),
  'a picture of 2,200 digits': () => serializePhoneStatus({ ...status, data: '0'.repeat(2200), timer: 5939 }),
}
for (const [what, serialize] of Object.entries(atTheLimit)) {
  t.test(`${what}: a phone takes that`, async (t) => {
    t.type(parsePhonePage(serialize()).object, 'string')
  })
}

const beyond: Readonly<Record<string, () => string>> = {
  '101 menu items': () => serializePhoneMenu({ ...frame, items: many(101, { name: 'bob', url }) }),
  '6 input items': () => serializePhoneInput({ ...frame, url, items: many(6, item) }),
  '33 directory entries': () => serializePhoneDirectory({ ...frame, entries: many(33, { name: 'a', telephone: '1' }) }),
  '9 softkeys': () => serializePhoneText({ ...frame, text: '', softKeys: many(9, exit) }),
  'two softkeys at one position': () => serializePhoneText({ ...frame, text: '', softKeys: [exit, exit] }),
  'a softkey at position 9': () => serializePhoneText({ ...frame, text: '', softKeys: [{ ...exit, position: 9 }] }),
  '4 items to execute': () => serializePhoneExecute({ items: many(4, { priority: 0, url }) }),
  'a priority of 4': () => serializePhoneExecute({ items: [{ priority: 4, url }] }),
  '4 responses': () => serializePhoneResponse({ items: many(4, { status: 0, data: '', url }) }),
  'an address of 257 characters': () => serializePhoneMenu({ ...frame, items: [{ name: 'b', url: `${status256}x` }] }),
  'an address with a space': () => serializePhoneMenu({ ...frame, items: [{ name: 'b', url: 'http://h/a b' }] }),
  'no address': () => serializePhoneInput({ ...frame, url: '', items: [] }),
  'a default value of 33 characters': () =>
    serializePhoneInput({ ...frame, url, items: [{ ...item, defaultValue: 'b'.repeat(33) }] }),
  'a number of 33 digits': () =>
    serializePhoneDirectory({ ...frame, entries: [{ name: 'a', telephone: '1'.repeat(33) }] }),
  'a timer of 5940 seconds': () => serializePhoneStatus({ ...status, timer: 5940 }),
  'a width of 107': () => serializePhoneStatus({ ...status, width: 107 }),
  'a height of 0': () => serializePhoneStatus({ ...status, height: 0 }),
  'a depth of 3': () => serializePhoneStatus({ ...status, depth: 3 }),
  'a picture that is not hexadecimal': () => serializePhoneStatus({ ...status, data: 'xyz' }),
}
for (const [what, serialize] of Object.entries(beyond)) {
  t.test(`${what}: a bug, not a page`, async (t) => {
    t.throws(serialize, PhoneXmlLimitError)
  })
}

const notAPage: readonly (readonly [what: string, xml: string, number: 4 | 5])[] = [
  ['nothing', '', 4],
  ['no XML', 'AUTHORIZED', 4],
  ['an object that phones do not know', '<html/>', 5],
  ['the name of a JavaScript member', '<constructor/>', 5],
  ['a broken end', '<CiscoIPPhoneText><Text>bob</Text>', 4],
  ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><CiscoIPPhoneError Number="4"/>', 4],
  ['an unknown entity', '<CiscoIPPhoneText><Text>&b;</Text></CiscoIPPhoneText>', 4],
  ['an unknown child', '<CiscoIPPhoneText><Text>bob</Text><Colour/></CiscoIPPhoneText>', 4],
  ['children in another order', '<CiscoIPPhoneText><Text>bob</Text><Title>t</Title></CiscoIPPhoneText>', 4],
  ['a title of 33 characters', `<CiscoIPPhoneText><Title>${'t'.repeat(33)}</Title><Text/></CiscoIPPhoneText>`, 4],
  ['no text', '<CiscoIPPhoneText><Title>t</Title></CiscoIPPhoneText>', 4],
  [
    'a softkey without a position',
    `<CiscoIPPhoneText><Text/><SoftKeyItem><Name>a</Name><URL>b</URL></SoftKeyItem></CiscoIPPhoneText>`,
    4,
  ],
  ['deep nesting', `${'<CiscoIPPhoneText>'.repeat(10_000)}`, 4],
  ['text between elements', '<CiscoIPPhoneText>bob<Text/></CiscoIPPhoneText>', 4],
  ['no number', '<CiscoIPPhoneError Number="four"/>', 4],
]
for (const [what, xml, number] of notAPage) {
  t.test(`${what}: the phone shows XML Error[${number}]`, async (t) => {
    t.throws(() => parsePhonePage(xml), { name: 'PhoneXmlError', number })
  })
}

t.test('a number is refused with the reason', async (t) => {
  t.throws(() => parsePhonePage('<CiscoIPPhoneError/>'), new PhoneXmlError(4, 'Number is missing in CiscoIPPhoneError'))
})
