import type { CredentialPolicy } from '../database/api.ts'
import { ChangeOutcome } from './api.ts'
import { isTrivialPin } from './trivial-pins.ts'
import type { PinOwner } from './trivial-pins.ts'

/**
 * Which rule of the policy a new PIN breaks by itself; undefined if none. Pure: nothing is looked up, so the old PIN and the
 * history are not compared. Administrators are not bound by it, but may be told.
 */
export function brokenPinRule(pin: string, policy: CredentialPolicy, owner: PinOwner): ChangeOutcome | undefined {
  const form = brokenFormRule(pin, policy)
  if (form) return form
  return policy.checkForTrivial && isTrivialPin(pin, owner) ? ChangeOutcome.trivial : undefined
}

/** The rules that say nothing about the user, so that they can be told before anybody has proved who he is. */
export function brokenFormRule(pin: string, { minimumLength }: CredentialPolicy): ChangeOutcome | undefined {
  // "PINs can contain digits (0-9) only" (Security Guide, Trivial Passwords).
  if (!/^[0-9]*$/u.test(pin)) return ChangeOutcome.notNumeric
  return pin.length < minimumLength ? ChangeOutcome.tooShort : undefined
}
