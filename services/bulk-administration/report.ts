import { serializeRecord } from '../wire/csv.ts'
import type { Job, RowFailure } from './api.ts'

/** Pieces of the report as JSON, however many rows failed. */
export async function* jsonReport(job: Job, failures: AsyncIterable<RowFailure>): AsyncGenerator<string> {
  const { failed: _count, ...facts } = job
  yield `${JSON.stringify(facts).slice(0, -1)},"failed":[`
  let separator = ''
  for await (const failure of failures) {
    yield separator + JSON.stringify(failure)
    separator = ','
  }
  yield ']}'
}

/** The rows that failed, as CSV. */
export async function* csvReport(failures: AsyncIterable<RowFailure>): AsyncGenerator<string> {
  yield serializeRecord(['line', 'key', 'reason'])
  for await (const { line, key, reason } of failures) yield serializeRecord([String(line), key, reason])
}
