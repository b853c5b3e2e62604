import { Cause } from './api.ts'

const texts: Readonly<Record<Cause, string>> = {
  [Cause.unallocated]: 'unallocated number',
  [Cause.normalClearing]: 'normal clearing',
  [Cause.busy]: 'user busy',
  [Cause.noAnswer]: 'no answer',
  [Cause.subscriberAbsent]: 'subscriber absent',
  [Cause.rejected]: 'call rejected',
  [Cause.destinationOutOfOrder]: 'destination out of order',
  [Cause.networkOutOfOrder]: 'network out of order',
  [Cause.temporaryFailure]: 'temporary failure',
  [Cause.recoveryOnTimerExpiry]: 'recovery on timer expiry',
}

/** The cause in ITU-T Q.850's words, shortened. */
export function causeText(cause: Cause): string {
  return texts[cause]
}

/** All causes that this system uses, for schemas. */
export const allCauses: readonly Cause[] = Object.values(Cause)
