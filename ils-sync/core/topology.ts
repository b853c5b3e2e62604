// Who talks to whom: a spoke to its one hub and nobody else, hubs to all other hubs and to their spokes.
import type { CoreOptions } from './state.ts'

/** The only hub of a spoke; undefined for other roles. */
export function hubOf(options: CoreOptions): string | undefined {
  return options.role === 'spoke' ? options.hub : undefined
}

/** Neighbours that are known from configuration. */
export function configuredPeers(options: CoreOptions): readonly string[] {
  if (options.role === 'spoke') return options.hub === undefined ? [] : [options.hub]
  return options.role === 'hub' ? (options.hubs ?? []).filter((hub) => hub !== options.self) : []
}

/** Whether a node of that role may open a session with us: any spoke with a hub, of hubs the smaller ID with the other. */
export function mayCall(options: CoreOptions, from: string, role: 'hub' | 'spoke'): boolean {
  if (options.role !== 'hub' || from === options.self) return false
  return role === 'spoke'
    ? !(options.hubs ?? []).includes(from)
    : (options.hubs ?? []).includes(from) && from < options.self
}
