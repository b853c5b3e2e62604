import t from 'tap'
import { explanations } from '../../scripts/explanations.ts'
import type { Explanation } from '../../scripts/explanations.ts'
import { refusals } from '../../services/refusals.ts'
import { roamline } from './fixtures/cli.ts'

t.test('every code of the tables is explained, with what to do about it', async (t) => {
  t.same(
    explanations.map(({ code }) => String(code)),
    Object.keys(refusals),
  )
  for (const { code, meaning, remedy } of explanations) t.match([meaning, remedy], [/\.$/u, /\.$/u], String(code))
  const noted = explanations.filter(({ note }) => note?.startsWith('Internal code')).map(({ code }) => code)
  t.same(noted, [39, 40, 41, 44])
})

t.test('a code is explained to people and to programs', async (t) => {
  const { code, stdout } = await roamline('explain', '25')
  t.equal(code, 0)
  t.match(stdout, /^25 User logged in elsewhere\n/u)
  t.match(stdout, /At login +Multi-Login Not Allowed \(25\)/u)
  t.match(stdout, /Remedy .*Multiple Login Behavior/u)
  const program = await roamline('explain', '207', '--json')
  t.match(JSON.parse(program.stdout) as Explanation, {
    code: 207,
    login: 'Login is unavailable(207)',
    origin: /EMApp/u,
  })
  t.notMatch((await roamline('explain', '19')).stdout, /At login/u, 'it belongs to logout alone')
})

t.test('without a code all are listed, and an unknown one leaves with 1 and the list', async (t) => {
  t.match(await roamline('explain'), { code: 0, stdout: / {3}0 {2}Unknown Error\n[^]* 216 {2}DN has multiple users/u })
  t.match(await roamline('explain', '13'), { code: 1, stdout: '', stderr: /no error code "13"\. There are:\n[^]*201/u })
  const { stderr } = await roamline('explain', 'busy', '--json')
  t.match(JSON.parse(stderr), { detail: /"busy"/u, codes: [0, 1, 2] })
})
