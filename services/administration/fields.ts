// Members that several resources share.
import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import type { Line, NewLine } from '../database/api.ts'
import { Problem } from '../problem.ts'
import { normalizeDirectoryNumber } from '../wire/directory-number.ts'

/** Free text of at most 128 characters. */
export function text(description: string, example: string) {
  return Type.String({ maxLength: 128, description, examples: [example] })
}

/** Inside brackets of a pattern: what no page, file or document of a phone could tell. */
export const controls = '\\u0000-\\u001f\\u007f-\\u009f'

const namePattern = `^(?!\\.\\.?$)[^\\s${controls}]([^${controls}]*[^\\s${controls}])?$`

/** What a record is called: not blank, no blank at either end, no control characters; nor a dot or two, which clients take out of a path. */
export function name(description: string, example: string, maxLength = 128) {
  return Type.String({ minLength: 1, maxLength, pattern: namePattern, description, examples: [example] })
}

/** Names of other records. */
export function names(description: string, example: string) {
  return Type.Array(name(description, example), { maxItems: 1000, description, examples: [[example]] })
}

/** The answer of a change that has nothing to tell. */
export const nothing = { 204: Type.Null({ description: 'Done' }) }

/** A list that is told. */
export function listOf<Item extends TSchema>(item: Item) {
  return Type.Unsafe<readonly Static<Item>[]>(Type.Array(item))
}

const dn = Type.String({
  minLength: 1,
  maxLength: 128,
  description: 'Directory number; separators are taken out: `1000-001` is stored as `1000001`',
  examples: ['1000001'],
})
const count = (description: string, example: number) =>
  Type.Integer({ minimum: 1, maximum: 200, description, examples: [example] })

const lineMembers = {
  index: count('Button, from 1', 1),
  partition: text('Route partition; empty = <None>', ''),
  label: text('Text at the button', 'Bob'),
  display: text('Name shown to the other party', 'Bob'),
  callingSearchSpace: text('Calling search space of the line; empty = <None>', ''),
  busyTrigger: count('Calls at which a further one is busy', 2),
  maxCalls: count('Calls at most', 4),
  forwardAll: text('Forward all calls to this number; empty = off', ''),
  forwardAllCallingSearchSpace: text('Calling Search Space for Forward All; empty = <None>', ''),
}

/** A line as it is told: all members. */
export const LineView = Type.Unsafe<Line>(Type.Object({ dn, ...lineMembers }))

/** A line as it is given: what is left out gets its default, `index` its place in the list. */
const LineInput = Type.Object(
  { ...Type.Partial(Type.Object(lineMembers)).properties, dn },
  { additionalProperties: false },
)

/** All lines of a phone or profile, given as a whole. */
export const LineInputs = Type.Array(LineInput, { maxItems: 200, description: 'Replaces all lines' })

/** Stored form of the lines that were given; 422 for a number that cannot be dialled. */
export function readLines(lines: Static<typeof LineInputs>): NewLine[] {
  return lines.map(({ forwardAll, ...line }) => ({
    ...line,
    dn: readDirectoryNumber(line.dn),
    ...(forwardAll !== undefined && { forwardAll: forwardAll && readDirectoryNumber(forwardAll) }),
  }))
}

/** Stored form of a directory number; 422 for one that cannot be dialled. */
export function readDirectoryNumber(given: string): string {
  const stored = normalizeDirectoryNumber(given)
  if (stored !== undefined) return stored
  throw new Problem({
    status: 422,
    title: 'Not a directory number',
    detail: `${JSON.stringify(given)} cannot be dialled: digits, *, #, A to D and one leading + can.`,
  })
}
