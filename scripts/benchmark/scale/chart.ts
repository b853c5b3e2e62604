// A line chart as SVG: axes with units, a title, a legend. The same chart is the same text, so that pictures can be compared with figures.

export interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
  /** For a floor, an aim or a limit. */
  readonly dashed?: boolean
}

export interface Axis {
  /** With its unit. */
  readonly label: string
  /** Powers of ten at equal distances; otherwise it begins at 0. */
  readonly log?: boolean
}

export interface Chart {
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly Series[]
}

const width = 760
const height = 440
const plot = { left: 104, right: 44, top: 92, bottom: 58 } as const
/** Told apart by people who see red and green alike, and by their order in the legend. */
const colours = ['#2c6fbb', '#c05a12', '#1e7d3c', '#8a3fa0', '#b7860b', '#5b6b7b']
const style =
  '.title{font-size:16px;font-weight:700;fill:#1d2733}.label{font-size:13px;fill:#1d2733}.tick{font-size:12px;fill:#5b6b7b}.grid{stroke:#e3e8ed}.axis{stroke:#5b6b7b}'

/** Throws RangeError for a chart without points, or with one that a logarithm has no place for. */
export function renderChart({ title, x, y, series }: Chart): string {
  const points = series.flatMap((one) => one.points)
  if (points.length === 0) throw new RangeError(`${title}: no points`)
  const scaleX = createScale(
    x,
    points.map((point) => point[0]),
    [plot.left, width - plot.right],
  )
  const scaleY = createScale(
    y,
    points.map((point) => point[1]),
    [height - plot.bottom, plot.top],
  )
  const description = escape(`${title}. ${x.label} against ${y.label}: ${series.map(({ name }) => name).join(', ')}`)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif" role="img" aria-label="${description}">`,
    `<style>${style}</style>`,
    // A background of its own: it is read on dark pages too.
    `<rect width="${width}" height="${height}" rx="12" fill="#ffffff"/>`,
    `<text x="24" y="32" class="title">${escape(title)}</text>`,
    ...legend(series),
    ...axes(x, y, { scaleX, scaleY }),
    ...series.map((one, index) => curve(one, colours[index % colours.length]!, { scaleX, scaleY })),
    '</svg>\n',
  ].join('\n')
}

interface Scale {
  readonly ticks: readonly number[]
  place(value: number): string
}

interface Scales {
  readonly scaleX: Scale
  readonly scaleY: Scale
}

function createScale(
  { label, log = false }: Axis,
  values: readonly number[],
  [from, to]: readonly [number, number],
): Scale {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  if (!Number.isFinite(least) || !Number.isFinite(most) || least < 0 || (log && least <= 0)) {
    throw new RangeError(`${label}: no place for ${least} to ${most}`)
  }
  const ticks = log ? powersAround(least, most) : stepsTo(most)
  const position = log ? Math.log10 : (value: number) => value
  const [first, last] = [position(ticks[0]!), position(ticks.at(-1)!)]
  return {
    ticks,
    place: (value) => rounded(from + ((position(value) - first) / (last - first)) * (to - from)),
  }
}

/** Powers of ten, with 2 and 5 between them where there are few; the outer ones are not within the values. */
function powersAround(least: number, most: number): number[] {
  const decades = Math.log10(most / least)
  const within = decades > 2.5 ? [1] : [1, 2, 5]
  const all: number[] = []
  for (let exponent = Math.floor(Math.log10(least)); exponent <= Math.ceil(Math.log10(most)); exponent++) {
    for (const digit of within) all.push(Number(`${digit}e${exponent}`))
  }
  const first = all.findLastIndex((tick) => tick <= least)
  const last = all.findIndex((tick) => tick >= most)
  return all.slice(Math.max(0, first), Math.max(last, first + 1) + 1)
}

/** From 0 in four to eight round steps. */
function stepsTo(most: number): number[] {
  const rough = (most || 1) / 6
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((one) => one >= rough)!
  return Array.from({ length: Math.ceil((most || 1) / step - 1e-9) + 1 }, (_, nth) =>
    Number((nth * step).toPrecision(12)),
  )
}

function axes(x: Axis, y: Axis, { scaleX, scaleY }: Scales): string[] {
  const [left, right, top, bottom] = [plot.left, width - plot.right, plot.top, height - plot.bottom]
  const middle = (top + bottom) / 2
  return [
    ...scaleY.ticks.flatMap((tick) => {
      const at = scaleY.place(tick)
      return [
        `<line x1="${left}" y1="${at}" x2="${right}" y2="${at}" class="grid"/>`,
        `<text x="${left - 8}" y="${rounded(Number(at) + 4)}" text-anchor="end" class="tick">${named(tick)}</text>`,
      ]
    }),
    ...scaleX.ticks.flatMap((tick) => {
      const at = scaleX.place(tick)
      return [
        `<line x1="${at}" y1="${top}" x2="${at}" y2="${bottom}" class="grid"/>`,
        `<text x="${at}" y="${bottom + 18}" text-anchor="middle" class="tick">${named(tick)}</text>`,
      ]
    }),
    `<path d="M${left},${top} V${bottom} H${right}" fill="none" class="axis"/>`,
    `<text x="${(left + right) / 2}" y="${height - 14}" text-anchor="middle" class="label">${escape(x.label)}</text>`,
    `<text transform="translate(22,${middle}) rotate(-90)" text-anchor="middle" class="label">${escape(y.label)}</text>`,
  ]
}

function curve({ points, dashed }: Series, colour: string, { scaleX, scaleY }: Scales): string {
  const places = points.map(([x, y]) => [scaleX.place(x), scaleY.place(y)] as const)
  const path = `<path d="M${places.map((place) => place.join(',')).join(' L')}" fill="none" stroke="${colour}" stroke-width="2"${dashed ? ' stroke-dasharray="6 4"' : ''}/>`
  const dots = places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3.2" fill="${colour}"/>`)
  return [path, ...(dashed ? [] : dots)].join('\n')
}

/** In two rows if need be. */
function legend(series: readonly Series[]): string[] {
  let [x, y] = [24, 56]
  return series.map(({ name, dashed }, index) => {
    const colour = colours[index % colours.length]!
    // Wide enough for the letters of this font.
    const taken = 44 + name.length * 6.6
    if (x > 24 && x + taken > width - 12) [x, y] = [24, y + 20]
    const line = `<line x1="${rounded(x)}" y1="${y - 4}" x2="${rounded(x + 22)}" y2="${y - 4}" stroke="${colour}" stroke-width="2.5"${dashed ? ' stroke-dasharray="6 4"' : ''}/>`
    const text = `<text x="${rounded(x + 28)}" y="${y}" class="label">${escape(name)}</text>`
    x += taken
    return line + text
  })
}

function named(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 6 })
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10)
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
