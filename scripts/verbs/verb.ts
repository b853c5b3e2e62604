// What all verbs share: their common options, their output, and how a failure leaves.
import { styleText } from 'node:util'
import type { Command } from 'commander'
import { ApiProblem, ClusterUnreachable } from '../cluster-client.ts'
import { LabError } from '../lab/lab-error.ts'
import type { LabClientOptions } from '../lab-client.ts'

/** Options that every verb has which talks to a running lab. */
export interface CommonOptions extends LabClientOptions {
  readonly json?: boolean
}

/** Adds them, and an example for `--help`. */
export function talksToLab(command: Command, example: string): Command {
  return command
    .option('--json', 'print JSON')
    .option('--data <dir>', 'data folder of the lab, when several run')
    .option('--user <id>', 'application user for the clusters', process.env['ROAMLINE_USER'] ?? 'administrator')
    .option(
      '--password <text>',
      'its password (default: $ROAMLINE_PASSWORD, else the standard one)',
      process.env['ROAMLINE_PASSWORD'],
    )
    .addHelpText('after', `\nExample:\n  $ ${example}\n`)
}

type Style = Parameters<typeof styleText>[0]

/** Colour where a person looks, plain text elsewhere. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

/** One line of text, or of JSON. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** The value as JSON with `--json`, else what `text` makes of it. */
export function printResult<T>(value: T, json: boolean | undefined, text: (value: T) => string): void {
  print(json ? JSON.stringify(value) : text(value))
}

/** Runs a verb; a refusal goes to stderr and makes the exit code 1. Bugs keep their stack. */
export async function run(json: boolean | undefined, verb: () => Promise<void>): Promise<void> {
  try {
    await verb()
  } catch (error) {
    if (!isForPeople(error)) throw error
    process.stderr.write(`${json ? JSON.stringify(factsOf(error)) : sentenceOf(error)}\n`)
    process.exitCode = 1
  }
}

function isForPeople(error: unknown): error is Error {
  return (
    error instanceof ApiProblem ||
    error instanceof ClusterUnreachable ||
    error instanceof LabError ||
    (error instanceof Error && error.name === 'LabFileError')
  )
}

function sentenceOf(error: Error): string {
  if (!(error instanceof ApiProblem)) return error.message
  const facts = [
    error.code === undefined ? undefined : `code ${error.code}`,
    error.phoneDisplay ? `the phone shows ${error.phoneDisplay}` : undefined,
  ].filter(Boolean)
  return facts.length === 0 ? error.message : `${error.message} (${facts.join(', ')})`
}

function factsOf(error: Error): object {
  const { status, code, phoneDisplay } = error as Partial<ApiProblem>
  return { detail: error.message, status, code, phoneDisplay }
}
