import { deviceSettingDefaults } from '../device-settings.ts'
import { DatabaseError } from '../errors.ts'
import type { Tables } from '../tables.ts'

/** Of what has none. */
export const frozenList: readonly never[] = Object.freeze([])

/** Of a phone or device profile that does not say otherwise. */
export const deviceDefaults = {
  description: '',
  model: 'Cisco 8845',
  callingSearchSpace: '',
  phoneServices: frozenList,
  speedDials: frozenList,
  blfSpeedDials: frozenList,
  intercomLines: frozenList,
  ...deviceSettingDefaults,
} as const

const kinds: ReadonlyMap<string, string> = new Map([
  ['Phone', 'phone'],
  ['Trunk', 'trunk'],
  ['Device Profile', 'device profile'],
  ['Default Device Profile', 'default device profile'],
])

/** Phones, trunks and device profiles share one table and so one space of names. */
export function refuseTakenName(tables: Tables, name: string): void {
  const taken = tables.one<{ class: string }>(
    'SELECT c.name AS class FROM device AS d JOIN typeclass AS c ON c.enum = d.tkclass WHERE d.name = ?',
    name,
  )
  if (!taken) return
  const kind = kinds.get(taken.class) ?? taken.class
  throw new DatabaseError('DATABASE_DUPLICATE', `There is a ${kind} named ${JSON.stringify(name)} already`)
}
