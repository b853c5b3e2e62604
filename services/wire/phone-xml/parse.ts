// The XML that a phone reads → values, as strictly as the phone's schema: simulated phones and tests see a page that a real phone
// would refuse as an error, with the number that it would show.
import { between, counted, phoneUrl, whole } from './limits.ts'
import { inputFlags } from './objects.ts'
import type { PhoneInputItem, PhonePage, PhoneSoftKey, phoneXmlLimits } from './objects.ts'
import { Children, PhoneXmlError, readTree, wholeNumber } from './tree.ts'

/** Reads one page. Throws PhoneXmlError for anything that is not exactly one of the phone's objects within its limits. */
export function parsePhonePage(xml: string): PhonePage {
  try {
    const root = readTree(xml)
    const read = readers.get(root.name)
    if (!read) throw new PhoneXmlError(5, `a phone does not know ${root.name}`)
    return read(new Children(root))
  } catch (error) {
    if (error instanceof PhoneXmlError) throw error
    throw new PhoneXmlError(4, (error as Error).message, { cause: error })
  }
}

type Limit = keyof typeof phoneXmlLimits

const readers: ReadonlyMap<string, (root: Children) => PhonePage> = new Map([
  ['CiscoIPPhoneMenu', readMenu],
  ['CiscoIPPhoneText', readText],
  ['CiscoIPPhoneInput', readInput],
  ['CiscoIPPhoneDirectory', readDirectory],
  ['CiscoIPPhoneExecute', readExecute],
  ['CiscoIPPhoneResponse', readResponse],
  ['CiscoIPPhoneError', readError],
  ['CiscoIPPhoneStatus', readStatus],
])

function readMenu(root: Children): PhonePage {
  const head = readHead(root)
  const items = counted(root.many('MenuItem'), 'menuItems').map((item) => {
    const found = { name: whole(item.required('Name'), 'menuItemName'), url: phoneUrl(item.required('URL')) }
    item.end()
    return found
  })
  return { object: 'CiscoIPPhoneMenu', ...head, items, softKeys: readSoftKeys(root) }
}

function readText(root: Children): PhonePage {
  const head = readHead(root)
  const text = whole(root.required('Text'), 'text')
  return { object: 'CiscoIPPhoneText', ...head, text, softKeys: readSoftKeys(root) }
}

function readInput(root: Children): PhonePage {
  const head = readHead(root)
  const url = phoneUrl(root.required('URL'))
  const items = counted(root.many('InputItem'), 'inputItems').map(readInputItem)
  return { object: 'CiscoIPPhoneInput', ...head, url, items, softKeys: readSoftKeys(root) }
}

function readDirectory(root: Children): PhonePage {
  const head = readHead(root)
  const entries = counted(root.many('DirectoryEntry'), 'directoryEntries').map((entry) => {
    const name = whole(entry.required('Name'), 'directoryName')
    const found = { name, telephone: whole(entry.required('Telephone'), 'telephone') }
    entry.end()
    return found
  })
  return { object: 'CiscoIPPhoneDirectory', ...head, entries, softKeys: readSoftKeys(root) }
}

function readExecute(root: Children): PhonePage {
  const items = counted(root.many('ExecuteItem'), 'executeItems').map((item) => {
    item.end()
    const priority = between(wholeNumber(item.attribute('Priority'), 'Priority'), 'Priority', [0, 3])
    return { priority, url: phoneUrl(item.attribute('URL')) }
  })
  root.end()
  return { object: 'CiscoIPPhoneExecute', items }
}

function readResponse(root: Children): PhonePage {
  const items = counted(root.many('ResponseItem'), 'responseItems').map((item) => {
    item.end()
    const status = wholeNumber(item.attribute('Status'), 'Status')
    return { status, data: whole(item.attribute('Data'), 'responseData'), url: phoneUrl(item.attribute('URL')) }
  })
  root.end()
  return { object: 'CiscoIPPhoneResponse', items }
}

function readError(root: Children): PhonePage {
  root.end()
  return { object: 'CiscoIPPhoneError', number: wholeNumber(root.attribute('Number'), 'Number') }
}

function readStatus(root: Children): PhonePage {
  const text = whole(root.required('Text'), 'statusText')
  const timer = between(root.number('Timer'), 'Timer', [0, 5939])
  const place = { locationX: root.number('LocationX'), locationY: root.number('LocationY') }
  const width = between(root.number('Width'), 'Width', [1, 106])
  const height = between(root.number('Height'), 'Height', [1, 21])
  const depth = between(root.number('Depth'), 'Depth', [1, 2])
  const data = whole(root.required('Data'), 'statusData')
  root.end()
  return { object: 'CiscoIPPhoneStatus', text, timer, ...place, width, height, depth, data }
}

function readHead(root: Children): { readonly title: string; readonly prompt: string } {
  const text = (name: string, limit: Limit): string => whole(root.optional(name) ?? '', limit)
  return { title: text('Title', 'title'), prompt: text('Prompt', 'prompt') }
}

function readInputItem(item: Children): PhoneInputItem {
  const displayName = whole(item.required('DisplayName'), 'displayName')
  const queryStringParam = whole(item.required('QueryStringParam'), 'queryStringParam')
  const flags = item.required('InputFlags')
  const known = inputFlags.find((one) => one === flags)
  if (known === undefined) throw new PhoneXmlError(4, `InputFlags ${flags} are not known`)
  const defaultValue = item.optional('DefaultValue')
  item.end()
  return {
    displayName,
    queryStringParam,
    inputFlags: known,
    ...(defaultValue !== undefined && { defaultValue: whole(defaultValue, 'defaultValue') }),
  }
}

function readSoftKeys(root: Children): readonly PhoneSoftKey[] {
  const softKeys = counted(root.many('SoftKeyItem'), 'softKeys').map((item) => {
    const name = whole(item.required('Name'), 'softKeyName')
    const url = phoneUrl(item.required('URL'))
    const position = between(item.number('Position'), 'Position', [1, 8])
    item.end()
    return { name, url, position }
  })
  root.end()
  return softKeys
}
