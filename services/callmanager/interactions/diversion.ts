import type { PartitionRanks } from '../digit-analysis/digit-analysis.ts'

/** Another number that a call goes to. */
export interface Diversion {
  readonly destination: string
  /** What the diverted call may reach. */
  readonly ranks: PartitionRanks
  /** The hop's words, before the destination. */
  readonly why: string
}
