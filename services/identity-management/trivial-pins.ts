// Check for Trivial Passwords, for PINs (Security Guide, Trivial Passwords). How far "contain" and "repeat" go is our reading,
// docs/fidelity.md.
import type { EndUser } from '../database/api.ts'

/** What of a user a PIN must not be made of. */
export type PinOwner = Pick<EndUser, 'userId' | 'firstName' | 'lastName' | 'primaryExtension' | 'selfServiceUserId'>

/** Three keys in a row on the keypad, which every longer line begins with; they are dialled in both directions. */
const keypadLines = ['123', '456', '789', '147', '258', '580', '369', '159', '357'].flatMap((line) => [
  line,
  reversed(line),
])

/** Numbers shorter than this may be part of a PIN: nearly every PIN has every single digit in it. */
const shortestIncluded = 3

/** Whether the digits of `pin` are easily guessed, by themselves or for somebody who knows the user. */
export function isTrivialPin(pin: string, owner: PinOwner): boolean {
  return (
    new Set(pin).size < 3 ||
    // The same number more than two times consecutively.
    /([0-9])\1\1/u.test(pin) ||
    // Groups of repeated digits, such as 408408.
    /([0-9]{2,})\1/u.test(pin) ||
    keypadLines.some((line) => pin.includes(line)) ||
    isRun(pin) ||
    numbersOf(owner).some((number) => repeats(pin, number) || repeats(pin, reversed(number))) ||
    [owner.firstName, owner.lastName].some((name) => pin === dialledByName(name))
  )
}

/** The guide's 123456, and 654321; 0 follows 9. */
function isRun(pin: string): boolean {
  const steps = [...pin].slice(1).map((digit, index) => (Number(digit) - Number(pin[index]) + 10) % 10)
  return steps.every((step) => step === 1) || steps.every((step) => step === 9)
}

function repeats(pin: string, number: string): boolean {
  return pin === number || (number.length >= shortestIncluded && pin.includes(number))
}

/** The extension without a leading `+`, and IDs where they are numbers. */
function numbersOf({ primaryExtension, selfServiceUserId, userId }: PinOwner): readonly string[] {
  const numbers = [primaryExtension, selfServiceUserId, userId].map((number) => number.replace(/^\+/u, ''))
  return numbers.filter((number) => /^[0-9]+$/u.test(number))
}

const keyOfLetter = new Map(
  ['abc', 'def', 'ghi', 'jkl', 'mno', 'pqrs', 'tuv', 'wxyz'].flatMap((letters, index) =>
    [...letters].map((letter) => [letter, String(index + 2)] as const),
  ),
)

/** The keys with the name's letters, accents and spaces left out; empty for a name that the keypad has no letters for. */
function dialledByName(name: string): string {
  const letters = [...name.normalize('NFD').toLowerCase()]
  return letters.map((letter) => keyOfLetter.get(letter) ?? '').join('')
}

function reversed(digits: string): string {
  return [...digits].reverse().join('')
}
