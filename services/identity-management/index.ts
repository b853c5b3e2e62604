import { CredentialKind } from '../database/api.ts'
import type { IdentityManagement } from './api.ts'
import { createPinChange } from './change-pin.ts'
import { createVerification } from './verification.ts'
import type { IdentityParts } from './verification.ts'

export { brokenPinRule } from './new-pin-rules.ts'
export type { PinOwner } from './trivial-pins.ts'
export { atOnceOfOpenDoor, refuseNobody } from './verification.ts'
export type { IdentityParts } from './verification.ts'

/** Credentials of end users under the credential policy. It keeps nothing of its own, so any number may stand beside each other. */
export function createIdentityManagement(parts: IdentityParts): IdentityManagement {
  const verify = createVerification(parts)
  return {
    verifyPin: (user, pin) => verify(user, CredentialKind.pin, pin),
    verifyPassword: (user, password) => verify(user, CredentialKind.userPassword, password),
    changePin: createPinChange(parts, verify),
  }
}
