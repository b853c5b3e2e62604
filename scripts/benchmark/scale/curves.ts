// The pictures of docs/benchmarks.md: cost against clusters, cost against objects.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../lab/node-child.ts'
import { renderChart } from './chart.ts'
import type { Chart, Series } from './chart.ts'
import type { Records } from './rows.ts'

/** File name → picture. The same rows make the same pictures. */
export function drawCurves(records: Records): Readonly<Record<string, string>> {
  const charts = { ...againstClusters(records), ...againstObjects(records) }
  return Object.fromEntries(Object.entries(charts).map(([name, chart]) => [`${name}.svg`, renderChart(chart)]))
}

export function pictureFile(name: string): string {
  return join(projectRoot, 'docs', 'pictures', name)
}

export function writeCurves(records: Records): void {
  for (const [name, picture] of Object.entries(drawCurves(records))) writeFileSync(pictureFile(name), picture)
}

/** One line through a figure of each row. */
function lineOf<Row>(rows: readonly Row[], x: (row: Row) => number) {
  return (name: string, y: (row: Row) => number, dashed = false): Series => ({
    name,
    points: rows.map((row) => [x(row), y(row)]),
    dashed,
  })
}

function againstClusters({ processes, simulation }: Records): Record<string, Chart> {
  const x = { label: 'clusters' }
  const real = lineOf(processes.rows, ({ clusters }) => clusters)
  const simulated = lineOf(simulation.rows, ({ clusters }) => clusters)
  return {
    'ils-visible': {
      title: 'From a login on disk until the last cluster knows, real processes',
      x,
      y: { label: 'milliseconds' },
      series: [
        real('median', ({ visibleMs }) => visibleMs.median),
        real('p99', ({ visibleMs }) => visibleMs.p99),
        real('two raw hops to as many processes, median', ({ rawMs }) => rawMs.median, true),
        real('1.5 × that', ({ rawMs }) => 1.5 * rawMs.median, true),
      ],
    },
    'ils-memory': {
      title: 'Memory of hubs, clusters and Redis together (PSS)',
      x,
      y: { label: 'GiB' },
      series: [
        real('all processes', ({ memoryMiB }) => memoryMiB / 1024),
        real('what was given', () => processes.budgetMiB / 1024, true),
      ],
    },
    'ils-messages': {
      title: 'Messages that a login costs the whole network',
      x,
      y: { label: 'messages' },
      series: [
        simulated('simulated', ({ messagesPerLogin }) => messagesPerLogin),
        real('real processes', ({ messagesPerLogin }) => messagesPerLogin),
        simulated('one for every other node', ({ hubs, clusters }) => hubs + clusters - 1, true),
      ],
    },
    'ils-simulated': {
      title: 'From a login on disk until every node knows, simulated network of 1 to 8 ms a hop',
      x,
      y: { label: 'simulated milliseconds' },
      series: [
        simulated('median', ({ visibleMs }) => visibleMs.median),
        simulated('p99', ({ visibleMs }) => visibleMs.p99),
        simulated('most', ({ visibleMs }) => visibleMs.most),
      ],
    },
  }
}

function againstObjects({ objects }: Records): Record<string, Chart> {
  const x = { label: 'learned objects', log: true }
  const line = lineOf(objects.rows, (row) => row.objects)
  return {
    'ils-full-sync': {
      title: 'An empty cluster learns everything, and starts again with it',
      x,
      y: { label: 'milliseconds', log: true },
      series: [
        line('all known', ({ knownMs }) => knownMs),
        line('all on disk', ({ storedMs }) => storedMs),
        line('restart', ({ restartMs }) => restartMs),
        line('the same bytes raw', ({ rawMs }) => rawMs, true),
        line('2 × raw', ({ rawMs }) => 2 * rawMs, true),
      ],
    },
    'ils-bytes': {
      title: 'What a learned object takes in a replica',
      x,
      y: { label: 'bytes per object', log: true },
      series: [
        line('memory', ({ memory }) => memory),
        line('disk', ({ disk }) => disk),
        line('on the wire', ({ wireBytes }) => wireBytes),
      ],
    },
    'ils-lookups': {
      title: 'How many dialled numbers are found per second',
      x,
      y: { label: 'lookups per second', log: true },
      series: [
        line('among learned numbers', ({ number }) => number.perSecond),
        line('among learned patterns', ({ pattern }) => pattern.perSecond),
        line('bare Map', ({ number }) => number.floorPerSecond, true),
        line('bare trie', ({ pattern }) => pattern.floorPerSecond, true),
      ],
    },
  }
}
