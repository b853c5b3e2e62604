// The figures of ILS at scale as Markdown: the part of docs/benchmarks.md that is not written by hand.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../lab/node-child.ts'
import type { Recorded, Records } from './rows.ts'

const begin = '<!-- scale: generated -->'
const end = '<!-- end of scale -->'
export const documentFile = join(projectRoot, 'docs', 'benchmarks.md')

/** Puts the tables where the document wants them; everything else stays. Throws when it has no place for them. */
export function withTables(document: string, records: Records): string {
  const [before, rest, ...more] = document.split(`${begin}\n`)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`no place between ${begin} and ${end}`)
  return `${before}${begin}\n${tables(records)}\n${end}${after}`
}

export function writeTables(records: Records): void {
  writeFileSync(documentFile, withTables(readFileSync(documentFile, 'utf8'), records))
}

export function tables(records: Records): string {
  return [
    recordedLine(records),
    ...aims(records),
    ...realClusters(records),
    ...simulatedClusters(records),
    ...learnedObjects(records),
  ].join('\n')
}

function recordedLine({ processes: { recorded } }: Records): string {
  const { on, cpus, model, memoryGiB, node }: Recorded = recorded
  return `Recorded ${on} on ${cpus} cores (${model}), ${memoryGiB} GiB, Node ${node.replace(/^v/u, '')}.\n`
}

function aims({ 'login-visible': visible, objects, processes }: Records): readonly string[] {
  const largest = objects.rows.at(-1)!
  const [few, many] = [processes.rows[0]!, processes.rows.at(-1)!]
  const slower = (ratio: number) => 1 / ratio
  const row = (what: string, floor: string, [ratio, most]: readonly [number, number]) => [
    what,
    floor,
    `${ratio.toFixed(2)} ×`,
    `≤ ${most} ×`,
    ratio <= most ? 'met' : '**missed**',
  ]
  return table(
    ['', 'floor', 'reached', 'aim', ''],
    [
      row('login visible everywhere, 3 clusters', 'two raw hops', [visible.ratio, 1.5]),
      ...[few, many].map(({ clusters, visibleMs, rawMs }) =>
        row(`the same, ${clusters} clusters`, 'two raw hops to as many processes', [
          visibleMs.median / rawMs.median,
          1.5,
        ]),
      ),
      row(`full synchronization of ${named(largest.objects)} objects`, 'the same bytes raw', [largest.ratio, 2]),
      row(`lookup of a number among as many`, 'bare Map', [slower(largest.number.ratio), 2]),
      row(`closest pattern among as many`, 'bare trie', [slower(largest.pattern.ratio), 2]),
    ],
    'llrrl',
  )
}

function realClusters({ processes: { rows, budgetMiB, limit } }: Records): readonly string[] {
  const { hubs, clusters, clusterMiB, hubMiB } = rows.at(-1)!
  const why = {
    memory: `the memory given, ${gibibytes(budgetMiB)}, is used up`,
    steps: 'no more were asked for',
    time: 'the time given was over',
  }[limit]
  return [
    `\n### Real processes\n\n${hubs} hubs and ${clusters} clusters ran at the same time; then ${why}. A cluster takes ${clusterMiB.toFixed(0)} MiB, a hub ${hubMiB.toFixed(0)} (PSS).\n`,
    ...table(
      [
        'clusters',
        'memory',
        'start of one',
        'all joined',
        'idle',
        'messages per login',
        'visible, median',
        'p99',
        'raw, median',
        'hub back',
        'all known again',
      ],
      rows.map((row) => [
        String(row.clusters),
        gibibytes(row.memoryMiB),
        seconds(row.startMs),
        seconds(row.joinMs),
        `${row.idleCpu.toFixed(2)} cores`,
        row.messagesPerLogin.toFixed(1),
        milliseconds(row.visibleMs.median),
        milliseconds(row.visibleMs.p99),
        milliseconds(row.rawMs.median),
        seconds(row.hubStartMs),
        seconds(row.hubConvergedMs),
      ]),
    ),
  ]
}

function simulatedClusters({ simulation: { rows } }: Records): readonly string[] {
  return [
    `\n### Simulated\n\n${named(rows.at(-1)!.logins)} logins at each size.\n`,
    ...table(
      [
        'hubs',
        'clusters',
        'messages per login',
        'bytes per login',
        'visible, median',
        'p99',
        'most',
        'full sync',
        'records a node',
        'memory a node',
        'wall time',
      ],
      rows.map((row) => [
        String(row.hubs),
        String(row.clusters),
        row.messagesPerLogin.toFixed(1),
        named(row.bytesPerLogin),
        milliseconds(row.visibleMs.median),
        milliseconds(row.visibleMs.p99),
        milliseconds(row.visibleMs.most),
        seconds(row.fullSyncMs),
        named(row.records),
        `${(row.bytesPerNode / 2 ** 20).toFixed(1)} MiB`,
        seconds(row.wallMs),
      ]),
    ),
  ]
}

function learnedObjects({ objects: { rows } }: Records): readonly string[] {
  return [
    '\n### Learned objects\n',
    ...table(
      ['objects', 'known after', 'raw', 'ratio', 'on disk after', 'longest block', 'restart', 'in memory', 'on disk'],
      rows.map((row) => [
        named(row.objects),
        milliseconds(row.knownMs),
        milliseconds(row.rawMs),
        row.ratio.toFixed(2),
        milliseconds(row.storedMs),
        milliseconds(row.blockedMs),
        milliseconds(row.restartMs),
        `${named(row.memory)} B`,
        `${named(row.disk)} B`,
      ]),
    ),
    '',
    ...table(
      [
        'objects',
        'numbers/s',
        'bare Map/s',
        'ratio',
        'patterns/s',
        'bare trie/s',
        'ratio',
        'index, a number',
        'a pattern',
        'made in',
      ],
      rows.map(({ objects, number, pattern }) => [
        named(objects),
        named(number.perSecond),
        named(number.floorPerSecond),
        number.ratio.toFixed(2),
        named(pattern.perSecond),
        named(pattern.floorPerSecond),
        pattern.ratio.toFixed(2),
        `${named(number.bytesPerObject)} B`,
        `${named(pattern.bytesPerObject)} B`,
        `${milliseconds(number.learnMs)}, ${milliseconds(pattern.learnMs)}`,
      ]),
    ),
  ]
}

/** `align`: one letter per column, `l` or `r`; all to the right without it. */
function table(heads: readonly string[], rows: readonly (readonly string[])[], align = ''): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = heads.map((_, column) => (align[column] === 'l' ? '---' : '---:'))
  return [line(heads), `|${rule.join('|')}|`, ...rows.map(line)]
}

function milliseconds(value: number): string {
  return `${value >= 100 ? named(value) : value.toFixed(value >= 10 ? 0 : 1)} ms`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
}

function gibibytes(mebibytes: number): string {
  return `${(mebibytes / 1024).toFixed(1)} GiB`
}

function named(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
