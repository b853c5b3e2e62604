/** Told within one second at most. Others cause what is told, and could fill the log and drown those who watch; all is counted elsewhere. */
const toldPerSecond = 10

/** Whether one more of a kind may be told within this second. There must be few kinds, and not of others' making. */
export function createLimit(): (kind: string) => boolean {
  const told = new Map<string, { second: number; count: number }>()
  return (kind) => {
    const second = Math.floor(performance.now() / 1000)
    const entry = told.get(kind)
    if (entry?.second !== second) {
      told.set(kind, { second, count: 1 })
      return true
    }
    entry.count += 1
    return entry.count <= toldPerSecond
  }
}
