import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import t from 'tap'
import { reproduce, reproductionsOf } from '../../scripts/reproduce/reproduce.ts'
import type { Reproduced } from '../../scripts/reproduce/reproduce.ts'
import type { Reproduction } from '../../scripts/reproduce/reproductions.ts'
import { refusals } from '../../services/refusals.ts'
import { roamline } from './fixtures/cli.ts'

const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('roamline-reproduce-'))

/** What comes with calls between clusters; everything else happens on one. */
const needAnotherCluster = Object.entries(refusals)
  .map(([code]) => Number(code))
  .filter((code) => reproductionsOf(code).length === 0)

t.test('every code that needs no other cluster happens when it is reproduced', async (t) => {
  const before = leftovers()
  for (const reproduction of reproductionsOf()) {
    const { code, door, seen, request, answer } = await reproduce(reproduction)
    t.ok(seen, `${code} at ${door}`, { request, answer })
  }
  t.strictSame(leftovers(), before, 'nothing is left of the clusters')
})

t.test('what does not happen is not said to be seen', async (t) => {
  const [wrongPin] = reproductionsOf(201) as [Reproduction]
  const rightPin: Reproduction = {
    ...wrongPin,
    run: (cluster) => cluster.phone('device=SEP000000010002&userid=bob&seq=12345'),
  }
  t.match(await reproduce(rightPin), { seen: false, status: 200 })
  const notArranged: Reproduction = {
    ...wrongPin,
    run: async (cluster) => {
      await cluster.administer('PATCH', '/api/v1/users/nobody', { pinMustChange: true })
      return await wrongPin.run(cluster)
    },
  }
  t.match(await reproduce(notArranged), {
    seen: false,
    answer: /PATCH \/api\/v1\/users\/nobody was answered with 404/u,
  })
})

t.test('the verb shows request and answer, and leaves with 0', async (t) => {
  const { code, stdout, stderr } = await roamline('reproduce', '19')
  t.match({ code, stderr }, { code: 0, stderr: '' })
  t.match(
    stdout,
    /^✔ {2}19 {2}EMApp .*\n {6}→ GET \/emapp\/EMAppServlet\?device=SEP000000010002&doLogout=true\n {6}← 200\n/u,
  )
  t.match(stdout, /✔ {2}19 {2}EM API .*\n {6}→ POST \/emservice\/EMServiceServlet\n[^]*<error code="19">/u)
  t.match(stdout, /All 2 were reproduced\.\n$/u)
  const quiet = await roamline('reproduce', '--quiet', '201', '5')
  t.match(quiet.stdout, /^✔ 201 .*\n✔ {3}5 .*\nAll 2 were reproduced\.\n$/u)
})

t.test('with --json each is a line for programs', async (t) => {
  const { code, stdout } = await roamline('reproduce', '3', '207', '--json')
  t.equal(code, 0)
  const lines = stdout.trimEnd().split('\n')
  t.match(
    lines.map((line) => JSON.parse(line) as Reproduced),
    [
      { code: 3, door: 'EM API', name: 'Invalid App User', seen: true, status: 200, answer: /<error code="3">/u },
      { code: 207, door: 'EMApp', seen: true, tookMs: Number, request: /^GET / },
    ],
  )
})

t.test('a code that needs another cluster, or that there is not, is refused with a sentence', async (t) => {
  t.ok(needAnotherCluster.length > 0)
  const [first = 0] = needAnotherCluster
  t.match(await roamline('reproduce', '201', String(first)), {
    code: 1,
    stdout: '',
    stderr: new RegExp(
      `^${first} needs another cluster, so it cannot be reproduced on one\\. There are: 0, 1, 2, .*216\\.\n$`,
      'u',
    ),
  })
  t.match(await roamline('reproduce', 'busy', '13'), {
    code: 1,
    stderr: /^Extension Mobility has no error code "busy"\. Extension Mobility has no error code "13"\. There are/u,
  })
  const { code, stderr } = await roamline('reproduce', '13', '--json')
  t.equal(code, 1)
  t.match(JSON.parse(stderr), { detail: /no error code "13"/u, codes: [0, 1, 2] })
})
