import type { Command } from 'commander'
import type { Reproduced } from '../reproduce/reproduce.ts'
import { paint, print } from './verb.ts'

interface ReproduceOptions {
  readonly json?: boolean
  readonly quiet?: boolean
}

/** `roamline reproduce [codes...]` */
export function addReproduce(program: Command): void {
  program
    .command('reproduce')
    .description('make error codes happen on throw-away clusters, and show request and answer')
    .argument('[codes...]', "the vendor's error codes; default: every one that needs no second cluster")
    .option('--json', 'print one line of JSON per code')
    .option('--quiet', 'one line per code, without request and answer')
    .addHelpText('after', '\nExample:\n  $ npx roamline reproduce 25\n')
    .action((codes: string[], options: ReproduceOptions) => reproduceCodes(codes, options))
}

async function reproduceCodes(codes: readonly string[], { json, quiet }: ReproduceOptions): Promise<void> {
  const { reproduce, reproductionsOf } = await import('../reproduce/reproduce.ts')
  const found = codes.map((code) => (/^\d{1,3}$/u.test(code) ? reproductionsOf(Number(code)) : []))
  const missing = codes.filter((_code, place) => found[place]?.length === 0)
  if (missing.length > 0) return await refuse(missing, json)
  const chosen = codes.length === 0 ? reproductionsOf() : found.flat()
  const unseen: Reproduced[] = []
  for (const one of chosen) {
    const result = await reproduce(one)
    if (!result.seen) unseen.push(result)
    print(json ? JSON.stringify(result) : describe(result, quiet === true))
  }
  if (unseen.length > 0) process.exitCode = 1
  if (!json && chosen.length > 1) print(verdict(chosen.length, unseen))
}

async function refuse(codes: readonly string[], json: boolean | undefined): Promise<void> {
  const [{ reproductionsOf }, { refusals }] = await Promise.all([
    import('../reproduce/reproduce.ts'),
    import('../../services/refusals.ts'),
  ])
  const known = [...new Set(reproductionsOf().map(({ code }) => code))].sort((a, b) => a - b)
  const sentences = codes.map((code) =>
    Object.hasOwn(refusals, code)
      ? `${code} needs another cluster, so it cannot be reproduced on one.`
      : `Extension Mobility has no error code ${JSON.stringify(code)}.`,
  )
  const detail = sentences.join(' ')
  const text = json ? JSON.stringify({ detail, codes: known }) : `${detail} There are: ${known.join(', ')}.`
  process.stderr.write(`${text}\n`)
  process.exitCode = 1
}

function describe(
  { code, door, name, how, seen, tookMs, request, status, answer }: Reproduced,
  quiet: boolean,
): string {
  const mark = seen ? paint('green', '✔') : paint('red', '✘')
  const head = `${mark} ${String(code).padStart(3)}  ${door.padEnd(6)}  ${name}: ${how} (${tookMs.toFixed(0)} ms)`
  if (quiet) return head
  const indented = (text: string, by: string) => text.trimEnd().replaceAll(/^/gmu, by)
  return `${head}\n${paint('dim', indented(request, '      → '))}\n${indented(`${status}\n${answer}`, '      ← ')}\n`
}

function verdict(count: number, unseen: readonly Reproduced[]): string {
  if (unseen.length === 0) return paint('green', `All ${count} were reproduced.`)
  const names = unseen.map(({ code, door }) => `${code} (${door})`).join(', ')
  return paint('red', `${unseen.length} of ${count} did not happen: ${names}`)
}
