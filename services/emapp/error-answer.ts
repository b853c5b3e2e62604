import type { PhoneAnswer } from '../wire/phone-xml/answer.ts'
import { EmRefusal } from '../refusals.ts'
import type { ServiceContext } from '../service.ts'
import { changeCredentialAddress } from './addresses.ts'
import type { PhoneRequest } from './api.ts'
import { changePinPage, refusalPage } from './pages.ts'
import { operationOf } from './phone-steps.ts'
import { OwnRefusal, refused } from './refusals.ts'

/** Time to read why before the phone goes to Change Credential. */
const readingSeconds = 3

/** The page of a refusal: exactly what the documents say the phone displays. */
export function errorAnswer(
  { log, events }: Pick<ServiceContext, 'log' | 'events'>,
  request: PhoneRequest,
  error: unknown,
): PhoneAnswer {
  const refusal = asRefusal(error, request)
  if (refusal !== error) log.error({ err: error }, 'a page of Extension Mobility failed')
  const { code } = refusal
  // Extension Mobility tells of its own refusals itself.
  if (refusal instanceof OwnRefusal && operationOf(request) === 'login') {
    const [deviceName = '', userId = ''] = [request.fields.get('device'), request.fields.get('userid')]
    events.publish('loginRefused', { deviceName, userId, code })
  }
  return code === 41
    ? changePin(request, displayOf(refusal, request), refusal.userId)
    : { xml: refusalPage(displayOf(refusal, request)) }
}

/** Whatever has no code of its own is 26 when credentials could not be checked for load, else 0. */
function asRefusal(error: unknown, request: PhoneRequest): EmRefusal {
  if (error instanceof EmRefusal) return error
  const busy = (error as { readonly code?: unknown } | undefined)?.code === 'CREDENTIAL_HASHER_BUSY'
  return refused(busy ? 26 : 0, operationOf(request))
}

/** A code whose row has no text for what the phone did reads as its neighbours do. */
function displayOf({ facts }: EmRefusal, request: PhoneRequest): string {
  const what = operationOf(request) === 'login' ? 'Login' : 'Logout'
  return facts.phoneDisplay ?? `${what} is unavailable(${facts.code})`
}

function changePin(request: PhoneRequest, display: string, userId: string | undefined): PhoneAnswer {
  const url = changeCredentialAddress(request, userId)
  const xml = changePinPage(display, url)
  return url === undefined ? { xml } : { xml, refresh: { seconds: readingSeconds, url } }
}
