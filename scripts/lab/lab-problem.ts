/** From the file's root: keys and positions in lists. */
export type Path = readonly (string | number)[]

/** Where in a lab file, and what is wrong there. */
export interface LabProblem {
  readonly path: Path
  readonly message: string
}

/** How a rule says what it found. */
export type Report = (path: Path, message: string) => void

/** `clusters[0].phones[2].name` */
export function formatPath(path: Path): string {
  return path.map((key, at) => (typeof key === 'number' ? `[${key}]` : at === 0 ? key : `.${key}`)).join('')
}
