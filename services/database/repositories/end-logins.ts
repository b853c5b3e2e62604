import type { Tables } from '../tables.ts'
import type { VersionStamps } from '../version-stamps.ts'

/** Whose login ends is from now on the phone's last user. */
export const endedLogin = `fkenduser_lastlogin = coalesce(fkenduser, fkenduser_lastlogin), fkenduser = NULL,
  fkdevice_currentloginprofile = NULL, logintime = NULL, loginduration = NULL, rl_logintimems = NULL`

/** What the end of logins inside an administrative change is made with. */
export interface EndingParts {
  readonly tables: Tables
  readonly stamps: VersionStamps
}

/** A user is about to go: ends their logins, and nothing says any more that they were the last on a phone. */
export function endLoginsOf(parts: EndingParts, user: string): void {
  end(parts, 'fkenduser = ?', user)
  parts.tables.run('UPDATE extensionmobilitydynamic SET fkenduser_lastlogin = NULL WHERE fkenduser_lastlogin = ?', user)
}

/** A device profile is about to go: ends the logins that use it. */
export function endLoginsWith(parts: EndingParts, profile: string): void {
  end(parts, 'fkdevice_currentloginprofile = ?', profile)
}

function end({ tables, stamps }: EndingParts, condition: string, value: string): void {
  const phones = tables.all<{ pkid: string }>(`SELECT pkid FROM extensionmobilitydynamic WHERE ${condition}`, value)
  const stamp = stamps.next()
  for (const { pkid } of phones) {
    const text = `UPDATE extensionmobilitydynamic SET ${endedLogin}, versionstamp = ? WHERE pkid = ?`
    tables.run(text, stamp, pkid)
    tables.run(`UPDATE rl_autodeviceprofile SET inforce = 't' WHERE fkdevice = ?`, pkid)
  }
}
