// A hundred thousand bent requests over the three XML doors, from one seed: no crash, no wrong accept, a documented code for each.
// `FUZZ_SEED` and `FUZZ_INPUTS` choose others; a failing input is printed with its number.
import { SaxesParser } from 'saxes'
import { test } from 'tap'
import { changeCredential } from '../../services/change-credential/index.ts'
import { emapp } from '../../services/emapp/index.ts'
import { refusals } from '../../services/refusals.ts'
import { loneCluster } from '../fixtures/lone-cluster.ts'
import type { LoneCluster } from '../fixtures/lone-cluster.ts'
import { createRandom } from '../simulation/random.ts'
import { appPassword, bobsPin, nextInput } from './inputs.ts'
import type { FuzzInput } from './inputs.ts'

const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_121)
const count = Number(process.env['FUZZ_INPUTS'] ?? 100_000)

/** What may be answered beside 200: HTTP-level refusals, with a reason. 500 is a crash that somebody caught. */
const refusedStatuses = new Set([400, 404, 405, 413, 414, 415, 431])
const codes = new Set(Object.keys(refusals))
const displays = new Set(
  Object.values(refusals).flatMap((row: { login?: string; logout?: string }) => [row.login, row.logout]),
)

test(`${count} bent requests over EMApp, the EM API and Change Credential`, { timeout: 600_000 }, async (t) => {
  const cluster = await loneCluster(t, {
    also: [
      [emapp as never, {}],
      [changeCredential as never, {}],
    ],
  })
  const policy = cluster.database.credentialPolicies.current().name
  // Guessing and changing is what this does all day; lock and history have tests of their own.
  await cluster.database.write(() =>
    cluster.database.credentialPolicies.update(policy, { failedLogonAttempts: 0, storedHistory: 0 }),
  )
  await cluster.database.write(() =>
    cluster.database.serviceParameters.set('Cisco Extension Mobility', 'Maximum Concurrent Requests', '100'),
  )
  const random = createRandom(seed)
  const seen = new Map<string, number>()
  let wrong = 0
  for (let number = 1; number <= count && wrong < 5; number++) {
    const input = nextInput(random)
    const before = cluster.heard.length
    const problem = await judge(cluster, input, seen)
    if (problem !== undefined) {
      wrong += 1
      t.fail(`input ${number} of seed ${seed}: ${problem}`, {
        input: { ...input, body: input.body?.toString('latin1').slice(0, 2000) },
      })
    }
    if (cluster.heard.length > before) await putBack(cluster)
  }
  t.equal(wrong, 0, 'every input was answered as documented')
  t.comment(
    [...seen]
      .sort(([, a], [, b]) => b - a)
      .map(([what, times]) => `${what} ${times}`)
      .join(', '),
  )
  for (const what of [
    'emApi success',
    'emApi 1',
    'emApi 3',
    'emApp login',
    'emApp 201',
    'changeCredential pinChanged',
  ]) {
    t.ok((seen.get(what) ?? 0) > 0, `${what} was among the answers`)
  }
  t.equal((await cluster.ask('GET /api/v1/logins')).status, 200, 'the cluster still answers')
  t.notOk(
    cluster.logged.some((line) => line.includes(appPassword) || /[^0-9]12345[^0-9]/u.test(line)),
    'no secret was logged',
  )
})

/** Undefined when the answer is as it should be. */
async function judge(cluster: LoneCluster, input: FuzzInput, seen: Map<string, number>): Promise<string | undefined> {
  const { door, method, url, headers, body } = input
  const heard = cluster.heard.length
  const reply = await cluster.app.inject({ method, url, headers, ...(body && { payload: body }) })
  const events = cluster.heard.slice(heard).map(({ type }) => type)
  const note = (what: string) => void seen.set(`${door} ${what}`, (seen.get(`${door} ${what}`) ?? 0) + 1)
  const accepted = events.filter((type) => type === 'login' || type === 'logout' || type === 'pinChanged')
  for (const type of accepted) note(type)
  if (accepted.length > 0 && !mayAccept(input)) return `${accepted.join(', ')} without the secret`
  if (refusedStatuses.has(reply.statusCode)) {
    note(`HTTP ${reply.statusCode}`)
    return accepted.length > 0 ? `refused with ${reply.statusCode} and done all the same` : undefined
  }
  if (reply.statusCode !== 200) return `status ${reply.statusCode}: ${reply.body.slice(0, 300)}`
  if (method === 'HEAD') return reply.body === '' ? undefined : 'a body for HEAD'
  const broken = notWellFormed(reply.body)
  if (broken) return `the answer is not well-formed: ${broken}: ${reply.body.slice(0, 500)}`
  return door === 'emApi' ? judgeXml(input, reply.body, note) : judgePage(reply.body, note)
}

function judgeXml(input: FuzzInput, answer: string, note: (what: string) => void): string | undefined {
  const code = /<error code="(\d+)">/u.exec(answer)?.[1]
  if (code !== undefined) {
    note(code)
    if (/success/iu.test(answer)) return `a failure that says success: ${answer}`
    return codes.has(code) ? undefined : `code ${code} is in no table`
  }
  note(answer.includes('<success/>') ? 'success' : 'results')
  return mayAccept(input) ? undefined : `answered without the secret: ${answer.slice(0, 300)}`
}

/** A page of the phone: form, question, menu or text; a text that names a code is one of the documented displays. */
function judgePage(answer: string, note: (what: string) => void): string | undefined {
  const [, root] = /<(CiscoIPPhone\w+)/u.exec(answer) ?? []
  if (root === undefined) return `no page of a phone: ${answer.slice(0, 200)}`
  const shown = [...answer.matchAll(/>([^<>]*\((\d+)\))</gu)]
  for (const [, text, code] of shown) {
    note(code ?? '')
    if (!displays.has(text)) return `the phone shows ${text}, which is in no table`
  }
  if (shown.length === 0) note(root)
  return undefined
}

/** An independent look at what came in: is the secret that this door asks for in it at all, however it is spelled? */
function mayAccept({ door, url, body }: FuzzInput): boolean {
  const spelled = plain(`${url} ${body?.toString('utf8') ?? ''} ${body?.toString('utf16le') ?? ''}`)
  if (door === 'emApi') return spelled.includes('emproxy') && spelled.includes(appPassword)
  // Logging out asks for no PIN at the phone.
  return spelled.includes(bobsPin) || spelled.includes('doLogout=true')
}

function plain(text: string): string {
  const unescaped = text
    .replaceAll(/%([0-9a-f]{2})/giu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll(/&#x([0-9a-f]{1,5});/giu, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replaceAll(/&#(\d{1,6});/gu, (_, number: string) => String.fromCodePoint(Number(number)))
  return unescaped.replaceAll(/<!--.*?-->|<!\[CDATA\[|\]\]>|<\?.*?\?>|\s/gsu, '')
}

function notWellFormed(text: string): string | undefined {
  let problem: string | undefined
  const parser = new SaxesParser()
  parser.on('error', (error) => void (problem ??= error.message))
  try {
    parser.write(text).close()
  } catch (error) {
    problem ??= (error as Error).message
  }
  return problem
}

/** As it was: nobody logged in, Bob's PIN his own. */
async function putBack(cluster: LoneCluster): Promise<void> {
  const { database, mobility, hasher, heard } = cluster
  if (database.logins.list().length > 0) await mobility.logoutAll('administrator')
  if (heard.some(({ type }) => type === 'pinChanged')) {
    const stored = await hasher.hash(bobsPin)
    await database.write(() => database.credentials.set('bob', 'PIN', stored))
  }
  heard.length = 0
}
