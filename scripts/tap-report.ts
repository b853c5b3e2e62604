// Reads TAP as tap prints it: one line per file that is over, everything of a file in which something failed, and the totals.

/** What a run came to. Skips include what is marked as to do. */
export interface TapTotals {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** `file: test: reason` of each skipped one. */
  readonly skips: readonly string[]
}

export interface TapReport {
  /** The next line, without its end. */
  line(text: string): void
  totals(): TapTotals
}

const point = /^(not )?ok \d+(?: - )?(.*)$/u
const total = /^# \{ (.*) \}$/u
const directive = /^\s*(?:not )?ok \d+(?: - )?(.*?)\s+# (?:SKIP|TODO)\b\s*(.*)$/iu

/** `print` gets what people want to see while it runs. */
export function createTapReport(print: (line: string) => void): TapReport {
  let block: string[] = []
  let counted: Record<string, number> = {}
  let points = { passed: 0, failed: 0 }
  const skips: string[] = []

  /** The result of a whole file; the lines before it, indented, were its tests. */
  function endFile(isFailed: boolean, text: string): void {
    const [name = '', ...rest] = text.split(' # ')
    const time = /time=([\d.]+)ms/u.exec(rest.join(' # '))?.[1]
    const seconds = time === undefined ? '' : ` (${(Number(time) / 1000).toFixed(1)} s)`
    if (isFailed) for (const line of block) print(line)
    print(`${isFailed ? 'NOT OK' : 'ok'}  ${name}${seconds}`)
    for (const line of block) noteSkip(name, line)
    const whole = /\bSKIP\b\s*(.*)$/iu.exec(rest.join(' # '))
    if (whole) skips.push(`${name}: ${whole[1] || 'no reason given'}`)
    block = []
  }

  function noteSkip(file: string, line: string): void {
    const [, title, reason] = directive.exec(line) ?? []
    if (title !== undefined) skips.push(`${file}: ${title}: ${reason || 'no reason given'}`)
  }

  return {
    line(text) {
      const [, not, rest] = point.exec(text) ?? []
      const totals = total.exec(text)?.[1]
      if (rest !== undefined) {
        points = { passed: points.passed + (not ? 0 : 1), failed: points.failed + (not ? 1 : 0) }
        endFile(not !== undefined, rest)
      } else if (totals !== undefined) counted = readCounts(totals)
      else if (text.startsWith(' ')) block.push(text)
      else if (text.startsWith('Bail out!')) print(text)
    },
    totals() {
      const { pass = 0, fail = 0, skip = 0, todo = 0, total: all } = counted
      // Without tap's own totals (it was killed) the files are all that is known.
      if (all === undefined) return { ...points, skipped: 0, skips }
      return { passed: pass, failed: fail, skipped: skip + todo, skips }
    },
  }
}

/** `total: 9, pass: 4, fail: 2` */
function readCounts(text: string): Record<string, number> {
  const pairs = text.split(', ').map((pair) => pair.split(': '))
  return Object.fromEntries(pairs.map(([key = '', value = '']) => [key, Number(value)]))
}
