// What a simulated phone makes of its configuration. A real one fetches and parses `SEP<MAC>.cnf.xml`; ours compares the values
// from which Cisco Tftp builds that file when somebody asks for it. Three kilobytes of XML, made and parsed at each login for
// nobody to see, would cost a login more than everything else that it does.
import type { Device, EffectiveConfiguration, Line } from '../database/api.ts'
import { spokenLocale } from '../database/effective-configuration.ts'

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

/** What the phone's file says of the phone itself, whoever is logged in. */
const deviceParts = [
  'owner',
  'addressingMode',
  'securityMode',
  'protectedDevice',
] as const satisfies readonly (keyof Device)[]

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

/** What a phone registered with, or would register with now. */
export interface Known {
  readonly configuration: EffectiveConfiguration | undefined
  readonly device: Device
}

/** Whether a phone has to restart for what is different now. */
export function asksForRestart(before: Known, after: Known): boolean {
  if (before.configuration === undefined || after.configuration === undefined) return true
  if (deviceParts.some((part) => before.device[part] !== after.device[part])) return true
  return changedParts(before.configuration, after.configuration).length > 0
}

/**
 * Why the phone resets after its restart; empty = it does not. Feature Configuration Guide, Extension Mobility restrictions, Locale:
 * it does when what is in force for the user differs from the phone's own. The way back, at logout, is the same change, and so is one
 * that an administrator makes.
 */
export function resetCauses(
  before: EffectiveConfiguration | undefined,
  after: EffectiveConfiguration,
): readonly ResetCause[] {
  if (before === undefined) return after.mismatch
  const isAnotherUser = before.userId !== after.userId
  return (['userLocale', 'modules'] as const).filter(
    (cause) =>
      (isAnotherUser && (before.mismatch.includes(cause) || after.mismatch.includes(cause))) ||
      isOther(before, after, cause),
  )
}

function isOther(before: EffectiveConfiguration, after: EffectiveConfiguration, cause: ResetCause): boolean {
  if (cause === 'modules') return !isSame(before.modules, after.modules)
  return spokenLocale(before.userLocale) !== spokenLocale(after.userLocale)
}

function differs(before: EffectiveConfiguration, after: EffectiveConfiguration, part: ConfigurationPart): boolean {
  return part === 'lines' ? !areSameLines(before.lines, after.lines) : !isSame(before[part], after[part])
}

/** Where calls of a number are forwarded is nothing that a phone reads: pressing CFwdAll must not restart the phones that share it. */
function areSameLines(before: readonly Line[], after: readonly Line[]): boolean {
  if (before === after) return true
  return (
    before.length === after.length &&
    before.every((line, place) => isSame(withoutForwarding(line), withoutForwarding(after[place] ?? line)))
  )
}

function withoutForwarding(line: Line): Line {
  return { ...line, forwardAll: '', forwardAllCallingSearchSpace: '' }
}

/** For frozen rows and lists of them, which hold text, numbers and booleans; plain, because every login comes through here. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  const keys = Object.keys(one) as (keyof typeof one)[]
  return keys.length === Object.keys(other).length && keys.every((key) => isSame(one[key], other[key]))
}
