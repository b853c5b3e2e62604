import { serializeForm } from '../wire/form.ts'
import { phoneXmlLimits, serializePhoneInput, serializePhoneText } from '../wire/phone-xml/index.ts'
import type { PhoneSoftKey } from '../wire/phone-xml/index.ts'
import { form, results, softKey, title } from './templates.ts'
import type { Result } from './templates.ts'

/** The vendor's path, case-sensitive. */
export const servletPath = '/changecredential/ChangeCredentialServlet'

/** Where a page is shown, for the links in it. */
export interface Place {
  /** Under which the phone reached us, e.g. `http://10.0.0.1:8080` */
  readonly base: string
  /** The phone, empty if it did not say. */
  readonly device: string
  /** User ID to begin with; empty if not known. */
  readonly userId: string
}

const exit: PhoneSoftKey = { name: softKey.exit, url: 'SoftKey:Exit', position: 3 }

/** The form. `numeric`: user IDs have digits only (Alphanumeric User ID is False). */
export function formPage(place: Place, numeric: boolean): string {
  // A phone takes no longer one; its user enters it.
  const userId = [...place.userId].length <= phoneXmlLimits.defaultValue ? place.userId : ''
  return serializePhoneInput({
    title,
    prompt: form.prompt,
    url: withinLimit(link(place, ['changePin', 'true'], ['device', place.device]), link(place, ['changePin', 'true'])),
    items: [
      {
        displayName: form.userId,
        queryStringParam: 'userid',
        inputFlags: numeric ? 'N' : 'A',
        defaultValue: userId,
      },
      { displayName: form.oldPin, queryStringParam: 'oldpin', inputFlags: 'NP', defaultValue: '' },
      { displayName: form.newPin, queryStringParam: 'newpin', inputFlags: 'NP', defaultValue: '' },
      { displayName: form.confirmNewPin, queryStringParam: 'confirmnewpin', inputFlags: 'NP', defaultValue: '' },
    ],
    softKeys: [
      { name: softKey.change, url: 'SoftKey:Submit', position: 1 },
      { name: softKey.delete, url: 'SoftKey:<<', position: 2 },
      exit,
    ],
  })
}

/** What came of it. Nothing that was entered is on it but the user ID, in the link back to the form. */
export function resultPage(place: Place, result: Result, minimumLength = 0): string {
  const { prompt, text: template } = results[result]
  const text = template.replace('{minimum}', String(minimumLength))
  const back: PhoneSoftKey = { name: softKey.back, url: backTo(place), position: 1 }
  return serializePhoneText({ title, prompt, text, softKeys: isFinal(result) ? [exit] : [back, exit] })
}

/** Trying again is of no use. */
function isFinal(result: Result): boolean {
  return result === 'changed' || result === 'USER_LOCKED' || result === 'cannotChange' || result === 'notAtHome'
}

function backTo(place: Place): string {
  const device = ['device', place.device] as const
  return withinLimit(link(place, device, ['userid', place.userId]), link(place, device))
}

/** The fuller address, if a phone takes one of that length. */
function withinLimit(full: string, bare: string): string {
  return full.length <= phoneXmlLimits.url ? full : bare
}

function link({ base }: Place, ...fields: readonly (readonly [name: string, value: string])[]): string {
  const query = serializeForm(fields.filter(([, value]) => value !== ''))
  return `${base}${servletPath}${query === '' ? '' : `?${query}`}`
}
