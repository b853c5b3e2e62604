// The key of a session. Both sides contribute to it, and it is worth nothing to anybody else: without the network's key, and in the
// modes with certificates without a private half of the exchange, it cannot be computed from what went over the wire.
import { createPrivateKey, createPublicKey, diffieHellman, hash, hkdfSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { createMac } from '../wire/envelope.ts'
import type { SessionKey } from '../wire/envelope.ts'
import type { Authentication } from '../state.ts'

/** What one side brings to a session; all of it travels. */
export interface Party {
  readonly id: string
  readonly nonce: string
  readonly peerId: string
  /** Public half of an X25519 exchange, base64url; present where certificates vouch. */
  readonly key?: string | undefined
}

export interface Exchange {
  readonly key: string
  readonly privateKey: KeyObject
}

/** PKCS #8 before the 32 bytes of an X25519 private key (RFC 8410 §7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b656e04220420', 'hex')

/** A fresh key pair for one session (forward secrecy): whoever gets hold of a certificate's key later learns nothing of it. */
export function createExchange(random: (size: number) => Buffer): Exchange {
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, random(32)]), format: 'der', type: 'pkcs8' })
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  return { key: x as string, privateKey }
}

/** The same on both sides. Undefined when the other half is no key: OpenSSL refuses points that would make the secret guessable. */
export function agree({ privateKey }: Exchange, key: string): Buffer | undefined {
  try {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: key }, format: 'jwk' })
    return diffieHellman({ privateKey, publicKey })
  } catch {
    return undefined
  }
}

/** Everything said in the handshake goes into the key, so that both sides must have heard the same. `shared` is of `agree`. */
export function deriveSessionKey(
  { mode, key }: Pick<Authentication, 'mode' | 'key'>,
  network: string,
  {
    caller,
    answerer,
    shared,
  }: { readonly caller: Party; readonly answerer: Party; readonly shared?: Buffer | undefined },
): SessionKey {
  const side = ({ id, nonce, peerId, key: half }: Party) => [id, nonce, peerId, half ?? null]
  const transcript = JSON.stringify(['ILS session', 2, mode, network, side(caller), side(answerer)])
  const salt = hash('sha256', transcript, 'buffer')
  const secret = shared === undefined ? key : Buffer.concat([key, shared])
  return {
    id: hash('sha256', `name of ${transcript}`, 'base64url').slice(0, 22),
    mac: createMac(Buffer.from(hkdfSync('sha256', secret, salt, 'roamline ils session', 32))),
  }
}
