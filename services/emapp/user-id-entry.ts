// What a user can enter as User ID on a phone (Feature Configuration Guide, Extension Mobility service parameters, Alphanumeric User
// ID; Extension Mobility restrictions, Character Display).
import type { ClusterDatabase } from '../database/api.ts'
import { alphanumericUserId, isOn } from '../database/service-parameters.ts'
import type { InputFlags } from '../wire/phone-xml/index.ts'
import type { IdentifiedBy } from './pages.ts'

type Tables = Pick<ClusterDatabase, 'devices' | 'serviceParameters'>

/** How the phone lets the identifier be entered. The User ID is lower case: "characters must be lowercase". */
export function identifierFlags({ serviceParameters }: Tables, identifiedBy: IdentifiedBy): InputFlags {
  if (identifiedBy === 'DN') return 'T'
  return identifiedBy === 'SP' || !isOn(serviceParameters, alphanumericUserId) ? 'N' : 'L'
}

/** Whether this phone could have entered this User ID; other identifiers are digits and always could. */
export function couldBeEntered(tables: Tables, userId: string, deviceName: string): boolean {
  if (!isOn(tables.serviceParameters, alphanumericUserId)) return /^\d*$/u.test(userId)
  if (userId !== userId.toLowerCase()) return false
  return !speaksEnglish(tables, deviceName) || /^[\u0020-\u007E]*$/u.test(userId)
}

/** The phone's current locale is that of its log out profile; none is the device pool's, which here is English. */
function speaksEnglish({ devices }: Tables, deviceName: string): boolean {
  const locale = devices.effective(deviceName)?.userLocale ?? ''
  return locale === '' || locale.startsWith('English')
}
