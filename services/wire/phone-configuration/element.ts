// A file's elements, written and read whole: it has a few kilobytes.
import { SaxesParser } from 'saxes'
import { escapeXml } from '../xml-text.ts'

/** An element with elements or with text. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly content: string | readonly Element[]
}

/** Bytes that are no configuration file. */
export class PhoneConfigurationError extends Error {
  readonly code = 'PHONE_CONFIGURATION_MALFORMED'
  override readonly name = 'PhoneConfigurationError'
}

/** An element without attributes. */
export function element(
  name: string,
  content: Element['content'] = '',
  attributes: Element['attributes'] = {},
): Element {
  return { name, attributes, content }
}

/** One element per line and no indentation, as the vendor writes it. Line feeds alone. */
export function serializeElement({ name, attributes, content }: Element): string {
  let tag = name
  for (const [key, value] of Object.entries(attributes)) tag += ` ${key}="${attribute(value)}"`
  const inside = typeof content === 'string' ? text(content) : `\n${content.map(serializeElement).join('')}`
  return `<${tag}>${inside}</${name}>\n`
}

/** A reader would make line ends one line feed, and each of them a blank in an attribute. */
function text(value: string): string {
  return escapeXml(value).replaceAll('\r', '&#13;')
}

function attribute(value: string): string {
  return text(value).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')
}

const deepest = 12

interface Open {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
  text: string
}

/** The root element. Throws PhoneConfigurationError for what is not well-formed, has a document type or is nested too deep. */
export function parseElement(xml: string): Element {
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false })
  const open: Open[] = [{ name: '', attributes: {}, children: [], text: '' }]
  parser.on('error', (error) => refuse(error.message))
  parser.on('doctype', () => refuse('a configuration file has no document type'))
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length > deepest) refuse('elements are nested too deep')
    open.push({ name, attributes, children: [], text: '' })
  })
  const addText = (more: string): void => {
    const innermost = open.at(-1)
    if (innermost) innermost.text += more
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    const closed = open.pop()
    if (closed) open.at(-1)?.children.push(closedElement(closed))
  })
  parser.write(xml).close()
  return open[0]?.children[0] ?? refuse('there is no element')
}

function closedElement({ name, attributes, children, text: inside }: Open): Element {
  return { name, attributes, content: children.length > 0 ? children : inside }
}

function refuse(why: string): never {
  throw new PhoneConfigurationError(why)
}
