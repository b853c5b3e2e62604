import type { ChangePinRequest } from '../identity-management/api.ts'
import type { Form } from '../wire/form.ts'

/** What a request asks for. */
export interface Parameters {
  /** Empty if it was not given, or is not what a device can be named. */
  readonly device: string
  readonly userId: string
  /** Present with `changePin=true`; `blank` when a field of it is missing or empty. */
  readonly change?: ChangePinRequest | 'blank'
}

/** As everywhere else in the cluster. */
const longest = 128

/** Reads the fields of a query or form; unknown ones are ignored. Undefined when one is longer than any user ID or PIN. */
export function readParameters(fields: Form): Parameters | undefined {
  const [userId, oldPin, newPin, confirmNewPin] = ['userid', 'oldpin', 'newpin', 'confirmnewpin'].map(
    (name) => fields.get(name) ?? '',
  ) as [string, string, string, string]
  const entered = [userId, oldPin, newPin, confirmNewPin]
  if (entered.some((value) => value.length > longest)) return undefined
  const device = fields.get('device') ?? ''
  const known = { device: /^[\w.-]{1,50}$/u.test(device) ? device : '', userId }
  if (fields.get('changePin') !== 'true') return known
  return { ...known, change: entered.includes('') ? 'blank' : { userId, oldPin, newPin, confirmNewPin } }
}
