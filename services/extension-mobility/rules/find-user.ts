import type { ClusterDatabase, EndUser, EndUserRepository } from '../../database/api.ts'
import { normalizeDirectoryNumber } from '../../wire/directory-number.ts'
import { LoginType } from '../api.ts'
import type { LoginRequest } from '../api.ts'
import { EmRefusal } from '../../refusals.ts'

type Tables = Pick<ClusterDatabase, 'endUsers'>

/** 215 for a login type that does not exist, 216 for an extension of several users; undefined for a user unknown here. */
export function findUser(tables: Tables, { userId, loginType }: Pick<LoginRequest, 'userId' | 'loginType'>) {
  const user = lookUp(tables.endUsers, loginType ?? LoginType.userId, userId)
  return user !== undefined && isAtHomeHere(user) ? user : undefined
}

/** Whose Home Cluster is another one may log in here only as a superuser; to plain Extension Mobility everybody else is unknown. */
export function isAtHomeHere(user: EndUser): boolean {
  return user.homeCluster || user.superuser
}

function lookUp(endUsers: EndUserRepository, loginType: string, userId: string): EndUser | undefined {
  switch (loginType) {
    case LoginType.userId:
      return endUsers.find(userId)
    case LoginType.selfService:
      return endUsers.findBySelfServiceUserId(userId)
    case LoginType.primaryExtension:
      return findByExtension(endUsers, userId)
    default: {
      const types = Object.values(LoginType).join(', ')
      throw new EmRefusal(215, 'login', `The login type is one of ${types}, or absent.`)
    }
  }
}

function findByExtension(endUsers: EndUserRepository, extension: string): EndUser | undefined {
  const dn = normalizeDirectoryNumber(extension)
  const users = dn === undefined ? [] : endUsers.findByPrimaryExtension(dn)
  if (users.length > 1) {
    throw new EmRefusal(216, 'login', `${extension} is the primary extension of ${users.length} users.`)
  }
  return users[0]
}
