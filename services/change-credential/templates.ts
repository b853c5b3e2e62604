// Every text of the Change Credential pages. Documented are: the title, the names of fields and softkeys, `PIN change is complete`,
// `PIN Change Successful` and `Contact system administrator`. All others are ours (docs/fidelity.md). Clients show the prompt as
// the result, so it says what happened, within the phone's 32 characters; none but the first may say that the change is complete.
import type { ChangeOutcome } from '../identity-management/api.ts'

export const title = 'Change Credential'

export const form = {
  prompt: 'Enter your current and new PIN',
  userId: 'User ID',
  oldPin: 'Current PIN',
  newPin: 'New PIN',
  confirmNewPin: 'Confirm PIN',
} as const

export const softKey = { change: 'Change', delete: '<<', back: 'Back', exit: 'Exit' } as const

/** What came of a request to change a PIN: an outcome, or why nothing was tried. */
export type Result = ChangeOutcome | 'blank' | 'unreadable' | 'busy'

/** One result page; `{minimum}` in its text stands for the fewest digits that the credential policy allows. */
export interface ResultText {
  readonly prompt: string
  readonly text: string
}

/** An unknown user and a wrong PIN read the same. */
const wrong = { prompt: 'Wrong user ID or PIN', text: 'Check your user ID and your current PIN.' }

export const results: Readonly<Record<Result, ResultText>> = {
  changed: { prompt: 'PIN change is complete', text: 'PIN Change Successful' },
  DIRUSER_ERROR: wrong,
  INVALID_CREDENTIAL: wrong,
  USER_LOCKED: { prompt: 'Contact system administrator', text: 'Your account is locked.' },
  NEW_PIN_SAME_AS_OLD_PIN: {
    prompt: 'New PIN equals current PIN',
    text: 'Choose a PIN other than the current one.',
  },
  NEW_PIN_MISMATCH: { prompt: 'New PINs do not match', text: 'Enter the same digits in New PIN and Confirm PIN.' },
  tooShort: { prompt: 'New PIN is too short', text: 'Choose a PIN of at least {minimum} digits.' },
  trivial: {
    prompt: 'New PIN is too easy to guess',
    text: 'Choose a PIN of at least three different digits, without repeated groups, rows of the keypad, your name or your extension.',
  },
  inHistory: { prompt: 'New PIN was used before', text: 'Choose a PIN that you have not had lately.' },
  cannotChange: { prompt: 'You cannot change this PIN', text: 'Your administrator sets this PIN.' },
  notAtHome: { prompt: 'Change it in your home cluster', text: 'This cluster has only a copy of your PIN.' },
  notNumeric: { prompt: 'A PIN has digits only', text: 'Choose a PIN of digits from 0 to 9.' },
  blank: { prompt: 'Fill in all fields', text: 'User ID, current PIN, new PIN and confirmation are all needed.' },
  unreadable: { prompt: 'The entry cannot be read', text: 'Nothing was changed. Enter it again.' },
  busy: { prompt: 'Busy, please try again', text: 'Nothing was changed.' },
}
