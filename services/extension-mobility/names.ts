import { foldName } from '../database/row-memory.ts'

/** Nothing but white space. */
export function isBlank(text: string): boolean {
  return text.trim() === ''
}

/**
 * Names and user IDs compare without regard to case, as the vendor's do; letters beyond A to Z compare as the tables compare them, so that
 * nobody whose ID has a Kelvin sign passes for the one who has a k there.
 */
export function isSameName(one: string, other: string): boolean {
  return one === other || foldName(one) === foldName(other)
}
