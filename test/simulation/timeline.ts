/** Virtual time: what is due next runs next, ties in the order in which they were set. Never waits. */
export interface Timeline {
  readonly now: number
  at(delayMs: number, action: () => void): void
  /** Runs what is due up to that time, and sets the time to it. */
  runUntil(time: number): void
}

interface Entry {
  readonly due: number
  readonly order: number
  readonly action: () => void
}

export function createTimeline(): Timeline {
  const heap: Entry[] = []
  let now = 0
  let order = 0
  return {
    get now() {
      return now
    },
    at(delayMs, action) {
      push(heap, { due: now + Math.max(0, delayMs), order: order++, action })
    },
    runUntil(time) {
      for (let first = heap[0]; first !== undefined && first.due <= time; first = heap[0]) {
        pop(heap)
        now = first.due
        first.action()
      }
      now = time
    },
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.due === b.due ? a.order < b.order : a.due < b.due
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.push(entry) - 1
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!before(entry, heap[parent] as Entry)) break
    heap[index] = heap[parent] as Entry
    index = parent
  }
  heap[index] = entry
}

function pop(heap: Entry[]): void {
  const last = heap.pop() as Entry
  if (heap.length === 0) return
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child++
    if (!before(heap[child] as Entry, last)) break
    heap[index] = heap[child] as Entry
    index = child
  }
  heap[index] = last
}
