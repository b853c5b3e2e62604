// The programs of em-wire 1.10, as far as they send documents and read answers: each in the way of its language and library, with the
// habits (positions, slices, substrings) that an answer must not disappoint.
import { SaxesParser } from 'saxes'

/** An element in Python's ElementTree model: `tail` is the text between this element's end and the next tag. */
export interface Element {
  readonly tag: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
  text: string
  tail: string
}

/** What any XML parser of a client makes of an answer. Throws when it is not well-formed. */
export function parseXml(answer: string): Element {
  const parser = new SaxesParser<{ xmlns: false }>({ xmlns: false })
  const open: Element[] = []
  let root: Element | undefined
  let last: Element | undefined
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { tag: name, attributes, children: [], text: '', tail: '' }
    open.at(-1)?.children.push(element)
    root ??= element
    open.push(element)
    last = undefined
  })
  parser.on('closetag', () => void (last = open.pop()))
  parser.on('text', (text) => {
    if (last) last.tail += text
    else if (open.length > 0) open.at(-1)!.text += text
  })
  parser.write(answer).close()
  if (!root) throw new Error('no element')
  return root
}

/** All elements of this name, in document order. */
export function elements(root: Element, tag: string): readonly Element[] {
  return [...(root.tag === tag ? [root] : []), ...root.children.flatMap((child) => elements(child, tag))]
}

/** sgulci, C# HttpWebRequest: success is a substring; of everything else the first element of a name is taken. */
export function readAsHttpWebRequest(answer: string) {
  const root = parseXml(answer)
  const first = (tag: string) => elements(root, tag)[0]?.text
  return {
    success: answer.includes('success'),
    error: first('error'),
    deviceName: first('deviceName'),
    userId: first('userID'),
    lastLogin: first('lastlogin'),
  }
}

/** AnkBurov, Java URLConnection: line by line. */
export function readLineByLine(answer: string): 'success' | 'authentication' | 'other' {
  for (const line of answer.split('\n')) {
    if (line.includes('success')) return 'success'
    if (line.includes('Application Authentication Error')) return 'authentication'
  }
  return 'other'
}

/** CUAE, C# XmlSerializer: `success` must be an empty string, `code` an int; the members of a device come in the order of its class. */
export function readTyped(answer: string) {
  const [content] = parseXml(answer).children
  if (content?.tag === 'success') return { success: content.text === '' && content.children.length === 0 }
  const [error] = content?.tag === 'failure' ? content.children : []
  if (error) return { code: Number.parseInt(error.attributes['code'] ?? '', 10), text: error.text }
  return {
    devices: elements(parseXml(answer), 'device').map(({ attributes, children }) => ({
      name: attributes['name'],
      members: children.map(({ tag, text }) => (text === '' ? tag : `${tag} ${text}`)),
    })),
    users: elements(parseXml(answer), 'user').map(({ attributes, children }) => ({
      id: attributes['id'],
      members: children.map(({ tag, text }) => (text === '' ? tag : `${tag} ${text}`)),
    })),
  }
}

/** Node xml2js, as it is by default: every child an array, attributes in `$`, text in `_`; white space alone is nothing. */
export function readAsXml2js({ attributes, children, text }: Element): unknown {
  const own = text.trim()
  if (children.length === 0 && Object.keys(attributes).length === 0) return own
  const object: Record<string, unknown> = {}
  if (Object.keys(attributes).length > 0) object['$'] = { ...attributes }
  if (own !== '') object['_'] = own
  for (const child of children) ((object[child.tag] ??= []) as unknown[]).push(readAsXml2js(child))
  return object
}

/** Node xml-js compact: `user._attributes.id` and `user.deviceName._text` of the one user that was asked for. */
export function readAsXmlJsCompact(answer: string) {
  const [user] = elements(parseXml(answer), 'user')
  return { id: user?.attributes['id'], deviceName: user?.children.find(({ tag }) => tag === 'deviceName')?.text }
}

/** Python 2 ElementTree: `tostring(tree[0][0][0])[12:-14]`, which cuts the tags and one character after them away. */
export function readBySlice(answer: string): string | undefined {
  const element = parseXml(answer).children[0]?.children[0]?.children[0]
  return element && toString(element).slice(12, -14)
}

/** Of ElementTree: the element and its tail. */
function toString({ tag, attributes, children, text, tail }: Element): string {
  const head = [tag, ...Object.entries(attributes).map(([name, value]) => `${name}="${value}"`)].join(' ')
  const content = text + children.map(toString).join('')
  return `${content === '' ? `<${head} />` : `<${head}>${content}</${tag}>`}${tail}`
}

/** C# RestSharp: whether the phone is in the answer, and whether anybody is. */
export function readBySubstring(answer: string, deviceName: string) {
  return { known: answer.includes(deviceName), loggedIn: answer.includes('</userID>') }
}

/** The sample of the vendor's old SDK (Wybecom TALK and others): `failure/errorMessage` if there is one, else `failure/error`. */
export function readAsSdkSample(answer: string): string {
  const root = parseXml(answer)
  const failure = elements(root, 'errorMessage')[0] ?? elements(root, 'error')[0]
  return failure ? failure.text : (root.children[0]?.tag ?? '')
}
