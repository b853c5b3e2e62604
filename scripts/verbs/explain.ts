import type { Command } from 'commander'
import type { Explanation } from '../explanations.ts'
import { paint, print } from './verb.ts'

interface ExplainOptions {
  readonly json?: boolean
}

/** `roamline explain [code]` */
export function addExplain(program: Command): void {
  program
    .command('explain')
    .description('what an error code of Extension Mobility means, what the phone shows, and what to do')
    .argument('[code]', 'the number in parentheses on the phone; all of them when left out')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ npx roamline explain 25\n')
    .action((code: string | undefined, options: ExplainOptions) => explain(code, options))
}

async function explain(code: string | undefined, { json }: ExplainOptions): Promise<void> {
  const { explanations, explanationOf } = await import('../explanations.ts')
  if (code === undefined) {
    print(json ? JSON.stringify(explanations) : listed(explanations))
    return
  }
  const found = /^\d{1,3}$/u.test(code) ? explanationOf(Number(code)) : undefined
  if (found) {
    print(json ? JSON.stringify(found) : explained(found))
    return
  }
  const codes = explanations.map((one) => one.code)
  const detail = `Extension Mobility has no error code ${JSON.stringify(code)}.`
  process.stderr.write(
    json ? `${JSON.stringify({ detail, codes })}\n` : `${detail} There are:\n${listed(explanations)}\n`,
  )
  process.exitCode = 1
}

function listed(explanations: readonly Explanation[]): string {
  return explanations.map(({ code, name }) => `${String(code).padStart(4)}  ${name}`).join('\n')
}

function explained({ code, name, origin, login, logout, meaning, remedy, note }: Explanation): string {
  const facts = [
    ['Means', meaning],
    ['At login', login],
    ['At logout', logout],
    ['Comes from', origin],
    ['Remedy', remedy],
    ['Note', note],
  ]
  const lines = facts.flatMap(([title = '', text]) => (text === undefined ? [] : [`  ${title.padEnd(12)}${text}`]))
  return [paint('bold', `${code} ${name}`), ...lines].join('\n')
}
