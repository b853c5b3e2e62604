// Values → the XML that a phone reads. Children stand in the order of the phone's schema.
import { escapeXml } from '../xml-text.ts'
import { between, counted, cut, phoneUrl, refuseIf, whole } from './limits.ts'
import type {
  PhoneDirectory,
  PhoneError,
  PhoneExecute,
  PhoneInput,
  PhoneInputItem,
  PhoneMenu,
  PhoneResponse,
  PhoneSoftKey,
  PhoneStatus,
  PhoneText,
} from './objects.ts'

// Every serialiser cuts display texts to the phone's limit and throws PhoneXmlLimitError where an address, a number or a count is
// beyond it. None writes an XML declaration: without one a document is what its Content-Type says it is encoded in.

/** A CiscoIPPhoneMenu. */
export function serializePhoneMenu(menu: PhoneMenu): string {
  const items = counted(menu.items, 'menuItems').map(({ name, url }) =>
    branch('MenuItem', leaf('Name', cut(name, 'menuItemName')), leaf('URL', phoneUrl(url))),
  )
  return page('CiscoIPPhoneMenu', menu, items)
}

/** A CiscoIPPhoneText. */
export function serializePhoneText(text: PhoneText): string {
  return page('CiscoIPPhoneText', text, [leaf('Text', cut(text.text, 'text'))])
}

/** A CiscoIPPhoneInput. */
export function serializePhoneInput(input: PhoneInput): string {
  const items = counted(input.items, 'inputItems').map(inputItem)
  return page('CiscoIPPhoneInput', input, [leaf('URL', phoneUrl(input.url)), ...items])
}

/** A CiscoIPPhoneDirectory. */
export function serializePhoneDirectory(directory: PhoneDirectory): string {
  const entries = counted(directory.entries, 'directoryEntries').map(({ name, telephone }) =>
    branch(
      'DirectoryEntry',
      leaf('Name', cut(name, 'directoryName')),
      leaf('Telephone', whole(telephone, 'telephone')),
    ),
  )
  return page('CiscoIPPhoneDirectory', directory, entries)
}

/** A CiscoIPPhoneExecute. */
export function serializePhoneExecute({ items }: PhoneExecute): string {
  const rows = counted(items, 'executeItems').map(
    ({ priority, url }) =>
      `<ExecuteItem Priority="${between(priority, 'Priority', [0, 3])}" URL="${escapeXml(phoneUrl(url))}"/>`,
  )
  return lines('<CiscoIPPhoneExecute>', ...rows, '</CiscoIPPhoneExecute>')
}

/** A CiscoIPPhoneResponse. */
export function serializePhoneResponse({ items }: PhoneResponse): string {
  const rows = counted(items, 'responseItems').map(({ status, data, url }) => {
    const facts = `Status="${integer(status, 'Status')}" Data="${escapeXml(cut(data, 'responseData'))}"`
    return `<ResponseItem ${facts} URL="${escapeXml(phoneUrl(url))}"/>`
  })
  return lines('<CiscoIPPhoneResponse>', ...rows, '</CiscoIPPhoneResponse>')
}

/** A CiscoIPPhoneError. */
export function serializePhoneError({ number }: PhoneError): string {
  return lines(`<CiscoIPPhoneError Number="${integer(number, 'Number')}"/>`)
}

/** A CiscoIPPhoneStatus. */
export function serializePhoneStatus(status: PhoneStatus): string {
  const numbers = [
    leaf('Timer', between(status.timer, 'Timer', [0, 5939])),
    leaf('LocationX', integer(status.locationX, 'LocationX')),
    leaf('LocationY', integer(status.locationY, 'LocationY')),
    leaf('Width', between(status.width, 'Width', [1, 106])),
    leaf('Height', between(status.height, 'Height', [1, 21])),
    leaf('Depth', between(status.depth, 'Depth', [1, 2])),
  ]
  refuseIf(/[^0-9A-Fa-f]/u.test(status.data), 'Data is not hexadecimal')
  const data = leaf('Data', whole(status.data, 'statusData'))
  const text = leaf('Text', cut(status.text, 'statusText'))
  return lines('<CiscoIPPhoneStatus>', text, ...numbers, data, '</CiscoIPPhoneStatus>')
}

interface Frame {
  readonly title: string
  readonly prompt: string
  readonly softKeys?: readonly PhoneSoftKey[]
}

function page(root: string, { title, prompt, softKeys = [] }: Frame, content: readonly string[]): string {
  const head = [leaf('Title', cut(title, 'title')), leaf('Prompt', cut(prompt, 'prompt'))]
  return lines(`<${root}>`, ...head, ...content, ...softKeyRows(softKeys), `</${root}>`)
}

function softKeyRows(softKeys: readonly PhoneSoftKey[]): readonly string[] {
  const places = new Set(softKeys.map(({ position }) => position))
  refuseIf(places.size < softKeys.length, 'two softkeys at one position')
  return counted(softKeys, 'softKeys').map(({ name, url, position }) =>
    branch(
      'SoftKeyItem',
      leaf('Name', cut(name, 'softKeyName')),
      leaf('URL', phoneUrl(url)),
      leaf('Position', between(position, 'Position', [1, 8])),
    ),
  )
}

function inputItem({ displayName, queryStringParam, inputFlags, defaultValue }: PhoneInputItem): string {
  const value = defaultValue === undefined ? [] : [leaf('DefaultValue', whole(defaultValue, 'defaultValue'))]
  return branch(
    'InputItem',
    leaf('DisplayName', cut(displayName, 'displayName')),
    leaf('QueryStringParam', whole(queryStringParam, 'queryStringParam')),
    leaf('InputFlags', inputFlags),
    ...value,
  )
}

function leaf(name: string, value: string | number): string {
  return `<${name}>${escapeXml(String(value))}</${name}>`
}

function branch(name: string, ...children: readonly string[]): string {
  return `<${name}>${children.join('')}</${name}>`
}

function integer(value: number, what: string): number {
  return between(value, what, [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER])
}

/** One element per line: whoever reads a trace can. */
function lines(...rows: readonly string[]): string {
  return `${rows.join('\n')}\n`
}
