// Reading figures: medians, and how two alternating series compare pair by pair.

/** One comparison, ready to print: `ours` and `floor` are medians in `unit`, `ratio` the median of the pairwise ratios. */
export interface Comparison {
  readonly name: string
  readonly what: string
  readonly floorWhat: string
  readonly unit: string
  readonly ours: number
  readonly floor: number
  readonly ratio: number
  /** What the issue aims for, and whether more or less is better. */
  readonly aim: { readonly ratio: number; readonly better: 'higher' | 'lower' }
  /** Smallest and largest pairwise ratio: how noisy the machine was. */
  readonly spread: readonly [number, number]
  readonly notes: readonly string[]
  /** What else was measured, for machines. */
  readonly figures?: Readonly<Record<string, number>>
}

/** The middle value; of an even count the mean of the two middle ones. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The value below which `share` (0..1) of the values lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

export type Facts = Omit<Comparison, 'ours' | 'floor' | 'ratio' | 'spread'>

/** Compares two series measured in turn (ours, floor, ours, floor, …) so that a drifting machine disturbs both alike. */
export function compare(facts: Facts, ours: readonly number[], floor: readonly number[]): Comparison {
  const ratios = ours.map((value, index) => value / floor[index]!)
  return {
    ...facts,
    ours: median(ours),
    floor: median(floor),
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
  }
}
