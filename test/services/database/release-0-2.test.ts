// A cluster that ran release 0.2, superuser and all, goes on with this release: nothing of its data is lost, and it joins a network.
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { readingAt } from '../../../ils-sync/core/data/hybrid-clock.ts'
import { superUsersGroup } from '../../../services/database/api.ts'
import { applicationId, latestVersion } from '../../../services/database/migrations.ts'
import { insertStandardRows } from '../../../services/database/standard-rows.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { ilsLab } from '../ils/ils-lab.ts'

const loginMs = Date.UTC(2026, 5, 1, 9, 30)
const since = new Date(loginMs).toISOString()

/** The migrations that 0.2 had; released ones never change. */
const migrations = ['0001-cluster.sql', '0002-extension-mobility.sql'].map((file) =>
  readFileSync(new URL(`../../../services/database/migrations/${file}`, import.meta.url), 'utf8'),
)

/** The tables that ILS of 0.2 made for itself. */
const ilsTables = `
  CREATE TABLE ils_node (origin TEXT PRIMARY KEY, epoch INTEGER NOT NULL, usn INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE ils_record (
    origin TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
    epoch INTEGER NOT NULL, usn INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (origin, kind, key)
  ) STRICT, WITHOUT ROWID;`

/** Superuser bob of cluster1 is logged in on SEP1; alice of cluster3 was learned, and kally is gone. */
function makeRelease02(path: string): void {
  const sql = new DatabaseSync(path)
  sql.exec(`PRAGMA application_id = ${applicationId}`)
  const [first = '', second = ''] = migrations
  sql.exec(first)
  insertStandardRows(sql)
  sql.exec(second)
  sql.exec(`
    INSERT INTO typemodel (enum, name) VALUES (1000000, 'Cisco 8845');
    INSERT INTO enduser (pkid, userid, lastname, displayname) VALUES ('bob', 'bob', 'Baker', 'Bob');
    INSERT INTO enduserdirgroupmap (pkid, fkenduser, fkdirgroup)
      SELECT 'g', 'bob', pkid FROM dirgroup WHERE name = '${superUsersGroup}';
    INSERT INTO device (pkid, name, tkclass, tkmodel, allowhotelingflag, rl_privacy)
      VALUES ('phone', 'SEP1', 1, 1000000, 't', 'On');
    INSERT INTO device (pkid, name, tkclass, tkmodel, tkdeviceprofile) VALUES ('profile', 'bob-profile', 254, 1000000, 1);
    INSERT INTO enduserdevicemap VALUES ('m', 'bob', 'profile', 5, 't', 0);
    INSERT INTO numplan (pkid, dnorpattern, tkpatternusage) VALUES ('n', '1000001', 2);
    INSERT INTO devicenumplanmap VALUES ('d', 'profile', 'n', 1, 'Bob', 'Bob', 4, 2);
    INSERT INTO extensionmobilitydynamic (pkid, fkdevice, fkenduser, fkenduser_lastlogin, fkdevice_currentloginprofile,
      logintime, loginduration, datetimestamp, rl_logintimems)
      VALUES ('phone', 'phone', 'bob', 'bob', 'profile', ${loginMs / 1000}, 0, ${loginMs / 1000}, ${loginMs});
    ${ilsTables}
    PRAGMA user_version = 2; PRAGMA journal_mode = WAL`)
  insertRecords(sql)
  sql.close()
}

function insertRecords(sql: DatabaseSync): void {
  const node = sql.prepare('INSERT INTO ils_node VALUES (?, ?, ?)')
  const record = sql.prepare('INSERT INTO ils_record VALUES (?, ?, ?, ?, ?, ?)')
  const superuser = (userId: string, homeCluster: string, dn: string) => ({ userId, homeCluster, dns: [dn], since })
  const location = (userId: string, dn: string, cluster: string) => {
    const place = { userId, dns: [dn], deviceNames: ['SEP1'], loggedIn: true, since }
    return { ...place, loginClock: readingAt(loginMs, cluster) }
  }
  const peerInfo = { description: '', version: '0.2.0', role: 'spoke', hub: 'hub', https: 'https://cluster1.lab' }
  const put = (origin: string, records: readonly (readonly [kind: string, key: string, value: object | null])[]) => {
    node.run(origin, 5, records.length)
    for (const [at, [kind, key, value]] of records.entries())
      record.run(origin, kind, key, 5, at + 1, JSON.stringify(value))
  }
  put('cluster1', [
    ['peer-info', 'cluster1', peerInfo],
    ['superuser', 'bob', superuser('bob', 'cluster1', '1000001')],
    ['location', 'bob', location('bob', '1000001', 'cluster1')],
    ['superuser', 'kally', null],
  ])
  put('cluster3', [
    ['superuser', 'alice', superuser('alice', 'cluster3', '2000001')],
    ['location', 'alice', location('alice', '2000001', 'cluster3')],
  ])
}

t.test(
  'a database of release 0.2, ILS records included, is opened with everything, and its cluster joins',
  async (t) => {
    const lab = await ilsLab(t)
    const one = await lab.cluster('cluster1', {}, undefined, makeRelease02)
    t.match(one.ils.locate('1000001'), { userId: 'bob', source: 'local', since })
    t.match(one.ils.locate('2000001'), { userId: 'alice', cluster: 'cluster3', source: 'learned' })
    const { database } = one
    t.equal(database.sql.prepare('PRAGMA user_version').get()?.['user_version'], latestVersion)
    t.strictSame(database.sql.prepare('PRAGMA foreign_key_check').all(), [])
    t.match(database.endUsers.find('bob'), { superuser: true, displayName: 'Bob', deviceProfiles: ['bob-profile'] })
    t.match(database.devices.find('SEP1'), { privacy: 'On', aarCallingSearchSpace: '' })
    t.match(database.logins.on('SEP1'), { userId: 'bob', loginTime: loginMs })
    t.match(database.globalDialPlan.number('1000001', ''), { advertisedFailover: 'None', directoryUris: [] })
    const own = database.sql.prepare(
      "SELECT epoch FROM ils_record WHERE origin = 'cluster1' AND key = 'bob' AND usn = 3",
    )
    t.equal(own.get()?.['epoch'], 5, 'the record of the login is the one that 0.2 wrote')
    const two = await lab.cluster('cluster2')
    const there = await waitFor('cluster2 to learn of bob', () => two.ils.locate('1000001'))
    t.match(there, { userId: 'bob', cluster: 'cluster1', deviceNames: ['SEP1'], since })
    await one.logout('bob')
    await waitFor('cluster2 to learn of the logout', () => two.ils.locate('1000001')?.source === 'home')
  },
)
