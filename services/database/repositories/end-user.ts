import { randomUUID } from 'node:crypto'
import { superUsersGroup } from '../api.ts'
import type { EndUser, EndUserChanges, EndUserRepository, NewEndUser } from '../api.ts'
import { DatabaseError } from '../errors.ts'
import { flag, type References } from '../references.ts'
import { foldName, type RowCache } from '../row-memory.ts'
import type { Tables } from '../tables.ts'
import type { VersionStamps } from '../version-stamps.ts'
import { maximumLoginTime, problemWith } from '../service-parameters.ts'
import type { EndUserMaps } from './end-user-maps.ts'
import { endLoginsOf } from './end-logins.ts'

type Row = Omit<EndUser, 'homeCluster' | 'deviceProfiles' | 'defaultProfile' | 'groups' | 'superuser'> & {
  readonly islocaluser: 't' | 'f'
}

const select = `
  SELECT u.pkid, u.userid AS userId, u.firstname AS firstName, u.lastname AS lastName, u.displayname AS displayName,
    u.islocaluser, ifnull(u.keypadenteredalternateidentifier, '') AS selfServiceUserId,
    u.rl_userlocale AS userLocale, ifnull(f.name, '') AS userProfile, u.rl_maximumlogintime AS maximumLoginTime,
    ifnull((SELECT n.dnorpattern FROM endusernumplanmap AS x JOIN numplan AS n ON n.pkid = x.fknumplan
      WHERE x.fkenduser = u.pkid AND x.tkdnusage = 1), '') AS primaryExtension
  FROM enduser AS u LEFT JOIN rl_userprofile AS f ON f.pkid = u.rl_fkuserprofile`

const initial = {
  firstName: '',
  displayName: '',
  homeCluster: true,
  primaryExtension: '',
  selfServiceUserId: '',
  userLocale: '',
  userProfile: '',
  maximumLoginTime: '',
} as const

/** What the repository is made from. */
export interface EndUserParts {
  readonly tables: Tables
  readonly references: References
  readonly maps: EndUserMaps
  readonly stamps: VersionStamps
}

/** End users with everything that hangs on them: profiles, groups, primary extension. */
export class EndUsers implements EndUserRepository {
  readonly #parts: EndUserParts
  readonly #tables: Tables
  readonly #maps: EndUserMaps
  readonly #found: RowCache<EndUser>

  constructor(parts: EndUserParts) {
    this.#parts = parts
    this.#tables = parts.tables
    this.#maps = parts.maps
    this.#found = parts.tables.memory.cache()
  }

  find(userId: string): EndUser | undefined {
    const key = foldName(userId)
    const known = this.#found.get(key)
    if (known) return known
    const [user] = this.#read('u.userid = ?', userId)
    if (user) this.#found.set(key, user)
    return user
  }

  findByPrimaryExtension(dn: string): readonly EndUser[] {
    return this.#read(
      `u.pkid IN (SELECT x.fkenduser FROM numplan AS n JOIN endusernumplanmap AS x ON x.fknumplan = n.pkid
         WHERE n.dnorpattern = ? AND x.tkdnusage = 1)`,
      dn,
    )
  }

  findBySelfServiceUserId(id: string): EndUser | undefined {
    return this.#read('u.keypadenteredalternateidentifier = ?', id)[0]
  }

  list(): readonly EndUser[] {
    return this.#read('TRUE')
  }

  superusers(): readonly EndUser[] {
    return this.#read(
      `u.pkid IN (SELECT x.fkenduser FROM dirgroup AS g JOIN enduserdirgroupmap AS x ON x.fkdirgroup = g.pkid
         WHERE g.name = ?)`,
      superUsersGroup,
    )
  }

  insert(user: NewEndUser): EndUser {
    return this.#tables.change(`end user ${user.userId}`, () => {
      if (this.find(user.userId)) throw duplicate(`There is an end user ${JSON.stringify(user.userId)} already`)
      const pkid = randomUUID()
      this.#tables.run(
        'INSERT INTO enduser (pkid, userid, lastname) VALUES (?, ?, ?)',
        pkid,
        user.userId,
        user.lastName,
      )
      this.#fill(pkid, { ...initial, ...user }, user)
      return this.#existing(user.userId)
    })
  }

  update(userId: string, changes: EndUserChanges): EndUser {
    return this.#tables.change(`end user ${userId}`, () => {
      const current = this.#existing(userId)
      this.#fill(current.pkid, { ...current, ...changes }, changes)
      if ((changes.userLocale ?? current.userLocale) !== current.userLocale) {
        const phones = 'SELECT pkid FROM extensionmobilitydynamic WHERE fkenduser = ?'
        this.#parts.stamps.renewSelected(phones, current.pkid)
      }
      return this.#existing(userId)
    })
  }

  /** Also ends the user's logins. */
  remove(userId: string): boolean {
    return this.#tables.change(`end user ${userId}`, () => {
      const user = this.find(userId)
      if (!user) return false
      endLoginsOf(this.#parts, user.pkid)
      this.#maps.setPrimaryExtension(user.pkid, '', '')
      this.#tables.run('DELETE FROM enduser WHERE pkid = ?', user.pkid)
      return true
    })
  }

  /** Writes the row as `user` has it, and of the lists only what `changes` names. */
  #fill(pkid: string, user: EndUserScalars, changes: EndUserChanges): void {
    const where = `end user ${user.userId}`
    this.#refuseTakenSelfServiceId(pkid, user.selfServiceUserId, where)
    refuseWrongTime(user.maximumLoginTime, where)
    this.#tables.run(
      `UPDATE enduser SET firstname = ?, lastname = ?, displayname = ?, islocaluser = ?,
         keypadenteredalternateidentifier = nullif(?, ''), rl_userlocale = ?, rl_fkuserprofile = ?,
         rl_maximumlogintime = ? WHERE pkid = ?`,
      user.firstName,
      user.lastName,
      user.displayName,
      flag(user.homeCluster),
      user.selfServiceUserId,
      user.userLocale,
      this.#parts.references.userProfile(user.userProfile, where),
      user.maximumLoginTime,
      pkid,
    )
    if (changes.deviceProfiles) this.#maps.replaceProfiles(pkid, changes.deviceProfiles, where)
    if (changes.defaultProfile !== undefined) this.#maps.setDefaultProfile(pkid, changes.defaultProfile, where)
    if (changes.groups) this.#maps.replaceGroups(pkid, changes.groups, where)
    // Which of several numbers with the same digits is meant depends on the profiles.
    if (changes.primaryExtension !== undefined || changes.deviceProfiles) {
      this.#maps.setPrimaryExtension(pkid, user.primaryExtension, where)
    }
  }

  #refuseTakenSelfServiceId(pkid: string, id: string, where: string): void {
    const taken = id === '' ? undefined : this.findBySelfServiceUserId(id)
    if (taken && taken.pkid !== pkid)
      throw duplicate(`${where}: ${taken.userId} has self-service user ID ${id} already`)
  }

  #existing(userId: string): EndUser {
    const user = this.find(userId)
    if (!user) throw new DatabaseError('DATABASE_NOT_FOUND', `There is no end user ${JSON.stringify(userId)}`)
    return user
  }

  #read(condition: string, ...values: string[]): readonly EndUser[] {
    const profiles = this.#maps.profiles(condition, ...values)
    const groups = this.#maps.groups(condition, ...values)
    const rows = this.#tables.all<Row>(`${select} WHERE ${condition} ORDER BY u.userid`, ...values)
    return rows.map(({ islocaluser, ...row }) => {
      const inGroups = groups.get(row.pkid) ?? []
      return Object.freeze({
        ...row,
        homeCluster: islocaluser === 't',
        deviceProfiles: profiles.names.get(row.pkid) ?? [],
        defaultProfile: profiles.defaults.get(row.pkid) ?? '',
        groups: inGroups,
        superuser: inGroups.includes(superUsersGroup),
      })
    })
  }
}

/** What a row of `enduser` itself holds, and the primary extension. */
type EndUserScalars = Pick<EndUser, 'userId' | 'lastName' | keyof typeof initial>

/** Empty, or what the service parameter takes. */
function refuseWrongTime(time: string, where: string): void {
  const problem = time === '' ? undefined : problemWith(maximumLoginTime, time)
  if (problem !== undefined) throw new DatabaseError('DATABASE_INVALID', `${where}: ${problem}`)
}

function duplicate(message: string): DatabaseError {
  return new DatabaseError('DATABASE_DUPLICATE', message)
}
