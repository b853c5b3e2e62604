import { EmRefusal, refusals } from '../refusals.ts'
import type { Operation, RefusalCode } from '../refusals.ts'

/** A refusal that EMApp found itself, before or instead of Extension Mobility. */
export class OwnRefusal extends EmRefusal {}

/** The refusal with this code; its page shows `phoneDisplay`. */
export function refused(code: RefusalCode, operation: Operation): OwnRefusal {
  return new OwnRefusal(code, operation, `the ${operation} was refused: ${refusals[code].name}`)
}
