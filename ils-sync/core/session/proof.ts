// Who says it: in the modes with certificates each handshake is signed with its sender's own key, all that it says included.
import type { Payload } from '../wire/message.ts'
import { protocolVersion } from '../wire/envelope.ts'
import type { CoreState } from '../state.ts'

/** Members of a handshake that carry its proof. */
interface Proof {
  readonly certificate?: string
  readonly proof?: string
}

type Said<T extends 'hello' | 'welcome' | 'refused'> = Omit<Payload<T>, 'certificate' | 'proof'>

/** The members in a fixed order and the names of both ends: the same signature fits no other message, network, sender or addressee. */
export function helloText(state: CoreState, ends: Ends, said: Said<'hello'>): Buffer {
  const { nonce, echo, role, peerId, at, mode, key } = said
  return text(state, 'hello', ends, [nonce, echo ?? null, role, peerId, at, mode, key ?? null])
}

/** Says the caller's nonce and key as well: an answer to this very call. */
export function welcomeText(
  state: CoreState,
  ends: Ends,
  said: Said<'welcome'> & { callerKey: string | undefined },
): Buffer {
  const { nonce, answer, role, peerId, at, mode, key, callerKey } = said
  return text(state, 'welcome', ends, [nonce, callerKey ?? null, answer, role, peerId, at, mode, key ?? null])
}

export function refusedText(state: CoreState, ends: Ends, said: Said<'refused'>): Buffer {
  const { reason, session, nonce, peerId } = said
  return text(state, 'refused', ends, [reason, session ?? null, nonce ?? null, peerId])
}

export interface Ends {
  readonly from: string
  readonly to: string
}

/** Nothing in mode `password`: there the network's key has signed it. */
export function prove({ options }: CoreState, data: Buffer): Proof {
  const { certificates } = options.authentication
  if (certificates === undefined) return {}
  return { certificate: certificates.certificate, proof: certificates.sign(data).toString('base64url') }
}

/** Why a handshake does not prove that `peer` said it; undefined when it does. Costs tenths of a millisecond: bounded by the caller. */
export function refuseProof({ options }: CoreState, peer: string, data: Buffer, given: Proof): string | undefined {
  const { certificates } = options.authentication
  if (certificates === undefined) return undefined
  const { certificate, proof } = given
  if (certificate === undefined || proof === undefined) return 'it shows no certificate'
  return certificates.refuse(peer, { certificate, data, signature: Buffer.from(proof, 'base64url') })
}

function text({ options }: CoreState, type: string, { from, to }: Ends, said: readonly unknown[]): Buffer {
  return Buffer.from(JSON.stringify(['ILS', protocolVersion, type, options.network, from, to, ...said]), 'utf8')
}
