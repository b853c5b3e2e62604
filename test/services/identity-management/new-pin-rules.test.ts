import t from 'tap'
import type { CredentialPolicy } from '../../../services/database/api.ts'
import { brokenPinRule } from '../../../services/identity-management/index.ts'
import type { PinOwner } from '../../../services/identity-management/index.ts'

const policy: CredentialPolicy = {
  name: 'Default Credential Policy',
  failedLogonAttempts: 3,
  resetFailedLogonAttemptsMinutes: 30,
  lockoutMinutes: 30,
  minimumLength: 5,
  storedHistory: 12,
  checkForTrivial: true,
  expiresAfterDays: 180,
}
const kally: PinOwner = {
  userId: 'kally',
  firstName: 'Kally',
  lastName: 'Müller-Óg',
  primaryExtension: '+49301846',
  selfServiceUserId: '70418',
}
const judge = (pin: string, changes: Partial<CredentialPolicy> = {}, owner: Partial<PinOwner> = {}) =>
  brokenPinRule(pin, { ...policy, ...changes }, { ...kally, ...owner })

t.test('a PIN that breaks no rule is taken', async (t) => {
  for (const pin of ['70935', '19283', '604827', '2468024', '00917']) t.equal(judge(pin), undefined, pin)
})

t.test('Minimum Credential Length: a shorter PIN is refused', async (t) => {
  t.equal(judge('7093'), 'tooShort')
  t.equal(judge('7093', { minimumLength: 4 }), undefined)
  t.equal(judge('', { minimumLength: 1 }), 'tooShort')
})

t.test('a PIN contains the digits 0 to 9 only', async (t) => {
  for (const pin of ['7093a', '7093*', ' 70935', '70935\n', '٧٠٩٣٥', '7093５']) t.equal(judge(pin), 'notNumeric', pin)
})

t.test('Check for Trivial Passwords: each documented row is refused', async (t) => {
  const rows: readonly (readonly [row: string, ...pins: string[]])[] = [
    ['the same number more than two times consecutively', '70005', '11175', '90777'],
    ['three different numbers', '70707', '00770', '121212'],
    ['groups of repeated digits', '408408', '94084085', '93583580', '917173'],
    ['dialled in a straight line on a keypad', '2580', '0852', '159', '753', '91590', '74160'],
    ['consecutive numbers', '34567', '76543', '89012', '10987'],
    ['the user extension or its reverse', '49301846', '64810394', '493018465', '1049301846'],
    ['the self-service user ID or its reverse', '70418', '81407', '9704182'],
    ['the first name by the keypad', '52559'],
    ['the last name by the keypad', '68553764'],
  ]
  for (const [row, ...pins] of rows) {
    for (const pin of pins) {
      t.equal(judge(pin, { minimumLength: 1 }), 'trivial', `${row}: ${pin}`)
      t.equal(judge(pin, { minimumLength: 1, checkForTrivial: false }), undefined, `${pin} without the check`)
    }
  }
})

t.test('a user ID of digits is treated as the extension is', async (t) => {
  t.equal(judge('94062', {}, { userId: '94062' }), 'trivial')
  t.equal(judge('26049', {}, { userId: '94062' }), 'trivial')
  t.equal(judge('94062', {}, { userId: 'k94062' }), undefined)
})

t.test('an extension of one or two digits does not forbid every PIN that has them', async (t) => {
  t.equal(judge('70935', {}, { primaryExtension: '70' }), undefined)
  t.equal(judge('70', { minimumLength: 1 }, { primaryExtension: '70' }), 'trivial')
})

t.test('a user without names, extension and self-service user ID has the other rules', async (t) => {
  const nobody = { firstName: '', lastName: '李', primaryExtension: '', selfServiceUserId: '' }
  t.equal(judge('70935', {}, nobody), undefined)
  t.equal(judge('', { minimumLength: 1 }, nobody), 'tooShort')
})
