// A page's elements, read whole: pages are small, and an element with a wrong child must be seen as one.
import { SaxesParser } from 'saxes'
import { refuseIf } from './limits.ts'

/** What a phone shows instead of a page: `XML Error[4]` cannot be parsed, `XML Error[5]` no object that it knows. */
export class PhoneXmlError extends Error {
  override readonly name = 'PhoneXmlError'
  readonly number: 4 | 5
  constructor(number: 4 | 5, detail: string, options?: ErrorOptions) {
    super(`XML Error[${number}]: ${detail}`, options)
    this.number = number
  }
}

/** One element and everything in it. */
interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
  text: string
}

/** Deeper than any page; a parser must not be led further. */
const deepest = 4

/** The root element. Throws for what is not well-formed, has a document type or is nested deeper than any page. */
export function readTree(xml: string): Element {
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false })
  const top: Element = { name: '', attributes: {}, children: [], text: '' }
  const open: Element[] = [top]
  const innermost = (): Element => open.at(-1) ?? top
  parser.on('error', (error) => {
    throw error
  })
  parser.on('doctype', () => refuseIf(true, 'a document type'))
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { name, attributes, children: [], text: '' }
    innermost().children.push(element)
    open.push(element)
    refuseIf(open.length > deepest, 'elements are nested too deep')
  })
  const addText = (text: string): void => void (innermost().text += text)
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => void open.pop())
  parser.write(xml).close()
  const [root] = top.children
  if (!root) throw new PhoneXmlError(4, 'there is no element')
  return root
}

/** The children of one element, taken in the order of the schema; what is left over at the end is an error. */
export class Children {
  readonly element: Element
  #next = 0
  constructor(element: Element) {
    this.element = element
  }
  /** The next child's text if it has this name. */
  optional(name: string): string | undefined {
    const child = this.element.children[this.#next]
    if (child?.name !== name) return undefined
    this.#next += 1
    refuseIf(child.children.length > 0, `${name} holds elements`)
    return child.text
  }
  required(name: string): string {
    const text = this.optional(name)
    if (text === undefined) throw new PhoneXmlError(4, `${name} is missing in ${this.element.name}`)
    return text
  }
  number(name: string): number {
    return wholeNumber(this.required(name), name)
  }
  attribute(name: string): string {
    const value = this.element.attributes[name]
    if (value === undefined) throw new PhoneXmlError(4, `${name} is missing in ${this.element.name}`)
    return value
  }
  /** All children of this name that come next. */
  many(name: string): readonly Children[] {
    const found: Children[] = []
    for (
      let child = this.element.children[this.#next];
      child?.name === name;
      child = this.element.children[this.#next]
    ) {
      found.push(new Children(child))
      this.#next += 1
    }
    return found
  }
  end(): void {
    const left = this.element.children[this.#next]
    refuseIf(left !== undefined, `${left?.name} is not expected in ${this.element.name}`)
    refuseIf(this.element.children.length > 0 && this.element.text.trim() !== '', `text in ${this.element.name}`)
  }
}

/** Throws PhoneXmlLimitError for anything else. */
export function wholeNumber(text: string, what: string): number {
  refuseIf(!/^-?\d{1,9}$/u.test(text.trim()), `${what} is not a whole number`)
  return Number(text)
}
