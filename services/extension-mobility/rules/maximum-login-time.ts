// Enforce Intra-cluster Maximum Login Time, Intra-cluster Maximum Login Time, the user's own maximum, and the EM API's exclusiveDuration.
import type { ClusterDatabase, EndUser } from '../../database/api.ts'
import { enforceMaximumLoginTime, isOn, maximumLoginTime, parameterMinutes } from '../../database/service-parameters.ts'
import { parseHoursMinutes } from '../../wire/hours-minutes.ts'
import type { LoginRequest } from '../api.ts'

type Tables = Pick<ClusterDatabase, 'serviceParameters' | 'userProfiles'>

/** Seconds after which the login ends by itself; 0 = never. The smaller counts where the caller asks for more than is allowed. */
export function loginDuration(tables: Tables, user: EndUser, asked: LoginRequest['exclusiveDuration']): number {
  const maximum = (ownMaximum(tables, user) ?? clusterMaximum(tables)) * 60
  if (asked === undefined || asked === 'indefinite') return maximum
  return maximum === 0 ? asked * 60 : Math.min(asked * 60, maximum)
}

/** Minutes; 0 = none. "The system ignores this parameter" while it is not enforced. */
function clusterMaximum({ serviceParameters }: Tables): number {
  return isOn(serviceParameters, enforceMaximumLoginTime) ? parameterMinutes(serviceParameters, maximumLoginTime) : 0
}

/** "If you grant users access to set their Extension Mobility maximum login time, the user's value overrides the service parameter." */
function ownMaximum({ userProfiles }: Tables, user: EndUser): number | undefined {
  if (user.maximumLoginTime === '' || user.userProfile === '') return undefined
  return userProfiles.find(user.userProfile)?.maySetMaximumLoginTime === true
    ? parseHoursMinutes(user.maximumLoginTime)
    : undefined
}
