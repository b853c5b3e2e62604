// Takes a rule out of a copy of ils-sync, and looks for a seed that notices.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SearchOptions, SearchResult } from './search.ts'

const root = new URL('../..', import.meta.url).pathname
const run = promisify(execFile)

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
  mkdirSync(join(folder, 'test'), { recursive: true })
  try {
    for (const part of ['ils-sync', 'test/simulation'])
      cpSync(join(root, part), join(folder, part), { recursive: true })
    for (const edit of edits) apply(folder, edit)
    const program = join(folder, 'test/simulation/search.ts')
    const { stdout } = await run(process.execPath, [program, JSON.stringify(options)], { maxBuffer: 16 * 1024 * 1024 })
    return JSON.parse(stdout) as SearchResult
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
