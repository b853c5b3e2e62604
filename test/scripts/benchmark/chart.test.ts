import t from 'tap'
import { SaxesParser } from 'saxes'
import { renderChart } from '../../../scripts/benchmark/scale/chart.ts'
import type { Chart } from '../../../scripts/benchmark/scale/chart.ts'

const chart: Chart = {
  title: 'Logins & <locations>',
  x: { label: 'clusters' },
  y: { label: 'milliseconds' },
  series: [
    {
      name: 'median',
      points: [
        [3, 2],
        [100, 40],
      ],
    },
    {
      name: 'aim "1.5"',
      dashed: true,
      points: [
        [3, 3],
        [100, 30],
      ],
    },
  ],
}

t.test('a chart is well-formed and says what it shows', async (t) => {
  const picture = renderChart(chart)
  const parser = new SaxesParser()
  const texts: string[] = []
  parser.on('text', (text) => void (text.trim() !== '' && texts.push(text)))
  parser.on('error', (error) => t.fail(error.message))
  parser.write(picture).close()
  for (const text of ['Logins & <locations>', 'clusters', 'milliseconds', 'median', 'aim "1.5"']) {
    t.ok(texts.includes(text), text)
  }
  t.equal(renderChart(chart), picture, 'the same chart is the same text')
})

t.test('a plain axis begins at 0 and ends in a round number beyond the last point', async (t) => {
  const labels = ticksOf(renderChart(chart))
  t.strictSame(labels, ['0', '10', '20', '30', '40', '0', '20', '40', '60', '80', '100'])
})

t.test('a logarithmic axis has powers of ten around the points, and 2 and 5 between few of them', async (t) => {
  const log = (most: number) =>
    ticksOf(
      renderChart({
        ...chart,
        x: { label: 'objects', log: true },
        series: [
          {
            name: 'known',
            points: [
              [1000, 5],
              [most, 8],
            ],
          },
        ],
      }),
    ).filter((label) => label.includes(','))
  t.strictSame(log(1_000_000), ['1,000', '10,000', '100,000', '1,000,000'])
  t.strictSame(log(3000), ['1,000', '2,000', '5,000'])
})

t.test('a chart without points, or with one that has no place, is refused by name', async (t) => {
  t.throws(() => renderChart({ ...chart, series: [] }), new RangeError('Logins & <locations>: no points'))
  const of = (x: number, y: number) => [{ name: 'one', points: [[x, y]] as const }]
  const log = { label: 'objects', log: true }
  t.throws(() => renderChart({ ...chart, x: log, series: of(0, 1) }), new RangeError('objects: no place for 0 to 0'))
  t.throws(() => renderChart({ ...chart, series: of(1, Number.NaN) }), /milliseconds: no place for NaN/u)
})

t.test('a single point has a place too', async (t) => {
  for (const log of [true, false]) {
    const axis = { label: 'one', log }
    const picture = renderChart({ title: 'one', x: axis, y: axis, series: [{ name: 'one', points: [[10, 10]] }] })
    t.notMatch(picture, /NaN|Infinity/u)
  }
})

function ticksOf(picture: string): string[] {
  return [...picture.matchAll(/class="tick">([^<]*)</gu)].map((match) => match[1]!)
}
