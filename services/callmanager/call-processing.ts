import type { CallManager } from './api.ts'
import type { CallControl } from './call-control.ts'
import type { Calls } from './calls.ts'
import type { Interactions } from './interactions/interactions.ts'
import type { Locations } from './locations.ts'
import type { Beats } from './trunk/beats.ts'

/** The running service as its own routes see it; siblings see `CallManager` alone. */
export interface CallProcessing extends CallManager {
  readonly control: CallControl
  readonly calls: Calls
  readonly interactions: Interactions
  readonly locations: Locations
  readonly beats: Beats
}
