// What the Super User Synchronization Tool carries between clusters (our choice of fields and rules: docs/fidelity.md).
import type { NewDeviceProfile, StoredCredential } from '../database/api.ts'

/** One superuser with everything that a roaming cluster needs to log them in. */
export interface SuperUserRecord {
  readonly userId: string
  readonly firstName: string
  readonly lastName: string
  readonly displayName: string
  /** True in the export of the cluster whose Home Cluster box is checked for this user. */
  readonly homeCluster: boolean
  readonly primaryExtension: string
  readonly selfServiceUserId: string
  readonly defaultProfile: string
  readonly deviceProfiles: readonly NewDeviceProfile[]
  /** This and the next two are absent from a cluster of an earlier version, and then stay as they are. */
  readonly userLocale?: string
  readonly userProfile?: string
  readonly maximumLoginTime?: string
  /** The PIN's slow hash; absent if the user has none. */
  readonly pin?: StoredCredential
}

export const SyncOutcome = {
  created: 'created',
  updated: 'updated',
  unchanged: 'unchanged',
  conflicting: 'conflicting',
  removed: 'removed',
} as const
export type SyncOutcome = (typeof SyncOutcome)[keyof typeof SyncOutcome]

/** Answer of `PUT /api/v1/superusers/{userId}`. */
export interface ImportAnswer {
  readonly outcome: SyncOutcome
  /** One sentence, where the outcome is `conflicting`. */
  readonly reason?: string
}
