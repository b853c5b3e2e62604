// docs/fidelity.md is the one list of our choices: every text that a phone or a client is shown and no document prints is in it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { projectRoot } from '../scripts/lab/node-child.ts'
import { form, results } from '../services/change-credential/templates.ts'
import { loggedIn, loggedOut, loginForm, logoutQuestion, profileMenu } from '../services/emapp/pages.ts'
import { parsePhonePage } from '../services/wire/phone-xml/index.ts'

const list = readFileSync(join(projectRoot, 'docs', 'fidelity.md'), 'utf8')

test('the texts of Change Credential are listed', async (t) => {
  const texts = [form.prompt, ...Object.values(results).flatMap(({ prompt, text }) => [prompt, text])]
  t.same(
    texts.filter((text) => !list.includes(`\`${text}\``)),
    [],
  )
})

test('the prompts and texts of the phone’s pages are listed', async (t) => {
  const forms = (['UID', 'SP', 'DN'] as const).map((identifiedBy) =>
    loginForm({ url: 'http://x/', identifiedBy, inputFlags: 'L', userId: '', changePinUrl: undefined }),
  )
  const pages = [
    ...forms,
    profileMenu([]),
    logoutQuestion('<user>', undefined),
    loggedIn('<user>'),
    loggedOut('<user>'),
  ]
  const texts = pages
    .map((page) => parsePhonePage(page))
    .flatMap((page) => ['prompt' in page ? page.prompt : '', 'text' in page ? page.text : ''])
  t.same(
    texts.filter((text) => text !== '' && !list.includes(`\`${text}\``)),
    [],
  )
})

test('the sentences of the EM API are listed', async (t) => {
  const source = ['elements', 'parse'].map((name) =>
    readFileSync(join(projectRoot, 'services', 'wire', 'em-api', `${name}.ts`), 'utf8'),
  )
  const thrown = [...source.join('').matchAll(/new (?:UnknownQuery|UnreadableDocument)\(\s*(['`])(.*?)\1\s*\)/gu)]
  const texts = thrown.map(([, , text = '']) => text.replaceAll(/\$\{[^}]*\}/gu, '…'))
  t.ok(texts.length > 20, 'they were found')
  t.same(
    texts.filter((text) => !list.includes(`\`${text}\``)),
    [],
  )
})
