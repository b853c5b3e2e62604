// Calling a peer: what a node says of itself when it opens a session.
import { helloText, prove } from './proof.ts'
import { createExchange } from './session-key.ts'
import { sendHandshake } from './session.ts'
import type { CoreState, Link, OpenCall, Turn } from '../state.ts'

/**
 * Calls the peer, at most twice per heartbeat. The nonce stays until it is answered, so that a slow answer still counts. Of two hubs the
 * one with the larger ID only makes itself known by its call: the other one calls back.
 */
export function sayHello(state: CoreState, turn: Turn, link: Link): void {
  if (
    (!link.initiator && link.role === 'spoke') ||
    !state.transportUp ||
    turn.now - link.lastHello < state.options.heartbeatMs / 2
  )
    return
  link.lastHello = turn.now
  link.call ??= openCall(state)
  const { echo } = link.call
  const said = { ...introduce(state, link.call), ...(echo === undefined ? {} : { echo }) }
  const text = helloText(state, { from: state.options.self, to: link.peer }, said)
  sendHandshake(state, turn, link.peer, { type: 'hello', payload: { ...said, ...prove(state, text) } })
}

/** One side's contribution to a session. */
export function openCall({ options }: CoreState): OpenCall {
  const nonce = options.random(18).toString('base64url')
  return options.authentication.certificates === undefined
    ? { nonce }
    : { nonce, exchange: createExchange(options.random) }
}

/** What both a hello and a welcome say. */
export function introduce({ options, membership }: CoreState, { nonce, exchange }: OpenCall) {
  return {
    nonce,
    role: membership.role === 'hub' ? ('hub' as const) : ('spoke' as const),
    peerId: options.peerId,
    at: Math.max(0, Math.floor(options.wall())),
    mode: options.authentication.mode,
    ...(exchange === undefined ? {} : { key: exchange.key }),
  }
}
