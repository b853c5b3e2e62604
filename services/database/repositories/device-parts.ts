import type { ButtonRows } from '../button-rows.ts'
import type { FeatureButtons } from '../feature-buttons.ts'
import type { References } from '../references.ts'
import type { Tables } from '../tables.ts'
import type { VersionStamps } from '../version-stamps.ts'

/** What the repositories of phones and of device profiles are made from. */
export interface DeviceParts {
  readonly tables: Tables
  readonly references: References
  readonly buttons: ButtonRows
  readonly featureButtons: FeatureButtons
  readonly stamps: VersionStamps
}
