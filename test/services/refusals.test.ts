import t from 'tap'
import { Problem } from '../../services/problem.ts'
import { EmRefusal, refusals } from '../../services/refusals.ts'
import type { Refusal, RefusalCode } from '../../services/refusals.ts'

/** What the documents print, where it does not follow the pattern of its table. */
const printed: Readonly<Record<number, readonly [login: string | undefined, logout: string | undefined]>> = {
  2: ['Login is unavailable(2)', undefined],
  18: ['Login is unavailable(18)', undefined],
  19: [undefined, 'Logout is unavailable(19)'],
  22: ['Login is unavailable(22)', undefined],
  23: ['Login is Unavailable (23)', 'Logout is Unavailable (23)'],
  25: ['Multi-Login Not Allowed (25)', 'Multi-Login Not Allowed (25)'],
  37: ['Login is Unavailable (37)', 'Logout is Unavailable (37)'],
  39: ['Please try to login again (201)', 'Please try to login again (201)'],
  40: ['Please try to login again (23)', 'Please try to login again (23)'],
  41: ['PIN change is required', 'PIN change is required'],
  43: ['Login is unavailable(43)', undefined],
  44: ['Please try to login again (201)', 'Please try to login again (201)'],
  45: ['Login is unsuccessful(45)', 'Login is unsuccessful(45)'],
  46: ['Login is unsuccessful(46)', 'Login is unsuccessful(46)'],
  47: ['DN has multiple users(47)', 'DN has multiple users(47)'],
  201: ['Please try to login again (201)', 'Please try to login again (201)'],
  202: ['Please try to login again (202)', 'Please try to login again (202)'],
  204: ['Login is unavailable (204)', undefined],
  205: ['Login is unavailable (205)', 'Logout is unavailable (205)'],
  212: ['Login is unavailable(212)', undefined],
  215: ['LoginType invalid(215)', 'LoginType invalid(215)'],
  216: ['DN has multiple users(216)', 'DN has multiple users(216)'],
}

t.test('every code shows on the phone what the documents print', async (t) => {
  for (const [number, row] of Object.entries(refusals) as [string, Refusal][]) {
    const expected = printed[Number(number)] ?? [`Login is unavailable(${number})`, `Logout is unavailable(${number})`]
    t.same([row.login, row.logout], expected, `${number} ${row.name}`)
  }
})

t.test('the codes that the documents do not have are not there', async (t) => {
  const absent = [13, 14, 15, 16, 17, 24, 34, 203, 206, 209, 214].filter((code) => code in refusals)
  t.same(absent, [])
  t.equal(Object.keys(refusals).length, 39 + 12 + 2, 'and 7 and 27, which the EM API’s own table has')
})

t.test('a refusal is a problem with code, title and what the phone shows for the operation', async (t) => {
  const refusal = new EmRefusal(205, 'logout', 'No device profile is associated with bob.')
  t.ok(refusal instanceof Problem)
  t.same(refusal.facts, {
    status: 409,
    title: 'User Profile Absent',
    detail: 'No device profile is associated with bob.',
    code: 205,
    phoneDisplay: 'Logout is unavailable (205)',
  })
})

t.test('a code that the phone shows for the other operation only has no display', async (t) => {
  t.notOk('phoneDisplay' in new EmRefusal(18, 'logout', 'x').facts)
  t.notOk('phoneDisplay' in new EmRefusal(19, 'login', 'x').facts)
})

t.test('no refusal is answered as a success or as 401, which is the API caller’s own', async (t) => {
  for (const code of Object.keys(refusals)) {
    const { status } = refusals[Number(code) as RefusalCode]
    t.ok(status >= 403 && status < 600, `${code}: ${status}`)
  }
})
