// Columns are named as the JSON members: `displayName`, `lines.1.dn`, `phone.extensionMobility`. A header that names something
// else is refused before anything is written.
import type { TSchema } from 'typebox'
import { Problem } from '../problem.ts'
import { parseCell } from '../wire/csv.ts'

/** In a file that is sent again, the reason why a row failed last time: read over. */
export const failureColumn = 'failure'

/** What a JSON schema says, as far as columns need it. */
interface Shape {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly items?: Shape
  readonly maxItems?: number
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly description?: string
}

type Leaf = 'text' | 'boolean' | 'integer' | 'list'

interface Column {
  /** Member names, and places in lists from 1. */
  readonly path: readonly string[]
  readonly leaf: Leaf
}

/** One column that a kind of record has, for people. */
export interface ColumnDescription {
  /** `N` stands for a place in a list, from 1. */
  readonly name: string
  readonly description: string
  readonly required: boolean
}

/** Turns the cells of a row into a record; undefined members are those whose cell is empty. */
export type ReadRow = (cells: readonly string[]) => Readonly<Record<string, unknown>>

/** Makes the reader of rows under this header. Throws Problem (422): a column that is unknown, missing, unnamed or there twice. */
export function readHeader(schema: TSchema, header: readonly string[]): ReadRow {
  const names = header.map((cell) => cell.trim())
  refuseDoubles(names)
  const shape = schema as Shape
  const columns = names.map((name) => (name === failureColumn ? undefined : columnOf(shape, name)))
  refuseMissing(shape, names)
  return (cells) => {
    const record = {}
    for (const [place, column] of columns.entries()) {
      const cell = cells[place] ?? ''
      if (column && cell !== '') put(record, column, parseCell(cell))
    }
    return compacted(record, shape) as Readonly<Record<string, unknown>>
  }
}

/** Every column that a record of this schema can have, those that it must have first. */
export function describeColumns(schema: TSchema): readonly ColumnDescription[] {
  return describe(schema as Shape, '', true).toSorted((one, other) => Number(other.required) - Number(one.required))
}

function describe(shape: Shape, name: string, required: boolean): readonly ColumnDescription[] {
  const leaf = leafOf(shape)
  const description = `${shape.description ?? ''}${leaf === 'list' ? '; several in one cell, with ; between them' : ''}`
  if (leaf) return [{ name, description, required }]
  const prefix = name && `${name}.`
  if (shape.type === 'array') return describe(shape.items ?? {}, `${prefix}N`, false)
  return Object.entries(shape.properties ?? {}).flatMap(([member, inner]) =>
    describe(inner, `${prefix}${member}`, required && (shape.required ?? []).includes(member)),
  )
}

function refuseDoubles(names: readonly string[]): void {
  const seen = new Set<string>()
  for (const [place, name] of names.entries()) {
    if (name === '') throw wrongHeader(`Column ${place + 1} has no name.`)
    if (seen.has(name)) throw wrongHeader(`The column ${name} is there twice.`)
    seen.add(name)
  }
}

/** Of a part that may be left out, members are required as soon as one column of it is there. */
function refuseMissing(shape: Shape, names: readonly string[]): void {
  const required = shape.required ?? []
  const parts = Object.entries(shape.properties ?? {}).filter(
    ([part, { type }]) => type === 'object' && has(names, part),
  )
  const inParts = parts.flatMap(([part, { required: members = [] }]) => members.map((member) => `${part}.${member}`))
  const missing = [...required, ...inParts].find((name) => !names.includes(name))
  if (missing !== undefined) throw wrongHeader(`The column ${missing} is missing.`)
}

function has(names: readonly string[], part: string): boolean {
  return names.some((name) => name.startsWith(`${part}.`))
}

function columnOf(schema: Shape, name: string): Column {
  const path = name.split('.')
  const shape = path.reduce(inside, schema as Shape | undefined) ?? {}
  const leaf = leafOf(shape)
  if (leaf !== undefined) return { path, leaf }
  const known = describeColumns(schema).map((column) => column.name)
  const said = JSON.stringify(name.slice(0, 128))
  const [part] = shape.items?.required ?? []
  if (part !== undefined)
    throw wrongHeader(`${said} is a list; each part has a column of its own, with its place from 1: ${name}.1.${part}.`)
  throw wrongHeader(`There is no column ${said}; N is a place in a list, from 1, and there are: ${known.join(', ')}.`)
}

function inside(shape: Shape | undefined, step: string): Shape | undefined {
  if (shape?.type !== 'array')
    return shape?.properties && Object.hasOwn(shape.properties, step) ? shape.properties[step] : undefined
  const place = /^[1-9]\d{0,2}$/u.test(step) ? Number(step) : 0
  return place > 0 && place <= (shape.maxItems ?? 0) && shape.items?.type === 'object' ? shape.items : undefined
}

function leafOf(shape: Shape): Leaf | undefined {
  if (shape.type === 'boolean' || typeof shape.const === 'boolean') return 'boolean'
  if (shape.type === 'integer') return 'integer'
  if (shape.type === 'array') return shape.items?.type === 'string' ? 'list' : undefined
  return shape.type === 'string' || shape.enum ? 'text' : undefined
}

type Branch = Record<string, unknown>

/** A list is an object by place until the row is complete. */
function put(record: Branch, { path, leaf }: Column, text: string): void {
  let branch = record
  for (const step of path.slice(0, -1)) branch = (branch[step] ??= {}) as Branch
  branch[path.at(-1) ?? ''] = valueOf(leaf, text)
}

/** What is not a boolean or a number stays text, so that the schema's own sentence says what is wrong. */
function valueOf(leaf: Leaf, text: string): unknown {
  const word = text.trim().toLowerCase()
  if (leaf === 'boolean' && (word === 'true' || word === 'false')) return word === 'true'
  if (leaf === 'integer' && /^-?\d{1,15}$/u.test(word)) return Number(word)
  if (leaf !== 'list') return text
  return text
    .split(';')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** Lists by place become lists. What has an `index` of its own in the JSON keeps the place that its column says. */
function compacted(value: unknown, shape: Shape): unknown {
  if (leafOf(shape)) return value
  const entries = Object.entries(value as Branch)
  if (shape.type !== 'array') {
    return Object.fromEntries(entries.map(([key, inner]) => [key, compacted(inner, shape.properties?.[key] ?? {})]))
  }
  const hasIndex = shape.items?.properties?.['index'] !== undefined
  // Integer keys come in ascending order.
  return entries.map(([place, inner]) => ({ ...(hasIndex && { index: Number(place) }), ...(inner as Branch) }))
}

function wrongHeader(detail: string): Problem {
  return new Problem({ status: 422, title: 'Not these columns', detail })
}
