// How the lab's own Node processes are run.
import { join } from 'node:path'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

/** The folder of package.json. */
export const projectRoot = join(import.meta.dirname, '..', '..')

/** The programs of the lab, by kind of process. */
export const programs = {
  hub: join(projectRoot, 'services', 'ils', 'hub', 'main.ts'),
  cluster: join(projectRoot, 'cluster-node', 'main.ts'),
  'super-user-sync': join(projectRoot, 'services', 'super-user-sync', 'main.ts'),
} as const

/**
 * A small young generation keeps an idle process small; below 4 MiB a busy one spends its time collecting it. The Dockerfile says
 * the same.
 */
const memoryFlag = '--max-semi-space-size=4'

/** node:sqlite's warning would stand in every log. */
export const nodeArguments: readonly string[] = [memoryFlag, '--disable-warning=ExperimentalWarning']

/**
 * Ours, plus: end when the runner's pipe ends; keep compiled code, which halves the start; give memory back. Each argon2 hash takes
 * MiBs for a moment, and glibc, which learns from the first that it should keep such blocks, would hold 30 to 45 of them for good;
 * a threshold in the environment ends the learning (mallopt(3)). NODE_OPTIONS is for the caller's own Node.
 */
export function childEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...inherited } = process.env
  const cache = process.env['NODE_COMPILE_CACHE'] ?? join(projectRoot, 'node_modules', '.cache', 'roamline')
  return { MALLOC_TRIM_THRESHOLD_: '1048576', ...inherited, ROAMLINE_PARENT_PIPE: '1', NODE_COMPILE_CACHE: cache }
}

/** What a process of ours says on stdout when it can be used. `http` and `https` are base URLs, null where there is no such door. */
export interface ReadyLine {
  readonly ready: true
  readonly name: string
  readonly kind: string
  readonly pid: number
  readonly http: string | null
  readonly https: string | null
}

/** The first ready line on the child's stdout; anything else there is passed over. Never resolves when none comes. */
export function readReadyLine(child: ChildProcess): Promise<ReadyLine> {
  return new Promise((resolve) => {
    if (!child.stdout) return
    const lines = createInterface({ input: child.stdout })
    lines.on('line', (line) => {
      const value = parseReadyLine(line)
      if (!value) return
      lines.close()
      child.stdout?.resume()
      resolve(value)
    })
  })
}

function parseReadyLine(line: string): ReadyLine | undefined {
  try {
    const value = JSON.parse(line) as Partial<ReadyLine> | null
    return value?.ready === true ? (value as ReadyLine) : undefined
  } catch {
    return undefined
  }
}
