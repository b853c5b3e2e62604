import type { LiveCall } from '../call.ts'
import type { Route } from '../routing.ts'
import type { Assistants } from './assistant.ts'
import type { CallForward } from './call-forward.ts'
import type { Diversion } from './diversion.ts'

/** What diverts calls to a number of this cluster. The Assistant stands before Call Forward All (our choice). */
export class Diversions {
  readonly #assistants: Pick<Assistants, 'diversionOf'>
  readonly #callForward: Pick<CallForward, 'of'>

  constructor(parts: { assistants: Pick<Assistants, 'diversionOf'>; callForward: Pick<CallForward, 'of'> }) {
    this.#assistants = parts.assistants
    this.#callForward = parts.callForward
  }

  of(call: LiveCall, route: Route & { kind: 'phones' }): Diversion | undefined {
    return this.#assistants.diversionOf(call, route.phones) ?? this.#callForward.of(call.to.dn, route)
  }
}
