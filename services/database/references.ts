import { randomUUID } from 'node:crypto'
import { DatabaseError } from './errors.ts'
import type { Tables } from './tables.ts'

/** `tkclass` of the rows of `device`. */
export const DeviceClass = {
  phone: 1,
  trunk: 18,
  deviceProfile: 254,
  /** Ours; the vendor's number is not public. */
  defaultDeviceProfile: 1_000_000,
} as const
export type DeviceClass = (typeof DeviceClass)[keyof typeof DeviceClass]

/** `tkpatternusage` of the rows of `numplan`. */
export const PatternUsage = { device: 2, route: 5 } as const

/** The vendor's enums leave this range to us. */
const ownModels = 1_000_000

interface Keyed {
  readonly pkid: string
}

/** Turns names into the pkids behind them; `where` says in the error's message which value was wrong. */
export class References {
  readonly #tables: Tables
  constructor(tables: Tables) {
    this.#tables = tables
  }

  /** Null for the empty name, <None>. */
  partition(name: string, where: string): string | null {
    return this.#optional('SELECT pkid FROM routepartition WHERE name = ?', name, `${where}: there is no partition`)
  }

  /** Null for the empty name, <None>. */
  callingSearchSpace(name: string, where: string): string | null {
    const text = 'SELECT pkid FROM callingsearchspace WHERE name = ?'
    return this.#optional(text, name, `${where}: there is no calling search space`)
  }

  /** Null for the empty name, nobody. */
  owner(userId: string, where: string): string | null {
    return userId === '' ? null : this.endUser(userId, where)
  }

  endUser(userId: string, where: string): string {
    return this.#required('SELECT pkid FROM enduser WHERE userid = ?', userId, `${where}: there is no end user`)
  }

  deviceProfile(name: string, where: string): string {
    const text = `SELECT pkid FROM device WHERE name = ? AND tkclass = ${DeviceClass.deviceProfile}`
    return this.#required(text, name, `${where}: there is no device profile`)
  }

  phone(name: string, where: string): string {
    const text = `SELECT pkid FROM device WHERE name = ? AND tkclass = ${DeviceClass.phone}`
    return this.#required(text, name, `${where}: there is no phone`)
  }

  /** Null for the empty name. */
  userProfile(name: string, where: string): string | null {
    return this.#optional('SELECT pkid FROM rl_userprofile WHERE name = ?', name, `${where}: there is no user profile`)
  }

  trunk(name: string, where: string): string {
    const text = `SELECT pkid FROM device WHERE name = ? AND tkclass = ${DeviceClass.trunk}`
    return this.#required(text, name, `${where}: there is no trunk`)
  }

  group(name: string, where: string): string {
    return this.#required(
      'SELECT pkid FROM dirgroup WHERE name = ?',
      name,
      `${where}: there is no access control group`,
    )
  }

  role(name: string, where: string): string {
    return this.#required('SELECT pkid FROM functionrole WHERE name = ?', name, `${where}: there is no role`)
  }

  phoneService(name: string, where: string): { readonly pkid: string; readonly url: string } {
    const text = 'SELECT pkid, urltemplate AS url FROM telecasterservice WHERE name = ?'
    const found = this.#tables.one<{ pkid: string; url: string }>(text, name)
    if (!found) throw unknown(`${where}: there is no phone service`, name)
    return found
  }

  /** Device pools carry nothing but their name here, so an unknown one is made. */
  devicePool(name: string): string {
    const found = this.#tables.one<Keyed>('SELECT pkid FROM devicepool WHERE name = ?', name)
    if (found) return found.pkid
    const pkid = randomUUID()
    this.#tables.run('INSERT INTO devicepool (pkid, name) VALUES (?, ?)', pkid, name)
    return pkid
  }

  /** A model nobody has named before gets a number of ours. */
  model(name: string): number {
    const found = this.#tables.one<{ enum: number }>('SELECT enum FROM typemodel WHERE name = ?', name)
    if (found) return found.enum
    const text = `SELECT max(${ownModels}, max(enum) + 1) AS enum FROM typemodel`
    const number = this.#tables.one<{ enum: number }>(text)?.enum ?? ownModels
    this.#tables.run('INSERT INTO typemodel (enum, name) VALUES (?, ?)', number, name)
    return number
  }

  #optional(text: string, name: string, problem: string): string | null {
    return name === '' ? null : this.#required(text, name, problem)
  }

  #required(text: string, name: string, problem: string): string {
    const found = this.#tables.one<Keyed>(text, name)
    if (!found) throw unknown(problem, name)
    return found.pkid
  }
}

function unknown(problem: string, name: string): DatabaseError {
  return new DatabaseError('DATABASE_UNKNOWN_REFERENCE', `${problem} ${JSON.stringify(name)}`)
}

/** The flag as the tables hold it. */
export function flag(value: boolean): 't' | 'f' {
  return value ? 't' : 'f'
}
