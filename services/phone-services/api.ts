import type { PhoneServiceType } from '../database/api.ts'
import type { Form } from '../wire/form.ts'

/** Which menu a phone asks for. */
export interface MenuRequest {
  readonly deviceName: string
  /** The button that was pressed. */
  readonly type: PhoneServiceType
  /** Over HTTPS: services that have a secure address are reached by it. */
  readonly secure: boolean
}

/** The only bodies that a phone understands (IP Phone Services Application Development Notes, CGI/Execute). */
export type AuthenticationAnswer = 'AUTHORIZED' | 'UN-AUTHORIZED' | 'ERROR'

/** What phones ask Cisco IP Phone Services. */
export interface PhoneServicesApi {
  /** The page behind the button. */
  menu(request: MenuRequest): string
  /** Whether the user in `UserID` may push to the phone in `devicename`. Never rejects. */
  authenticate(fields: Form): Promise<AuthenticationAnswer>
}
