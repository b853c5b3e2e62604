// Every row of the documents' Extension Mobility tables has a test that names it: parameters (A1.4), interactions (A1.5),
// restrictions (A1.6) and troubleshooting (A1.7). The names are those of the tables; a title begins with `A1.4 <row>`.
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
}

const source = globSync('test/**/*.test.ts', { cwd: projectRoot })
  .map((file) => readFileSync(join(projectRoot, file), 'utf8'))
  .join('\n')

for (const [table, names] of Object.entries(rows)) {
  test(`every row of table ${table} has a test that names it`, async (t) => {
    const unnamed = names.filter((name) => ![':', ' '].some((end) => source.includes(`${table} ${name}${end}`)))
    t.same(unnamed, [], 'rows without a test')
  })
}
