/** Values built from rows, by folded name; see RowMemory. */
export interface RowCache<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  /** The running work changed what this key stands for: `value` if given, else to be read again. */
  change(key: string, value?: V): void
  /** The running work changed more than it can name. */
  changeAll(): void
}

class TouchedCache<V> implements RowCache<V> {
  readonly values = new Map<string, V>()
  readonly #touched: Touched[]
  readonly changeAll: () => void
  constructor(touched: Touched[], changeAll: () => void) {
    this.#touched = touched
    this.changeAll = changeAll
  }
  get(key: string): V | undefined {
    return this.values.get(key)
  }
  set(key: string, value: V): void {
    this.values.set(key, value)
  }
  change(key: string, value?: V): void {
    this.#touched.push({ values: this.values, key })
    if (value === undefined) this.values.delete(key)
    else this.values.set(key, value)
  }
}

interface Touched {
  readonly values: Map<string, unknown>
  readonly key: string
}

/**
 * Frozen values built from rows, kept until a write makes them wrong. The login path names the few keys it changes, every other
 * change drops everything: administration is rare and its values depend on one another. A work that is undone undoes its
 * changes here too. Only what exists is kept, so memory is bounded by the tables.
 */
export class RowMemory {
  readonly #caches: TouchedCache<unknown>[] = []
  readonly #touched: Touched[] = []
  #forgot = false

  cache<V>(): RowCache<V> {
    const cache = new TouchedCache<V>(this.#touched, () => this.forgetAll())
    this.#caches.push(cache as TouchedCache<unknown>)
    return cache
  }

  workStarted(): void {
    this.#touched.length = 0
    this.#forgot = false
  }

  /** The running work's writes were rolled back: what was read or set since it started may never have been true. */
  workUndone(): void {
    if (this.#forgot) this.forgetAll()
    for (const { values, key } of this.#touched) values.delete(key)
  }

  /** Any row may have changed. */
  forgetAll(): void {
    this.#forgot = true
    for (const { values } of this.#caches) values.clear()
  }
}

const nonAscii = /[^\0-\x7f]/u

/** The key under which a name is kept: letters A to Z in lower case and the rest as it is, which is what NOCASE compares. */
export function foldName(name: string): string {
  return nonAscii.test(name) ? name.replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase()) : name.toLowerCase()
}
