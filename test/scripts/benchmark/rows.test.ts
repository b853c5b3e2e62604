import t from 'tap'
import { parseRecord, readRecords, RecordError, serializeRecord } from '../../../scripts/benchmark/scale/rows.ts'
import type { Records } from '../../../scripts/benchmark/scale/rows.ts'

const recorded = { on: '2026-11-21', cpus: 2, model: 'a machine', memoryGiB: 24, node: 'v24.21.0' }
const visible: Records['login-visible'] = { recorded, ours: 0.7123456, floor: 0.5, ratio: 1.42, spread: [1, 2] }

t.test('what is written is read again, with four digits', async (t) => {
  const text = serializeRecord('login-visible', visible)
  t.strictSame(parseRecord('login-visible', text), { ...visible, ours: 0.7123 })
  t.equal(serializeRecord('login-visible', parseRecord('login-visible', text)), text)
})

t.test('all committed files are read', async (t) => {
  const records = readRecords()
  t.ok(records.processes.rows.every(({ memoryMiB }) => memoryMiB > 0))
})

t.test('a file that holds something else is refused by name and place', async (t) => {
  const refused = (text: string, message: RegExp) =>
    t.throws(() => parseRecord('login-visible', text, 'login-visible.json'), { name: 'RecordError', message })
  refused('{', /^login-visible\.json: /u)
  refused(JSON.stringify({ ...visible, ratio: 'good' }), /^login-visible\.json: \/ratio /u)
  refused(JSON.stringify({ ...visible, more: 1 }), /^login-visible\.json: /u)
  refused(JSON.stringify({ ...visible, recorded: { ...recorded, on: 'today' } }), /\/recorded\/on /u)
})

t.test('a figure that was not measured is not written', async (t) => {
  t.throws(() => serializeRecord('login-visible', { ...visible, ours: Number.NaN }), RecordError)
})
