import { hash } from 'node:crypto'

/**
 * The network's key where certificates alone vouch. It is made of nothing but the network's name, so anybody can compute it and it
 * proves nothing: what it leaves of a signature is a checksum. Who speaks is proven by certificates, and by session keys that come of
 * an exchange which certificates have signed.
 */
export function openKey(network: string): Buffer {
  return hash('sha256', `roamline ils open ${network}`, 'buffer')
}
