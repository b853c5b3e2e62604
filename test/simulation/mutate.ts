// Takes a rule out of a copy of ils-sync, and looks for a seed or a test that notices.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SearchOptions, SearchResult } from './search.ts'

const root = new URL('../..', import.meta.url).pathname
const run = promisify(execFile)
/** What the tests of ils-sync import. */
const testParts = ['ils-sync', 'test/ils-sync', 'test/simulation', 'services/certificates']

/** A place in the source of ils-sync, and what stands there when the rule is gone. */
export interface Edit {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** Throws when an edit does not fit exactly one place: the rule has moved, and the list must follow. */
export async function searchWithout(
  folder: string,
  edits: readonly Edit[],
  options: SearchOptions,
): Promise<SearchResult> {
  return inCopy(folder, { parts: ['ils-sync', 'test/simulation'], edits }, async () => {
    const program = join(folder, 'test/simulation/search.ts')
    const { stdout } = await run(process.execPath, [program, JSON.stringify(options)], { maxBuffer: 16 * 1024 * 1024 })
    return JSON.parse(stdout) as SearchResult
  })
}

/** The name of the first test in that file of test/ils-sync/ that fails; undefined when none does. */
export async function testWithout(folder: string, edits: readonly Edit[], file: string): Promise<string | undefined> {
  return inCopy(folder, { parts: testParts, edits }, async () => {
    const program = join(folder, 'test/ils-sync', file)
    // Not a part of the test that runs it.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TAP')))
    try {
      await run(process.execPath, [program], { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 })
      return undefined
    } catch (error) {
      const { stdout = '' } = error as { stdout?: string }
      const [, name] = /^not ok \d+ - (.*?)(?: # time=.*)?(?: \{)?$/mu.exec(stdout) ?? []
      if (name === undefined) throw error
      return name
    }
  })
}

/** A copy of these parts of the project, with the edits made, which is removed again. */
async function inCopy<Result>(
  folder: string,
  { parts, edits }: { readonly parts: readonly string[]; readonly edits: readonly Edit[] },
  action: () => Promise<Result>,
): Promise<Result> {
  mkdirSync(join(folder, 'test'), { recursive: true })
  try {
    for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true })
    for (const edit of edits) apply(folder, edit)
    return await action()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Which edits no longer fit. Cheap. */
export function misfits(edits: readonly Edit[]): readonly string[] {
  return edits.flatMap(({ file, find }) => {
    const places = readFileSync(join(root, file), 'utf8').split(pattern(find)).length - 1
    return places === 1 ? [] : [`${file} holds "${find}" ${places} times`]
  })
}

function apply(folder: string, { file, find, replace }: Edit): void {
  const path = join(folder, file)
  const parts = readFileSync(path, 'utf8').split(pattern(find))
  if (parts.length !== 2) throw new Error(`${file} does not hold exactly one "${find}"`)
  writeFileSync(path, parts.join(replace))
}

/** However the lines are broken. */
function pattern(find: string): RegExp {
  return new RegExp(find.replaceAll(/[$()*+.?[\\\]^{|}]/gu, String.raw`\$&`).replaceAll(/\s+/gu, String.raw`\s+`), 'u')
}
