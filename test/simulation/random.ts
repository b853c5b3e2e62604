/** Seeded chance: the same seed gives the same story, down to the last bit. */
export interface Random {
  /** [0, 1) */
  next(): number
  /** True with this probability. */
  chance(probability: number): boolean
  /** Whole number in [from, to]. */
  between(from: number, to: number): number
  pick<T>(from: readonly T[]): T
  bytes(size: number): Buffer
}

/** sfc32, which is small, fast and good enough to torture a protocol with. */
export function createRandom(seed: number): Random {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, seed >>> 0]
  const next = () => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    c |= 0
    return (t >>> 0) / 4_294_967_296
  }
  for (let i = 0; i < 16; i++) next()
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  return {
    next,
    chance: (probability) => next() < probability,
    between,
    pick: (from) => from[between(0, from.length - 1)] as (typeof from)[number],
    bytes: (size) => Buffer.from(Array.from({ length: size }, () => between(0, 255))),
  }
}

/** A stream of its own for each name, so that what one part draws does not move what another gets. */
export function createStreams(seed: number): (name: string) => Random {
  return (name) => {
    let mixed = 0x811c9dc5 ^ seed
    for (let i = 0; i < name.length; i++) mixed = Math.imul(mixed ^ name.charCodeAt(i), 0x01000193)
    return createRandom(mixed ^ (mixed >>> 15))
  }
}
