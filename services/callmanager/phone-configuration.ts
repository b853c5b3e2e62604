// What a simulated phone makes of its configuration. A real one fetches and parses `SEP<MAC>.cnf.xml`; ours compares the values
// from which Cisco Tftp builds that file when somebody asks for it. Three kilobytes of XML, made and parsed at each login for
// nobody to see, would cost a login more than everything else that it does.
import type { EffectiveConfiguration } from '../database/api.ts'

/** Members of a configuration that the phone is told, in the order in which it reports what changed. */
const parts = [
  'userId',
  'lines',
  'speedDials',
  'blfSpeedDials',
  'intercomLines',
  'phoneServices',
  'softkeyTemplate',
  'phoneButtonTemplate',
  'userLocale',
  'modules',
  'alwaysUsePrimeLine',
  'alwaysUsePrimeLineForVoiceMessage',
  'privacy',
  'singleButtonBarge',
  'joinAcrossLines',
  'dndIncomingCallAlert',
  'mlppIndication',
  'mlppPreemption',
  'mlppDomain',
] as const satisfies readonly (keyof EffectiveConfiguration)[]
export type ConfigurationPart = (typeof parts)[number]

/** What a phone can only take over by a reset. */
export type ResetCause = EffectiveConfiguration['mismatch'][number]

const none: readonly never[] = Object.freeze([])

/** In which parts two configurations of a phone differ. In the path of every login: equal stamps and references end it early. */
export function changedParts(
  before: EffectiveConfiguration,
  after: EffectiveConfiguration,
): readonly ConfigurationPart[] {
  if (before.versionStamp === after.versionStamp) return none
  return parts.filter((part) => differs(before, after, part))
}

/**
 * Why the phone resets after its restart; empty = it does not. Feature Configuration Guide, Extension Mobility restrictions, Locale:
 * it does when what is in force for the user differs from the phone's own. The way back, at logout, is the same change.
 */
export function resetCauses(
  before: EffectiveConfiguration | undefined,
  after: EffectiveConfiguration,
): readonly ResetCause[] {
  if (after.mismatch.length === 0 && (before === undefined || before.mismatch.length === 0)) return none
  const causes = new Set([...(before?.mismatch ?? none), ...after.mismatch])
  return [...causes].filter(
    (cause) => before === undefined || before.userId !== after.userId || differs(before, after, cause),
  )
}

function differs(before: EffectiveConfiguration, after: EffectiveConfiguration, part: ConfigurationPart): boolean {
  return !isSame(before[part], after[part])
}

/** For frozen rows and lists of them, which hold text, numbers and booleans; plain, because every login comes through here. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  const keys = Object.keys(one) as (keyof typeof one)[]
  return keys.length === Object.keys(other).length && keys.every((key) => isSame(one[key], other[key]))
}
