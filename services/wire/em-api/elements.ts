// An XML document → its elements, strictly: no DTD is fetched or obeyed, no entity is known but XML's own five, and a document that
// is larger than any request is left at the place where that shows.
import { SaxesParser } from 'saxes'
import { emApiLimits } from './limits.ts'

/** An element without its attributes: no document of the EM API has any that mean something (serialisers add `xmlns:xsi`). */
export interface XmlElement {
  readonly name: string
  readonly children: XmlElement[]
  /** Character data directly in it, CDATA sections too. */
  text: string
}

/** Ends the reading of a document; the message is one sentence that repeats nothing of it. */
export class UnreadableDocument extends Error {
  override readonly name = 'UnreadableDocument'
}

interface Reader {
  /** The root element. Throws UnreadableDocument; the reader must not be used again then. */
  read(document: string): XmlElement
}

/** Making a parser costs twice what a small document does, and one that came to the end of its document is as new. */
let idle: Reader | undefined

/** The root element. Throws UnreadableDocument. */
export function readElements(document: string): XmlElement {
  if (!document.isWellFormed()) throw new UnreadableDocument('the text has half of a character')
  const reader = idle ?? createReader()
  idle = undefined
  const root = reader.read(document)
  idle = reader
  return root
}

function createReader(): Reader {
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false })
  const open: XmlElement[] = []
  let root: XmlElement | undefined
  let count = 0
  let onlyAscii = false
  const addText = (text: string): void => {
    const innermost = open.at(-1)
    if (innermost) innermost.text += text
  }
  parser.on('error', () => {
    throw new UnreadableDocument('the document is not well-formed XML')
  })
  parser.on('xmldecl', ({ version, encoding }) => {
    if (version !== '1.0') throw new UnreadableDocument('the document is not XML 1.0')
    onlyAscii = encoding !== undefined && !/^utf-?8$/iu.test(encoding)
  })
  parser.on('doctype', refuseDeclarations)
  parser.on('opentag', ({ name }) => {
    count += 1
    if (count > emApiLimits.elements) throw new UnreadableDocument('the document has too many elements')
    if (open.length === emApiLimits.depth) throw new UnreadableDocument('elements are nested too deep')
    const element: XmlElement = { name, children: [], text: '' }
    const parent = open.at(-1)
    if (parent) parent.children.push(element)
    else root = element
    open.push(element)
  })
  parser.on('closetag', () => void open.pop())
  parser.on('text', addText)
  parser.on('cdata', addText)

  return {
    read(document) {
      parser.write(document).close()
      const whole = root
      if (onlyAscii) refuseOtherEncoding(document)
      root = undefined
      count = 0
      onlyAscii = false
      if (whole === undefined) throw new UnreadableDocument('the document has no element')
      return whole
    },
  }
}

/** A name and the address of a DTD, which nobody fetches. */
const externalOnly = /^\s+[^\s"'[\]]+(?:\s+(?:SYSTEM|PUBLIC\s+(?:"[^"]*"|'[^']*'))\s+(?:"[^"]*"|'[^']*'))?\s*$/u

/** EMApp's own requests carry `<!DOCTYPE query SYSTEM "http://…/LoginQuery.dtd">`. Entities are declared between brackets. */
function refuseDeclarations(doctype: string): void {
  if (!externalOnly.test(doctype)) throw new UnreadableDocument('the document type has declarations of its own')
}

/**
 * The document is text already, decoded as UTF-8 whatever it says of itself. Where all of it is ASCII, every encoding that a writer of
 * it may have meant says the same (.NET writes `utf-16` into what it then sends as UTF-8); otherwise nobody knows.
 */
function refuseOtherEncoding(document: string): void {
  if (/[\u0080-\u{10FFFF}]/u.test(document)) {
    throw new UnreadableDocument('the document says that it is not UTF-8 and is not ASCII alone')
  }
}
