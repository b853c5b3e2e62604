// What did not come to pass, as the EM API says it: a code and a text of our choice, which repeats nothing of what was sent.
import { CredentialHasherBusy } from '../../database/credential-hasher.ts'
import { Problem } from '../../problem.ts'
import type { Logger } from '../../service.ts'
import { serializeFailure } from '../../wire/em-api/index.ts'
import type { EmApiProblem } from '../../wire/em-api/index.ts'
import { FaultInjected, FaultPoint } from '../faults.ts'
import { EmRefusal, refusals } from '../../refusals.ts'
import type { RefusalCode } from '../../refusals.ts'

/** 1 or 8, with the sentence that helps whoever wrote the document. */
export function serializeParsingFailure({ code, problem }: EmApiProblem): string {
  return serializeFailure(code, `${refusals[code].name}: ${problem}`)
}

/** Whatever was thrown while a request was carried out. What is nobody's refusal goes to `log`, and the caller is told 0. */
export function serializeTrouble(error: unknown, log: Logger): string {
  const code = codeOf(error)
  if (code === 0) log.error({ err: error }, 'an EM API request failed')
  return serializeFailure(code, texts[code] ?? refusals[code].name)
}

function codeOf(error: unknown): RefusalCode {
  if (error instanceof EmRefusal) return ofTheService[error.code] ?? error.code
  if (error instanceof CredentialHasherBusy) return 26
  if (error instanceof Problem && error.facts.status === 503) return 26
  return error instanceof FaultInjected && error.point === FaultPoint.directory ? 9 : 0
}

/** 201 to 216 are the phone pages' own; the EM API has other numbers for the same (our reading of the two tables). */
const ofTheService: Partial<Record<RefusalCode, RefusalCode>> = {
  201: 3,
  202: 23,
  204: 9,
  205: 12,
  207: 11,
  216: 47,
}

/** Where the EM API's own documents word it otherwise. One client looks for each half of the text of 3. */
const texts: Partial<Record<RefusalCode, string>> = {
  2: 'Cannot authorize App user',
  3: 'Application Authentication Error: Could not authenticate',
}
