import type { Command } from 'commander'
import type { SentFile } from '../bulk-file.ts'
import { oneCluster } from '../lab-client.ts'
import { paint, print, run, talksToLab } from './verb.ts'
import type { CommonOptions } from './verb.ts'

interface BulkOptions extends CommonOptions {
  readonly kind: string
  readonly cluster?: string
  readonly update?: boolean
}

/** `roamline bulk <file.csv> --kind K` */
export function addBulk(program: Command): void {
  const command = program
    .command('bulk')
    .description('write users, phones, device profiles or associations from a CSV file')
    .argument('<file>', 'CSV in UTF-8; its first row names the columns')
    .requiredOption('--kind <kind>', 'users, phones, device-profiles, associations or combined')
    .option('--cluster <name>', 'cluster to write to; may be left out when only one runs')
    .option('--update', 'change records that are there already, instead of refusing their rows')
  talksToLab(command, 'npx roamline bulk phones.csv --kind phones --cluster cluster1').action(
    (file: string, options: BulkOptions) => run(options.json, () => bulk(file, options)),
  )
}

async function bulk(file: string, { kind, update = false, ...options }: BulkOptions): Promise<void> {
  const cluster = await oneCluster(options)
  const { sendFile } = await import('../bulk-file.ts')
  const sent = await sendFile(cluster, { file, kind, update, quiet: options.json ?? false })
  print(options.json ? JSON.stringify(sent.report) : described(sent))
  if (sent.report.failed.length > 0 || sent.report.state !== 'done') process.exitCode = 1
}

/** Reasons that are shown; all of them are in the file. */
const mostShown = 10

function described({ report, failedFile }: SentFile): string {
  const { total, added, updated, failed, state, detail } = report
  const shown = failed.slice(0, mostShown).map(({ line, key, reason }) => `  line ${line} ${key}: ${reason}`)
  const more = failed.length > mostShown ? [`  … and ${failed.length - mostShown} more`] : []
  return [
    ...(state === 'done' ? [] : [paint('red', `${state}: ${detail ?? ''}`)]),
    paint(
      failed.length > 0 ? 'yellow' : 'green',
      `${total} rows: ${added} added, ${updated} updated, ${failed.length} failed`,
    ),
    ...shown,
    ...more,
    ...(failedFile === undefined ? [] : [`The rows that failed, with why: ${failedFile}`]),
  ].join('\n')
}
