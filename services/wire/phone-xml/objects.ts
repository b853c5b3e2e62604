// The XML objects that a phone shows, as values (Cisco Unified IP Phone Services Application Development Notes; the limits are those
// of its schema CiscoIpPhoneServices.xsd). Display texts may be of any length here: serialising cuts them to what a phone takes.

/** A softkey of a page. `url` is an address, or an internal URI such as `SoftKey:Submit`. */
export interface PhoneSoftKey {
  readonly name: string
  readonly url: string
  /** 1 to 8, each at most once on a page. */
  readonly position: number
}

interface Page {
  readonly title: string
  readonly prompt: string
  /** At most 8. */
  readonly softKeys?: readonly PhoneSoftKey[]
}

/** CiscoIPPhoneMenu: the user picks one of at most 100 items. */
export interface PhoneMenu extends Page {
  readonly items: readonly { readonly name: string; readonly url: string }[]
}

/** CiscoIPPhoneText. */
export interface PhoneText extends Page {
  readonly text: string
}

/**
 * InputFlags: A plain text, T telephone number, N numeric, E equation, U upper case, L lower case; with P the characters are not shown.
 */
export const inputFlags = ['A', 'T', 'N', 'E', 'U', 'L', 'AP', 'TP', 'NP', 'EP', 'UP', 'LP'] as const
export type InputFlags = (typeof inputFlags)[number]

/** One field of a CiscoIPPhoneInput. */
export interface PhoneInputItem {
  readonly displayName: string
  /** Name under which the value is appended to the page's URL. */
  readonly queryStringParam: string
  readonly inputFlags: InputFlags
  /** At most 32 characters. */
  readonly defaultValue?: string
}

/** CiscoIPPhoneInput: at most 5 fields; the phone sends them by GET, appended to `url`. */
export interface PhoneInput extends Page {
  readonly url: string
  readonly items: readonly PhoneInputItem[]
}

/** CiscoIPPhoneDirectory: at most 32 entries. */
export interface PhoneDirectory extends Page {
  readonly entries: readonly { readonly name: string; readonly telephone: string }[]
}

/** CiscoIPPhoneExecute, pushed to a phone: at most 3 items. Priority 0 now, 1 when idle, 2 only if idle, 3 as the phone decides. */
export interface PhoneExecute {
  readonly items: readonly { readonly priority: number; readonly url: string }[]
}

/** CiscoIPPhoneResponse, a phone's answer to CiscoIPPhoneExecute. */
export interface PhoneResponse {
  readonly items: readonly { readonly status: number; readonly data: string; readonly url: string }[]
}

/** CiscoIPPhoneError: 1 parse, 2 response framing, 3 internal file, 4 authentication. */
export interface PhoneError {
  readonly number: number
}

/** CiscoIPPhoneStatus: a picture and a timer in the call's window. */
export interface PhoneStatus {
  readonly text: string
  /** Seconds, 0 to 5939. */
  readonly timer: number
  readonly locationX: number
  readonly locationY: number
  /** 1 to 106. */
  readonly width: number
  /** 1 to 21. */
  readonly height: number
  /** 1 or 2. */
  readonly depth: number
  /** Hexadecimal, at most 2,200 digits. */
  readonly data: string
}

/** What parsing a page finds. */
export type PhonePage =
  | ({ readonly object: 'CiscoIPPhoneMenu' } & PhoneMenu)
  | ({ readonly object: 'CiscoIPPhoneText' } & PhoneText)
  | ({ readonly object: 'CiscoIPPhoneInput' } & PhoneInput)
  | ({ readonly object: 'CiscoIPPhoneDirectory' } & PhoneDirectory)
  | ({ readonly object: 'CiscoIPPhoneExecute' } & PhoneExecute)
  | ({ readonly object: 'CiscoIPPhoneResponse' } & PhoneResponse)
  | ({ readonly object: 'CiscoIPPhoneError' } & PhoneError)
  | ({ readonly object: 'CiscoIPPhoneStatus' } & PhoneStatus)

/** The schema's limits: characters of texts (counted as code points, before escaping), numbers of elements. */
export const phoneXmlLimits = {
  title: 32,
  prompt: 32,
  text: 4000,
  menuItems: 100,
  menuItemName: 64,
  url: 256,
  inputItems: 5,
  displayName: 32,
  queryStringParam: 32,
  defaultValue: 32,
  directoryEntries: 32,
  directoryName: 32,
  telephone: 32,
  softKeys: 8,
  softKeyName: 32,
  executeItems: 3,
  responseItems: 3,
  responseData: 32,
  statusText: 32,
  statusData: 2200,
} as const
