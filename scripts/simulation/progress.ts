// What a long simulation tells while it runs: on a terminal one line that changes, into a file or a log one a minute; a broken seed at
// once, since making it short waits until the end.
import type { Tally } from './tally.ts'
import type { SeedAnswer, SeedTask } from './worker.ts'

export interface Progress {
  /** After the tally has it. */
  told(task: SeedTask, answer: SeedAnswer): void
  /** Takes the changing line away. */
  end(): void
}

const everyMs = 60_000

/** Writes to stderr only. `quiet`: broken seeds alone. */
export function createProgress(tally: Pick<Tally, 'line'>, quiet: boolean): Progress {
  const { stderr } = process
  const changing = stderr.isTTY && !quiet
  let lastAt = performance.now()
  const clear = () => {
    if (changing) stderr.write('\r\u001b[K')
  }
  return {
    told({ seed, nodes }, { violation }) {
      if (violation !== undefined) {
        clear()
        stderr.write(`seed ${seed}, ${nodes} nodes: ${violation.split('\n', 1)[0]}\n`)
      }
      if (changing) stderr.write(`\r${tally.line()}\u001b[K`)
      else if (!quiet && performance.now() - lastAt >= everyMs) {
        lastAt = performance.now()
        stderr.write(`${tally.line()}\n`)
      }
    },
    end: clear,
  }
}
