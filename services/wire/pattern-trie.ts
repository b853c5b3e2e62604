import type { PatternToken, SymbolSet } from './pattern.ts'
import { dialableSymbols, symbolAt } from './pattern.ts'

const none = -1
const symbolCount = dialableSymbols.length

// A node is four numbers: its block of children by single symbol, its first edge by a set of symbols, the first pattern that ends
// here, and the symbols on which it returns to itself. An edge is three: its label, where it leads, the next edge of the same node.
const nodeSize = 4
const edgeSize = 3
const [childBlock, firstEdge, firstEnd, loop] = [0, 1, 2, 3]
const [label, target, nextEdge] = [0, 1, 2]

// Marks of a label above its 17 bits of symbols, which no symbol can match.
const repeatsMark = 1 << 20
const optionalMark = 1 << 21

/**
 * A set of patterns that is asked which of them match a number, in time that grows with the number and not with the set (scanning
 * the patterns is hundreds of times slower). Flat rows in growing arrays: a million numbers are no million objects. Patterns are
 * only ever added; a changed dial plan is a new trie.
 */
export class PatternTrie {
  #nodes = Int32Array.of(none, none, none, 0)
  #nodeCount = 1
  #edges = new Int32Array(0)
  #edgeCount = 0
  #children = new Int32Array(0)
  #blockCount = 0
  /** Per pattern, in order of `add`: the next one that ends in the same node. */
  readonly #nextEnd: number[] = []
  /** In which step a node was last entered: none is active twice, so no pattern can make a walk explode. */
  #entered = new Uint32Array(1)
  #step = 0
  // The nodes reached so far, and those of the next step.
  #active: number[] = []
  #next: number[] = []
  #reached = 0

  /** Adds a pattern and returns its number: 0 for the first, then 1, … */
  add(tokens: readonly PatternToken[]): number {
    let node = 0
    for (const token of tokens) node = this.#childOf(node, token)
    const pattern = this.#nextEnd.length
    this.#nextEnd.push(this.#node(node, firstEnd))
    this.#nodes[node * nodeSize + firstEnd] = pattern
    return pattern
  }

  /** The numbers of all patterns that match the whole of `digits`, in no particular order. */
  match(digits: string): readonly number[] {
    this.#beginStep()
    this.#enter(0)
    for (let at = 0; at < digits.length && this.#reached > 0; at += 1) this.#advance(symbolAt(digits, at))
    const matches: number[] = []
    for (let n = 0; n < this.#reached; n += 1) {
      let end = this.#node(this.#next[n] ?? 0, firstEnd)
      for (; end !== none; end = this.#nextEnd[end] ?? none) matches.push(end)
    }
    return matches
  }

  /** From every active node to those that one more symbol reaches. The innermost loop of a call: rows are read straight. */
  #advance(symbol: SymbolSet): void {
    const active = this.#next
    const count = this.#reached
    this.#next = this.#active
    this.#active = active
    this.#beginStep()
    if (symbol === 0) return
    const slot = 31 - Math.clz32(symbol)
    const nodes = this.#nodes
    const children = this.#children
    for (let n = 0; n < count; n += 1) {
      const row = (active[n] ?? 0) * nodeSize
      const block = nodes[row + childBlock] ?? none
      const child = block === none ? none : (children[block + slot] ?? none)
      if (child !== none) this.#enter(child)
      if (((nodes[row + loop] ?? 0) & symbol) !== 0) this.#enter(active[n] ?? 0)
      for (let edge = nodes[row + firstEdge] ?? none; edge !== none; edge = this.#edge(edge, nextEdge)) {
        if ((this.#edge(edge, label) & symbol) !== 0) this.#enter(this.#edge(edge, target))
      }
    }
  }

  #beginStep(): void {
    this.#reached = 0
    this.#step += 1
    if (this.#step <= 0xffff_ffff) return
    this.#entered.fill(0)
    this.#step = 1
  }

  /** Makes a node active, and with it those that optional tokens let reach without a digit. */
  #enter(node: number): void {
    if (this.#entered[node] === this.#step) return
    this.#entered[node] = this.#step
    this.#next[this.#reached] = node
    this.#reached += 1
    for (let edge = this.#node(node, firstEdge); edge !== none; edge = this.#edge(edge, nextEdge)) {
      if ((this.#edge(edge, label) & optionalMark) !== 0) this.#enter(this.#edge(edge, target))
    }
  }

  #childOf(node: number, token: PatternToken): number {
    const isPlain = !token.repeats && !token.optional && (token.symbols & (token.symbols - 1)) === 0
    return isPlain ? this.#childBySymbol(node, 31 - Math.clz32(token.symbols)) : this.#childBySet(node, token)
  }

  #childBySymbol(node: number, slot: number): number {
    let block = this.#node(node, childBlock)
    if (block === none) {
      block = this.#blockCount * symbolCount
      this.#blockCount += 1
      this.#children = withRoom(this.#children, block + symbolCount, none)
      this.#nodes[node * nodeSize + childBlock] = block
    }
    const known = this.#children[block + slot] ?? none
    if (known !== none) return known
    const child = this.#newNode(0)
    this.#children[block + slot] = child
    return child
  }

  #childBySet(node: number, { symbols, repeats, optional }: PatternToken): number {
    const wanted = symbols | (repeats ? repeatsMark : 0) | (optional ? optionalMark : 0)
    const first = this.#node(node, firstEdge)
    for (let edge = first; edge !== none; edge = this.#edge(edge, nextEdge)) {
      if (this.#edge(edge, label) === wanted) return this.#edge(edge, target)
    }
    const child = this.#newNode(repeats ? symbols : 0)
    const edge = this.#edgeCount
    this.#edgeCount += 1
    this.#edges = withRoom(this.#edges, this.#edgeCount * edgeSize, none)
    this.#edges.set([wanted, child, first], edge * edgeSize)
    this.#nodes[node * nodeSize + firstEdge] = edge
    return child
  }

  #newNode(returnsOn: SymbolSet): number {
    const node = this.#nodeCount
    this.#nodeCount += 1
    this.#nodes = withRoom(this.#nodes, this.#nodeCount * nodeSize, none)
    this.#nodes[node * nodeSize + loop] = returnsOn
    if (node >= this.#entered.length) this.#entered = new Uint32Array(this.#nodes.length / nodeSize)
    return node
  }

  #node(node: number, field: number): number {
    return this.#nodes[node * nodeSize + field] ?? none
  }

  #edge(edge: number, field: number): number {
    return this.#edges[edge * edgeSize + field] ?? none
  }
}

function withRoom(rows: Int32Array<ArrayBuffer>, length: number, filler: number): Int32Array<ArrayBuffer> {
  if (rows.length >= length) return rows
  const larger = new Int32Array(Math.max(length, rows.length * 2)).fill(filler)
  larger.set(rows)
  return larger
}
