import { randomUUID } from 'node:crypto'
import type { ButtonRows } from '../button-rows.ts'
import { DatabaseError } from '../errors.ts'
import { PatternUsage, type References } from '../references.ts'
import type { Tables } from '../tables.ts'

/** `enduserdevicemap.tkuserassociation` of a user device profile that the user controls. */
const controlledProfile = 5
/** `endusernumplanmap.tkdnusage` of a primary extension. */
const primary = 1

interface ProfileRow {
  readonly user: string
  readonly name: string
  readonly defaultprofile: 't' | 'f'
}

/** The tables between end users and their device profiles, groups and numbers, by the users' pkid. */
export class EndUserMaps {
  readonly #tables: Tables
  readonly #references: References
  readonly #buttons: ButtonRows
  constructor(tables: Tables, references: References, buttons: ButtonRows) {
    this.#tables = tables
    this.#references = references
    this.#buttons = buttons
  }

  /** Controlled profiles in the order in which they were associated, and the default ones, of the users that `condition` selects. */
  profiles(condition: string, ...values: string[]) {
    const rows = this.#tables.all<ProfileRow>(
      `SELECT x.fkenduser AS user, d.name, x.defaultprofile FROM enduser AS u
       JOIN enduserdevicemap AS x ON x.fkenduser = u.pkid AND x.tkuserassociation = ${controlledProfile}
       JOIN device AS d ON d.pkid = x.fkdevice
       WHERE ${condition} ORDER BY x.fkenduser, x.rl_sortorder`,
      ...values,
    )
    const defaults = rows.filter((row) => row.defaultprofile === 't').map((row) => [row.user, row.name] as const)
    return { names: namesByUser(rows), defaults: new Map(defaults) }
  }

  groups(condition: string, ...values: string[]): ReadonlyMap<string, readonly string[]> {
    const rows = this.#tables.all<{ user: string; name: string }>(
      `SELECT x.fkenduser AS user, g.name FROM enduser AS u
       JOIN enduserdirgroupmap AS x ON x.fkenduser = u.pkid
       JOIN dirgroup AS g ON g.pkid = x.fkdirgroup
       WHERE ${condition} ORDER BY x.fkenduser, g.name`,
      ...values,
    )
    return namesByUser(rows)
  }

  /** The default stays what it was, if it is still among them. */
  replaceProfiles(user: string, names: readonly string[], where: string): void {
    const kept = this.#tables.one<{ fkdevice: string }>(
      `SELECT fkdevice FROM enduserdevicemap
       WHERE fkenduser = ? AND tkuserassociation = ${controlledProfile} AND defaultprofile = 't'`,
      user,
    )
    const text = `DELETE FROM enduserdevicemap WHERE fkenduser = ? AND tkuserassociation = ${controlledProfile}`
    this.#tables.run(text, user)
    for (const [order, name] of [...new Set(names)].entries()) {
      const profile = this.#references.deviceProfile(name, where)
      this.#tables.run(
        `INSERT INTO enduserdevicemap (pkid, fkenduser, fkdevice, tkuserassociation, defaultprofile, rl_sortorder)
         VALUES (?, ?, ?, ?, ?, ?)`,
        randomUUID(),
        user,
        profile,
        controlledProfile,
        profile === kept?.fkdevice ? 't' : 'f',
        order,
      )
    }
  }

  setDefaultProfile(user: string, name: string, where: string): void {
    const profile = name === '' ? '' : this.#references.deviceProfile(name, where)
    this.#tables.run(
      `UPDATE enduserdevicemap SET defaultprofile = CASE fkdevice WHEN ? THEN 't' ELSE 'f' END
       WHERE fkenduser = ? AND tkuserassociation = ${controlledProfile}`,
      profile,
      user,
    )
    if (name === '' || this.#isDefault(user, profile)) return
    throw new DatabaseError(
      'DATABASE_UNKNOWN_REFERENCE',
      `${where}: the default profile ${JSON.stringify(name)} is not among the user's device profiles`,
    )
  }

  replaceGroups(user: string, names: readonly string[], where: string): void {
    this.#tables.run('DELETE FROM enduserdirgroupmap WHERE fkenduser = ?', user)
    for (const name of names) this.#tables.run(joinGroup, randomUUID(), user, this.#references.group(name, where))
  }

  /** An extension that no phone or profile carries becomes an unassigned directory number. */
  setPrimaryExtension(user: string, dn: string, where: string): void {
    const before = this.#tables.all<{ pkid: string }>(
      `SELECT fknumplan AS pkid FROM endusernumplanmap WHERE fkenduser = ? AND tkdnusage = ${primary}`,
      user,
    )
    this.#tables.run(`DELETE FROM endusernumplanmap WHERE fkenduser = ? AND tkdnusage = ${primary}`, user)
    if (dn !== '') {
      const numplan = this.#ownNumber(user, dn) ?? this.#buttons.directoryNumber(dn, null, where)
      this.#tables.run(
        'INSERT INTO endusernumplanmap (pkid, fkenduser, fknumplan, tkdnusage) VALUES (?, ?, ?, ?)',
        randomUUID(),
        user,
        numplan,
        primary,
      )
    }
    this.#buttons.removeOrphans(before.map(({ pkid }) => pkid))
  }

  /** The number with these digits, the one on the user's own profiles first. */
  #ownNumber(user: string, dn: string): string | undefined {
    const row = this.#tables.one<{ pkid: string }>(
      `SELECT n.pkid FROM numplan AS n WHERE n.dnorpattern = ? AND n.tkpatternusage = ${PatternUsage.device}
       ORDER BY EXISTS (SELECT 1 FROM devicenumplanmap AS m JOIN enduserdevicemap AS x ON x.fkdevice = m.fkdevice
         WHERE m.fknumplan = n.pkid AND x.fkenduser = ?) DESC, n.rowid LIMIT 1`,
      dn,
      user,
    )
    return row?.pkid
  }

  #isDefault(user: string, profile: string): boolean {
    const text = `SELECT 1 FROM enduserdevicemap WHERE fkenduser = ? AND fkdevice = ? AND defaultprofile = 't'`
    return this.#tables.one(text, user, profile) !== undefined
  }
}

/** Values: pkid, end user, group. A user who is a member stays one. */
export const joinGroup = `INSERT INTO enduserdirgroupmap (pkid, fkenduser, fkdirgroup) VALUES (?, ?, ?)
  ON CONFLICT (fkenduser, fkdirgroup) DO NOTHING`

function namesByUser(rows: readonly { user: string; name: string }[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>()
  for (const { user, name } of rows) {
    const list = names.get(user)
    if (list) list.push(name)
    else names.set(user, [name])
  }
  for (const list of names.values()) Object.freeze(list)
  return names
}
