// Somebody who has the network's key, hears all that is said, and calls under another's name: by an exchange of its own, so that it could
// go on if it were believed.
import { createEnvelopeCodec } from '../../ils-sync/core/wire/envelope.ts'
import { serializeFrame } from '../../ils-sync/core/wire/message.ts'
import { agree, createExchange, deriveSessionKey } from '../../ils-sync/core/session/session-key.ts'
import type { Exchange, Party } from '../../ils-sync/core/session/session-key.ts'
import type { Random } from '../simulation/random.ts'
import type { World } from './ils-world.ts'

interface Call {
  readonly caller: Party
  readonly to: string
  readonly exchange: Exchange
}

const calls = new WeakMap<World, Call[]>()

/** A call in the name of a neighbour of `to`, with what was heard of its certificate and proof. */
export function call(world: World, random: Random): { to: string; bytes: Buffer } | undefined {
  const heard = random.pick(world.handshakes).message
  if (world.mode === 'password' || heard?.type !== 'hello') return undefined
  const { to, payload } = heard
  const from = random.pick(['cluster1', 'cluster2', 'cluster3', 'mallory', 'hub'])
  const exchange = createExchange(random.bytes)
  const nonce = random.bytes(18).toString('base64url')
  const said = { ...payload, nonce, key: exchange.key }
  const open = calls.get(world) ?? []
  calls.set(world, open)
  open.push({ caller: { id: from, nonce, peerId: said.peerId, key: exchange.key }, to, exchange })
  if (open.length > 50) open.shift()
  const body = serializeFrame({ network: 'n', to }, 'hello', JSON.stringify(said))
  return { to, bytes: createEnvelopeCodec(world.key, from).seal('H', body) }
}

/** The first message in the session, if the call was answered: a change in the name of whoever was impersonated. */
export function goOn(world: World): { to: string; bytes: Buffer } | undefined {
  for (const { caller, to, exchange } of calls.get(world) ?? []) {
    const heard = world.handshakes.findLast(
      ({ message, from }) => from === to && message?.type === 'welcome' && message.payload.nonce === caller.nonce,
    )?.message
    if (heard?.type !== 'welcome') continue
    const { payload } = heard
    const answerer = { id: to, nonce: payload.answer, peerId: payload.peerId, key: payload.key }
    const shared = agree(exchange, payload.key ?? '')
    const session = deriveSessionKey({ mode: world.mode, key: world.key }, 'n', { caller, answerer, shared })
    const body = serializeFrame({ network: 'n', to, n: 1 }, 'beat', '{"digest":"d","at":1}')
    return { to, bytes: createEnvelopeCodec(world.key, caller.id).seal(session, body) }
  }
  return undefined
}
