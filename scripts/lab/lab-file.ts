// A lab file: YAML in, a checked and frozen Lab out. Every complaint names the file, the line, the key path and what is allowed there.
import { readFileSync } from 'node:fs'
import { isScalar, LineCounter, parseDocument, visit } from 'yaml'
import type { Document } from 'yaml'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { LabSchema } from './lab.ts'
import type { Lab } from './lab.ts'
import { breaches } from './lab-rules.ts'
import { formatPath } from './lab-problem.ts'
import type { LabProblem } from './lab-problem.ts'

/** The file cannot be used. `problems` are sentences with file, line and key path, at most ten; the message is all of them. */
export class LabFileError extends Error {
  readonly code = 'LAB_FILE_INVALID'
  readonly problems: readonly string[]
  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join('\n'), options)
    this.name = 'LabFileError'
    this.problems = problems
  }
}

const mostProblems = 10

/** Reads and checks. Throws LabFileError. */
export function loadLab(file: string): Lab {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new LabFileError([`${file}: cannot be read: ${(error as Error).message}`], { cause: error })
  }
  return parseLab(text, file)
}

/** Checks the text of a lab file; `file` is only for the messages. Throws LabFileError. */
export function parseLab(text: string, file: string): Lab {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false })
  const broken = document.errors.map((error) => {
    const { line, col } = lineCounter.linePos(error.pos[0])
    return `${file}:${line}:${col}: ${error.message}`
  })
  // What the parser says after the first one is mostly its consequence.
  if (broken.length > 0) throw new LabFileError(broken.slice(0, 1))
  keepDigits(document)
  const lab = Value.Convert(LabSchema, readDocument(document, file))
  const problems = shapeProblems(lab)
  // The rules read a lab whose shape is right, so they have to wait for it.
  const found = problems.length > 0 ? problems : breaches(lab as Lab)
  if (found.length > 0) throw new LabFileError(describeAll(found, { file, document, lineCounter }))
  return deepFreeze(lab as Lab)
}

/** YAML reads `0123` and `+1408` as numbers; they are telephone numbers and PINs, and every character of them counts. */
function keepDigits(document: Document): void {
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'number' && node.source !== undefined && String(node.value) !== node.source) {
        node.value = node.source
      }
    },
  })
}

function readDocument(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 1000 }) ?? {}
  } catch (error) {
    throw new LabFileError([`${file}: ${(error as Error).message}`], { cause: error })
  }
}

type SchemaError = ReturnType<typeof Value.Errors>[number]

function shapeProblems(lab: unknown): LabProblem[] {
  return Value.Errors(LabSchema, lab).flatMap((error) => {
    const path = pathOf(error.instancePath)
    return describeError(error, path, lab)
  })
}

function pathOf(pointer: string): (string | number)[] {
  const parts = pointer.split('/').slice(1)
  return parts.map((part) => (/^\d+$/u.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~')))
}

function describeError(error: SchemaError, path: (string | number)[], lab: unknown): LabProblem[] {
  const schema = schemaAt(path)
  switch (error.keyword) {
    // A key that is not allowed is told twice, a choice once for each of its members; the clearer one of them is kept.
    case 'boolean':
    case 'const':
      return []
    case 'additionalProperties': {
      const unknown = error.params.additionalProperties
      const allowed = Object.keys((schema as { properties?: object } | undefined)?.properties ?? {}).join(', ')
      return unknown.map((key) => ({ path: [...path, key], message: `unknown key; allowed here: ${allowed}` }))
    }
    case 'required':
      return error.params.requiredProperties.map((key) => ({ path, message: `${key} is missing` }))
    default:
      return isInsideChoice(error)
        ? []
        : [{ path, message: `must be ${expectation(schema, error)}${actual(path, lab)}` }]
  }
}

function isInsideChoice(error: SchemaError): boolean {
  return error.keyword !== 'anyOf' && /\/anyOf\/\d+/u.test(error.schemaPath)
}

interface Described {
  readonly type?: string
  readonly description?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly anyOf?: readonly { readonly const?: unknown; readonly type?: string; readonly description?: string }[]
}

function expectation(schema: TSchema | undefined, error: SchemaError): string {
  const { type, description, minimum, maximum, anyOf } = (schema ?? {}) as Described
  if (anyOf) return `one of ${anyOf.map((one) => String(one.const ?? one.description ?? one.type)).join(', ')}`
  if (minimum !== undefined && maximum !== undefined) return `a whole number from ${minimum} to ${maximum}`
  const kind = { object: 'a map of keys', array: 'a list', boolean: 'true or false', string: 'text' }[type ?? '']
  return description ?? kind ?? error.message.replace(/^must be /u, '')
}

/** What stands there, unless it is or holds a secret. */
function actual(path: readonly (string | number)[], lab: unknown): string {
  const value = path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined)?.[key], lab)
  const secret = ['pin', 'password'].includes(String(path.at(-1)))
  return secret || (typeof value === 'object' && value !== null) ? '' : `, not ${JSON.stringify(value)}`
}

function schemaAt(path: readonly (string | number)[]): TSchema | undefined {
  return path.reduce<TSchema | undefined>((schema, key) => {
    const { items, properties } = (schema ?? {}) as { items?: TSchema; properties?: Record<string, TSchema> }
    return typeof key === 'number' ? items : properties?.[key]
  }, LabSchema)
}

interface Source {
  readonly file: string
  readonly document: Document
  readonly lineCounter: LineCounter
}

function describeAll(problems: readonly LabProblem[], source: Source): string[] {
  const sentences = problems.slice(0, mostProblems).map((problem) => describe(problem, source))
  const more = problems.length - mostProblems
  return more > 0 ? [...sentences, `${source.file}: and ${more} more`] : sentences
}

function describe({ path, message }: LabProblem, { file, document, lineCounter }: Source): string {
  const offset = offsetOf(path, document)
  const where = offset === undefined ? file : `${file}:${lineCounter.linePos(offset).line}`
  const keys = formatPath(path)
  return keys === '' ? `${where}: ${message}` : `${where}: ${keys}: ${message}`
}

/** Of the value at the path, or of the nearest thing around it. */
function offsetOf(path: readonly (string | number)[], document: Document): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true)
    const range = isScalar(node) || typeof node === 'object' ? (node as { range?: [number] } | null)?.range : undefined
    if (range) return range[0]
  }
  return undefined
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member)
    Object.freeze(value)
  }
  return value
}
