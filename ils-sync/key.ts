import { scrypt } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify<string, string, number, { N: number; r: number; p: number }, Buffer>(scrypt)

/**
 * The signing key of a network. Slow on purpose (scrypt), since a password is guessable, but off the event loop; once per start.
 * The same password gives another key in another network.
 */
export function deriveKey(password: string, network: string): Promise<Buffer> {
  return derive(password, `roamline ils ${network}`, 32, { N: 16_384, r: 8, p: 1 })
}
