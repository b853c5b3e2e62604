import type { Tables } from '../tables.ts'

/** Who logged in last on a phone stays known when the login ends. */
export const endedLogin = `fkenduser = NULL, fkdevice_currentloginprofile = NULL, logintime = NULL, loginduration = NULL,
  rl_logintimems = NULL`

/** A user is about to go: ends their logins, and nothing says any more that they were the last on a phone. */
export function endLoginsOf(tables: Tables, user: string): void {
  tables.run(`UPDATE extensionmobilitydynamic SET ${endedLogin} WHERE fkenduser = ?`, user)
  tables.run('UPDATE extensionmobilitydynamic SET fkenduser_lastlogin = NULL WHERE fkenduser_lastlogin = ?', user)
}

/** A device profile is about to go: ends the logins that use it. */
export function endLoginsWith(tables: Tables, profile: string): void {
  tables.run(`UPDATE extensionmobilitydynamic SET ${endedLogin} WHERE fkdevice_currentloginprofile = ?`, profile)
}
