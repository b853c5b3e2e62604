// Names in a lab file: which there are, which are there twice, which lead nowhere.
import { formatPath } from './lab-problem.ts'
import type { Path, Report } from './lab-problem.ts'

/** Names by their lower-case form: the vendor's names compare without regard to case. */
export type Names = ReadonlyMap<string, string>

/** For a complaint. */
export function listOf(names: Names): string {
  return [...names.values()].join(', ') || 'none'
}

/** Reports each value that was there before. */
export function checkDistinct(values: readonly { value: string; path: Path; where?: string }[], report: Report): void {
  const first = new Map<string, string>()
  for (const { value, path, where } of values) {
    const key = value.toLowerCase()
    const before = first.get(key)
    if (before !== undefined) report(path, `"${value}" is there twice, first ${before}`)
    else first.set(key, where ?? `at ${formatPath(path)}`)
  }
}

/** Reports a name that leads nowhere; without a name there is nothing to lead. */
export function checkReference(
  name: string | undefined,
  known: Names,
  at: { readonly path: Path; readonly kind: string },
  report: Report,
): void {
  if (name === undefined || name === '' || known.has(name.toLowerCase())) return
  report(at.path, `there is no ${at.kind} "${name}"; there are: ${listOf(known)}`)
}

/** Of some things. */
export function namesOf<T>(items: readonly T[] | undefined, name: (item: T) => string): Map<string, string> {
  return new Map((items ?? []).map((item) => [name(item).toLowerCase(), name(item)]))
}
