import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { defaultLearnedPartitions } from '../../../services/database/api.ts'
import { openClusterDatabase } from '../../../services/database/index.ts'
import { applicationId, latestVersion } from '../../../services/database/migrations.ts'
import { insertStandardRows } from '../../../services/database/standard-rows.ts'
import { clock, createErrorLog, noon, phone1 } from './fixtures/test-database.ts'

/** A file as version 1 of the tables left it: bob logged in on a phone that is subscribed to Extension Mobility. */
function makeFirstVersion(path: string): void {
  const sql = new DatabaseSync(path)
  sql.exec(`PRAGMA application_id = ${applicationId}`)
  sql.exec(readFileSync(new URL('../../../services/database/migrations/0001-cluster.sql', import.meta.url), 'utf8'))
  insertStandardRows(sql)
  sql.exec(`
    INSERT INTO typemodel (enum, name) VALUES (1000000, 'Cisco 8845');
    INSERT INTO routepartition (pkid, name) VALUES ('p', 'Internal');
    INSERT INTO callingsearchspace (pkid, name) VALUES ('c', 'Everything');
    INSERT INTO enduser (pkid, userid, lastname, displayname) VALUES ('bob', 'bob', 'Baker', 'Bob');
    INSERT INTO device (pkid, name, tkclass, tkmodel, fkdevicepool, allowhotelingflag, rl_answermode)
      VALUES ('phone', '${phone1}', 1, 1000000, '1b1b9eb6-7803-11d3-bdf0-00108302ead1', 't', 'never');
    INSERT INTO device (pkid, name, tkclass, tkmodel, tkdeviceprofile) VALUES ('profile', 'bob-profile', 254, 1000000, 1);
    INSERT INTO enduserdevicemap VALUES ('m', 'bob', 'profile', 5, 't', 0);
    INSERT INTO numplan (pkid, dnorpattern, fkroutepartition, tkpatternusage, fkcallingsearchspace_sharedlineappear)
      VALUES ('n', '1000001', 'p', 2, 'c');
    INSERT INTO devicenumplanmap VALUES ('d', 'profile', 'n', 1, 'Bob', 'Bob', 4, 2);
    INSERT INTO telecasterservice (pkid, name, urltemplate, enabled) VALUES ('s', 'Extension Mobility', 'http://c1/emapp', 't');
    INSERT INTO telecastersubscribedservice VALUES ('t', 'phone', 's', 'Extension Mobility', 'http://c1/emapp', 0);
    INSERT INTO extensionmobilitydynamic VALUES ('phone', 'phone', 'bob', 'bob', 'profile', ${Math.floor(noon / 1000)},
      0, ${Math.floor(noon / 1000)}, ${noon});
    INSERT INTO credential (pkid, fkenduser, tkcredential, rl_hash, rl_changedatms) VALUES ('k', 'bob', 4, 'hash', ${noon});
    INSERT INTO processconfig VALUES ('v', 'Cisco Extension Mobility', 'Multiple Login Behavior', 'Auto Logout');
    INSERT INTO rl_serviceactivation VALUES ('Cisco CallManager', 'f');
    INSERT INTO rl_property VALUES ('seeded', '1');
    PRAGMA user_version = 1; PRAGMA journal_mode = WAL;`)
  sql.close()
}

t.test('a file of version 1 is brought up to date with all that is in it', async (t) => {
  const path = join(t.testdir(), 'cluster.sqlite')
  makeFirstVersion(path)
  const database = openClusterDatabase({ path, clock, log: createErrorLog() })
  t.teardown(() => database.close())
  t.equal(database.sql.prepare('PRAGMA user_version').get()?.['user_version'], latestVersion)
  t.strictSame(database.sql.prepare('PRAGMA foreign_key_check').all(), [])

  t.match(database.endUsers.find('bob'), {
    displayName: 'Bob',
    defaultProfile: 'bob-profile',
    userLocale: '',
    userProfile: '',
    maximumLoginTime: '',
  })
  t.match(database.devices.find(phone1), {
    model: 'Cisco 8845',
    extensionMobility: true,
    answerMode: 'never',
    phoneServices: ['Extension Mobility'],
    privacy: 'Default',
    modules: [],
    speedDials: [],
    addressingMode: 'IPv4 Only',
  })
  const line = { dn: '1000001', partition: 'Internal', callingSearchSpace: 'Everything', label: 'Bob', forwardAll: '' }
  t.match(database.deviceProfiles.find('bob-profile')?.lines, [line])
  t.match(database.logins.on(phone1), { userId: 'bob', deviceProfile: 'bob-profile', loginTime: noon })
  t.match(database.credentials.find('bob', 'PIN'), { hash: 'hash', changedAt: noon })
  t.match(database.credentials.state('bob', 'PIN'), { mustChange: false, failures: 0, history: [] })
  t.match(database.phoneServices.find('Extension Mobility'), { type: 'Services', enterpriseSubscription: false })
  t.equal(database.serviceParameters.get('Cisco Extension Mobility', 'Multiple Login Behavior'), 'Auto Logout')
  t.equal(database.serviceActivation.get('Cisco CallManager'), false)
  t.equal(database.credentialPolicies.current().name, 'Default Credential Policy')
  t.match(database.devices.effective(phone1), {
    userId: 'bob',
    lines: [line],
    phoneServices: [{ name: 'Extension Mobility' }],
    versionStamp: /^\d{10}-[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-a[\da-f]{3}-[\da-f]{12}$/u,
  })
})

t.test('and it can be written to like a new one, and opened again', async (t) => {
  const path = join(t.testdir(), 'cluster.sqlite')
  makeFirstVersion(path)
  const before = openClusterDatabase({ path, clock, log: createErrorLog() })
  await before.write(() => {
    before.logins.close(phone1)
    before.devices.update(phone1, { logoutProfile: 'bob-profile', modules: ['Left'] })
    before.credentials.set('bob', 'PIN', { hash: 'new', changedAt: noon })
  })
  const shown = before.devices.effective(phone1)
  before.close()
  const after = openClusterDatabase({ path, clock, log: createErrorLog() })
  t.teardown(() => after.close())
  t.match(shown, { deviceProfile: 'bob-profile', mismatch: ['modules'], lines: [{ dn: '1000001' }] })
  t.strictSame(after.devices.effective(phone1), shown)
  t.strictSame(after.credentials.state('bob', 'PIN')?.history, ['hash'])
})

t.test('an administrator’s own partition with the name of a learned one is used as it is', async (t) => {
  const path = join(t.testdir(), 'cluster.sqlite')
  makeFirstVersion(path)
  const sql = new DatabaseSync(path)
  sql.exec(`INSERT INTO routepartition VALUES ('own', 'Global Learned E.164 Numbers', 'ours');
    INSERT INTO numplan (pkid, dnorpattern, fkroutepartition, tkpatternusage) VALUES ('x', '7000001', 'own', 2)`)
  sql.close()
  const database = openClusterDatabase({ path, clock, log: createErrorLog() })
  t.teardown(() => database.close())
  t.strictSame(database.dialPlan.partitions(), [...Object.values(defaultLearnedPartitions), 'Internal'].toSorted())
  t.strictSame(database.globalDialPlan.learnedPartitions(), defaultLearnedPartitions)
  t.match(database.lines.find('7000001'), [{ partition: 'Global Learned E.164 Numbers' }])
  t.match(database.globalDialPlan.number('1000001', 'Internal'), { advertisedFailover: 'None', directoryUris: [] })
  t.equal(database.devices.find(phone1)?.aarCallingSearchSpace, '')
})
