// Every text that EMApp shows, in one place. No document prints the pages: all of them are our choice (docs/fidelity.md), but for the
// phone displays of the error codes, which are the documents', the fields `userid` and `seq`, and the softkeys Submit and ChangePIN.
import { phoneXmlLimits, serializePhoneInput, serializePhoneMenu, serializePhoneText } from '../wire/phone-xml/index.ts'
import type { InputFlags, PhoneSoftKey } from '../wire/phone-xml/index.ts'

const title = 'Extension Mobility Service'

/** How a user is identified; see `loginType`. */
export type IdentifiedBy = 'UID' | 'SP' | 'DN'

const identifiers = {
  UID: { prompt: 'Enter UserID and PIN', displayName: 'UserID' },
  SP: { prompt: 'Enter self-service ID and PIN', displayName: 'Self-Service ID' },
  DN: { prompt: 'Enter extension and PIN', displayName: 'Extension' },
} as const satisfies Readonly<Record<IdentifiedBy, { readonly prompt: string; readonly displayName: string }>>

/** What the login form is made of. Addresses are absolute; one that no phone takes is undefined and left out. */
export interface LoginForm {
  readonly url: string
  readonly identifiedBy: IdentifiedBy
  readonly inputFlags: InputFlags
  /** User ID that is there already; empty = none. */
  readonly userId: string
  readonly changePinUrl: string | undefined
}

const exit = { name: 'Exit', url: 'SoftKey:Exit' }

/** Asks for a user's identifier and PIN. */
export function loginForm({ url, identifiedBy, inputFlags, userId, changePinUrl }: LoginForm): string {
  const { prompt, displayName } = identifiers[identifiedBy]
  const defaultValue = [...userId].length <= phoneXmlLimits.defaultValue ? userId : ''
  return serializePhoneInput({
    title,
    prompt,
    url,
    items: [
      { displayName, queryStringParam: 'userid', inputFlags, defaultValue },
      { displayName: 'PIN', queryStringParam: 'seq', inputFlags: 'NP', defaultValue: '' },
    ],
    softKeys: softKeys(
      { name: 'Submit', url: 'SoftKey:Submit' },
      { name: '<<', url: 'SoftKey:<<' },
      exit,
      changePin(changePinUrl),
    ),
  })
}

/** One item per device profile. */
export function profileMenu(items: readonly { readonly name: string; readonly url: string }[]): string {
  return serializePhoneMenu({
    title,
    prompt: 'Select a device profile',
    items: items.slice(0, phoneXmlLimits.menuItems),
    softKeys: softKeys({ name: 'Select', url: 'SoftKey:Select' }, exit),
  })
}

/** Asks whether the user who is logged in is to be logged out. */
export function logoutQuestion(userId: string, yesUrl: string | undefined): string {
  return serializePhoneText({
    title,
    prompt: 'Log out?',
    text: `${userId} is logged in to this phone. Do you want to log out?`,
    softKeys: softKeys(yesUrl === undefined ? undefined : { name: 'Yes', url: yesUrl }, { ...exit, name: 'No' }),
  })
}

/** The phone leaves it before it restarts. */
export function loggedIn(userId: string): string {
  return notice('Logged in', `${userId} is logged in. The phone restarts.`)
}

/** The phone leaves it before it restarts. */
export function loggedOut(userId: string): string {
  return notice('Logged out', `${userId} is logged out. The phone restarts.`)
}

/** `display` is the documents' own text and stands alone, so that whoever looks for it finds it. */
export function refusalPage(display: string): string {
  return notice('', display)
}

/** The user must change the PIN; the phone goes there by itself. */
export function changePinPage(display: string, changePinUrl: string | undefined): string {
  return serializePhoneText({ title, prompt: '', text: display, softKeys: softKeys(changePin(changePinUrl), exit) })
}

function notice(prompt: string, text: string): string {
  return serializePhoneText({ title, prompt, text, softKeys: softKeys(exit) })
}

type Key = Pick<PhoneSoftKey, 'name' | 'url'> | undefined

function changePin(url: string | undefined): Key {
  return url === undefined ? undefined : { name: 'ChangePIN', url }
}

/** From position 1 on; what is undefined leaves its position empty. */
function softKeys(...keys: readonly Key[]): readonly PhoneSoftKey[] {
  return keys.flatMap((key, index) => (key === undefined ? [] : [{ ...key, position: index + 1 }]))
}
