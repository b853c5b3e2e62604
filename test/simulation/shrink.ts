// A long script that breaks a promise, made short: whatever can be left out without mending it is left out.
import type { Action, Script } from './script.ts'

export interface ShrinkOptions {
  /** Whether this script still breaks the promise. */
  readonly breaks: (script: Script) => boolean
  /** Runs that may be spent. Default 2000. */
  readonly runs?: number
  readonly onProgress?: (script: Script) => void
}

/** Delta debugging: drops blocks of actions, from halves down to single ones, then nodes and fault rates, until nothing more goes. */
export function shrink(script: Script, options: ShrinkOptions): Script {
  const shrinker = new Shrinker(script, options)
  for (let before = ''; before !== JSON.stringify(shrinker.best) && shrinker.mayGoOn;) {
    before = JSON.stringify(shrinker.best)
    shrinker.endEarlier()
    shrinker.dropActions()
    shrinker.calmNetwork()
    shrinker.dropNodes()
    shrinker.simplify()
  }
  return shrinker.best
}

class Shrinker {
  best: Script
  readonly #options: ShrinkOptions
  #runsLeft: number

  constructor(script: Script, options: ShrinkOptions) {
    this.best = script
    this.#options = options
    this.#runsLeft = options.runs ?? 2000
  }

  get mayGoOn(): boolean {
    return this.#runsLeft > 0
  }

  endEarlier(): void {
    const last = this.best.actions.at(-1)?.at ?? 0
    for (const endsAt of [0, last]) if (endsAt < this.best.endsAt) this.#try({ ...this.best, endsAt })
  }

  dropActions(): void {
    for (let size = Math.ceil(this.best.actions.length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let from = this.best.actions.length - size; from > -size; from -= size) {
        const first = Math.max(0, from)
        const actions = this.best.actions.toSpliced(first, from + size - first)
        if (actions.length < this.best.actions.length) this.#try({ ...this.best, actions })
      }
    }
  }

  /** Fault rates to nothing, one after the other; clocks right; no timer. */
  calmNetwork(): void {
    for (const fault of Object.keys(this.best.network) as (keyof Script['network'])[]) {
      if (this.best.network[fault] > 0) this.#try({ ...this.best, network: { ...this.best.network, [fault]: 0 } })
    }
    if (this.best.synchronizeEveryMs > 0) this.#try({ ...this.best, synchronizeEveryMs: 0 })
    const nodes = this.best.nodes.map((node) => ({ ...node, clockOffsetMs: 0 }))
    if (this.best.nodes.some(({ clockOffsetMs }) => clockOffsetMs !== 0)) this.#try({ ...this.best, nodes })
  }

  /** Nodes that nobody needs, with what happens to them. */
  dropNodes(): void {
    for (const { id } of this.best.nodes.toReversed()) {
      const nodes = this.best.nodes.filter((node) => node.id !== id).map((node) => withoutPeer(node, id))
      if (nodes.some(({ membership }) => membership.role === 'spoke' && membership.hub === id)) continue
      if (nodes.every(({ cluster }) => !cluster)) continue
      this.#try({ ...this.best, nodes, actions: this.best.actions.flatMap((action) => withoutNode(action, id)) })
    }
  }

  /** Rounder figures: shorter spans, single notes, deaths at once. */
  simplify(): void {
    for (const index of this.best.actions.keys()) {
      const action = this.best.actions[index] as Action
      for (const simpler of simplerForms(action)) {
        if (this.#try({ ...this.best, actions: this.best.actions.with(index, simpler) })) break
      }
    }
  }

  #try(candidate: Script): boolean {
    if (this.#runsLeft <= 0) return false
    this.#runsLeft -= 1
    if (!this.#options.breaks(candidate)) return false
    this.best = candidate
    this.#options.onProgress?.(candidate)
    return true
  }
}

function withoutPeer(node: Script['nodes'][number], id: string): Script['nodes'][number] {
  const { membership } = node
  if (membership.role !== 'hub' || membership.hubs === undefined) return node
  return { ...node, membership: { ...membership, hubs: membership.hubs.filter((hub) => hub !== id) } }
}

function withoutNode(action: Action, id: string): Action[] {
  if ('node' in action) return action.node === id ? [] : [action]
  if (action.do !== 'cut') return [action]
  const others = (ids: readonly string[]) => ids.filter((one) => one !== id)
  return [{ ...action, from: others(action.from), to: others(action.to) }]
}

function simplerForms(action: Action): Action[] {
  switch (action.do) {
    case 'kill':
      return action.effects > 0 ? [{ ...action, effects: 0 }] : []
    case 'note':
    case 'replay':
    case 'flood':
      return action.count > 1 ? [{ ...action, count: 1 }] : []
    case 'cut':
      return [
        ...action.from.map((id) => ({ ...action, from: action.from.filter((one) => one !== id) })),
        ...action.to.map((id) => ({ ...action, to: action.to.filter((one) => one !== id) })),
      ]
    default:
      return []
  }
}
