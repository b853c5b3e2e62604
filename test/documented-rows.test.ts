// Every row of the documents' tables has a test that names it: of Extension Mobility parameters (A1.4), interactions (A1.5),
// restrictions (A1.6) and troubleshooting (A1.7); of roaming its behaviour (A2.3) and what no document says (C); of ILS topology (B1),
// joining (B2), Global Dial Plan Replication (B3), failures (B4) and command line (B5). The names are those of the tables; a title
// begins with `A1.4 <row>`.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { projectRoot } from '../scripts/lab/node-child.ts'

const rows: Readonly<Record<string, readonly string[]>> = {
  'A1.4': [
    'Enforce Intra-cluster Maximum Login Time',
    'Intra-cluster Maximum Login Time',
    'Maximum Concurrent Requests',
    'Multiple Login Behavior',
    'Alphanumeric User ID',
    'Remember the Last User Logged In',
    'Clear Call Logs on Intra-Cluster EM',
    'Validate IP Address',
    'Trusted List of IPs',
    'Allow Proxy',
    'Extension Mobility Cache Size',
  ],
  'A1.5': [
    'Assistant',
    'BLF Presence',
    'Call Display Restrictions',
    'Call Forward All CSS',
    'Do Not Disturb',
    'Intercom',
    'IPv6',
    'Prime Line',
  ],
  'A1.6': [
    'Cache',
    'Call Back',
    'Character Display',
    'Hold Reversion',
    'IP Phones',
    'Locale',
    'Log Out',
    'Secure Tone',
    'User Group',
    'Remember the Last User Logged In',
  ],
  'A1.7': [
    'Error 201 Authentication Error',
    'Error 202 Blank User ID or PIN',
    'Error 26 Busy Please Try Again',
    'Error 6 Database Error',
    'Error 22 Dev Logon Disabled',
    'Error 207 Device Name Empty',
    'Error 208 EM Service Connection Error',
    'EM performance during upgrade',
    'Host Not Found',
    'HTTP Error (503)',
    'Phone resets instead of restarting',
    'Phone services unavailable after login',
    'Phone services unavailable after logout',
    'Error 25 User Logged in Elsewhere',
    'Error 205 User Profile Absent',
  ],
  'A2.3': [
    'EM login of a superuser',
    'Before Roaming, After Roaming',
    'Automatically logged out from the home cluster',
    'Waits until the cluster is up',
    'Multi-login',
    'ILS sync at login or logout',
    'Configuring a superuser',
    'Hub ILS down',
  ],
  B1: [
    'Standalone Cluster',
    'Hub Cluster',
    'Spoke Cluster',
    'Automesh',
    'Local hub',
    'Publisher',
    'Recommended capacity',
    'Cluster ID',
    'StandAloneCluster',
    'Peer ID',
    'Peer info vectors',
    'Cluster View',
    'Third-party catalogs',
  ],
  B2: [
    'Role',
    'Registration Server',
    'Exchange Global Dial Plan Replication Data',
    'Advertised Route String',
    'ILS Authentication',
    'Use TLS Certificates',
    'Use Password',
    'ILS Clusters and Global Dial Plan Imported Catalogs',
    'Up to Date',
    'Synchronize Clusters Every',
  ],
  B3: [
    'Replicates',
    'Learned data',
    'Advertise Globally via ILS',
    'EMRAC superusers',
    'Advertised Patterns',
    'Advertised patterns',
    'PSTN failover',
    'PSTN failover of learned destinations alone',
    'AAR calling search space',
    'Route string',
    'SIP route pattern',
    'Partitions for Learned Numbers and Patterns',
    'Learned partitions',
    'Block Learned Numbers and Patterns',
    'Checked before routing',
    'ILS Max Number of Learned Objects in Database',
    'Lowering the limit',
    'Duplicate learned URI',
    'Imported Global Dial Plan Catalogs',
    'Imported catalogs',
    'Catalog syntax',
    'Learned Numbers, Learned Patterns, Learned Directory URIs',
  ],
  B4: [
    'Hub down',
    'ILSHubClusterUnreachable',
    'ILSPwdAuthenticationFailed',
    'ILSTLSAuthenticationFailed',
    'Learned data while disconnected',
    'Three hops',
  ],
  B5: ['utils ils showpeerinfo'],
  C: [
    'Super User Synchronization Tool',
    'Third cluster while the second is down',
    'What waits',
    'Two logins racing',
    'Non-superuser on a foreign cluster',
    'Logged out everywhere',
    'Home cluster back up while the user is roaming',
  ],
  'C call routing,': [
    'Bob at C1 (home), home up',
    'Bob at C2, home down',
    'Bob at C2, home came back',
    'Bob at C2, then logs out',
    'Bob at C2, hub of C3 down',
  ],
}

/** Rows of the same tables that no test can name, and why. */
const untested: Readonly<Record<string, string>> = {
  'B1 CPU and synchronization time depend on the number of records': 'no rule; measured in docs/benchmarks.md',
  'B1 Remote FQDN must be DNS resolvable':
    'advice; a cluster is reached at the address in its peer info, whatever that is',
  'B1 Transport TCP 7501': 'ours is Redis: docs/fidelity.md',
  'B1 Version missing after a hub was added': 'a fault of the vendor’s DNS and Tomcat certificates, and its workaround',
  'B2 Activate the Intercluster Lookup Service': 'Service Activation: see B1 Publisher and B1 Cluster View',
  'B2 There may be a delay while cluster information propagates': 'no rule; measured in docs/benchmarks.md',
  'B3 Nothing is written until database replication is complete':
    'a cluster of ours has one database and no subscribers',
  'B3 Menu': 'menu paths; what they lead to are the other rows',
  'B4 Hub down with centralized IM and Presence': 'there is no IM and Presence',
  'B4 Purge after seven days': 'in no document; see B4 Learned data while disconnected',
  'B5 utils ils findxnode, findroute; performance object of ILS': 'in no document',
  'C Multiple Login Behavior of a superuser': 'the same as A2.3 Multi-login',
}

const source = globSync('test/**/*.test.ts', { cwd: projectRoot, exclude: ['test/documented-rows.test.ts'] })
  .map((file) => readFileSync(join(projectRoot, file), 'utf8'))
  .join('\n')

for (const [table, names] of Object.entries(rows)) {
  test(`every row of table ${table} has a test that names it`, async (t) => {
    const unnamed = names.filter((name) => ![':', ' '].some((end) => source.includes(`${table} ${name}${end}`)))
    t.same(unnamed, [], 'rows without a test')
  })
}

test('rows without a test say why', async (t) => {
  for (const [row, reason] of Object.entries(untested)) t.ok(reason, `${row}: ${reason}`)
})
