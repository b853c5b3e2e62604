// Tables for people. Colours come from `util.styleText`, only on a terminal.
import Table from 'cli-table3'
import { paint } from './verbs/verb.ts'
import type { Belief } from './beliefs.ts'
import { plain } from './plain.ts'
import { ProcessState } from './lab/managed-process.ts'
import type { LabStatus } from './lab/runner.ts'

/** `head` and rows of the same length. */
export function table(head: string[], rows: string[][]): string {
  const built = new Table({ head, style: { head: [], border: [], compact: true } })
  built.push(...rows)
  return built.toString()
}

function paintState(state: string): string {
  if (state === ProcessState.running || state === 'external') return paint('green', state)
  return paint(state === ProcessState.crashed || state === ProcessState.killed ? 'red' : 'yellow', state)
}

/** `roamline status` */
export function statusTable({ lab, data, processes, redis }: LabStatus): string {
  const rows = processes.map(({ name, kind, state, pid, http, https }) => [
    name,
    kind,
    paintState(state),
    pid === null ? '' : String(pid),
    http ?? '',
    https ?? '',
  ])
  rows.push([
    'redis',
    redis.provider,
    paintState(redis.state),
    redis.pid === null ? '' : String(redis.pid),
    redis.url,
    '',
  ])
  const files = processes.flatMap(({ name, phoneFiles }) =>
    phoneFiles === undefined ? [] : [`${name}: phones get their files from ${phoneFiles.http} and ${phoneFiles.tftp}`],
  )
  const notes = processes.flatMap(({ name, note }) => (note === undefined ? [] : [`${name}: ${note}`]))
  const head = ['process', 'kind', 'state', 'pid', 'http', 'https']
  return [`Lab ${lab}, data in ${data}`, table(head, rows), ...files, ...notes].join('\n')
}

/** `roamline where` */
export function beliefTable(beliefs: readonly Belief[]): string {
  const rows = beliefs.map(({ asked, location, problem }) => {
    if (!location) return [asked, plain(problem ?? 'unknown'), '', '', '', '']
    const { cluster, deviceNames, userId, source, since } = location
    return [asked, ...[cluster, deviceNames.join(', '), userId, source, since].map((text) => plain(text))]
  })
  return table(['asked', 'says it is at', 'phones', 'user', 'source', 'since'], rows)
}

/** The people of a lab. */
export function peopleTable(people: readonly string[][]): string {
  return table(
    ['user', 'PIN', 'number', 'home', 'phone', ''],
    people.map((row) => [...row]),
  )
}
