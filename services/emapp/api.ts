import type { RequestOrigin } from '../extension-mobility/api.ts'
import type { PhoneAnswer } from '../wire/phone-xml/answer.ts'
import type { Form } from '../wire/form.ts'

/** What a phone asks for. */
export interface PhoneRequest {
  /** Fields of query and form; unknown ones are ignored. */
  readonly fields: Form
  /** Scheme, host and port under which the phone reached this cluster. */
  readonly base: string
  readonly origin: RequestOrigin
}

/** The phone's pages of Extension Mobility. */
export interface EmApp {
  /** The page to show, refusals included. Rejects only for what has none of the vendor's codes. */
  answer(request: PhoneRequest): Promise<PhoneAnswer>
}
