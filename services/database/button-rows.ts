// What phones and user device profiles have in common: the lines on their buttons and their subscribed phone services.
import { randomUUID } from 'node:crypto'
import type { Line, NewLine } from './api.ts'
import { DatabaseError } from './errors.ts'
import { PatternUsage, type References } from './references.ts'
import type { AdvertisedNumbers } from './repositories/advertised-number.ts'
import { grouped, type Tables } from './tables.ts'

/** The vendor's defaults for a phone's line. */
const defaultMaxCalls = 4
const defaultBusyTrigger = 2

interface NumplanRow {
  readonly pkid: string
  readonly tkpatternusage: number
}

/** Lines and subscriptions of the devices that a condition on `device AS d` selects, by the devices' pkid. */
export class ButtonRows {
  readonly #tables: Tables
  readonly #references: References
  readonly #advertised: AdvertisedNumbers
  constructor(tables: Tables, references: References, advertised: AdvertisedNumbers) {
    this.#tables = tables
    this.#references = references
    this.#advertised = advertised
  }

  lines(condition: string, ...values: string[]): ReadonlyMap<string, readonly Line[]> {
    const rows = this.#tables.all<Line & { device: string }>(
      `SELECT m.fkdevice AS device, m.numplanindex AS "index", n.dnorpattern AS dn, ifnull(p.name, '') AS partition,
         m.label, m.display, ifnull(c.name, '') AS callingSearchSpace, m.busytrigger AS busyTrigger, m.maxnumcalls AS maxCalls,
         ifnull(f.cfadestination, '') AS forwardAll, ifnull(cfa.name, '') AS forwardAllCallingSearchSpace
       FROM device AS d
       JOIN devicenumplanmap AS m ON m.fkdevice = d.pkid
       JOIN numplan AS n ON n.pkid = m.fknumplan
       LEFT JOIN routepartition AS p ON p.pkid = n.fkroutepartition
       LEFT JOIN callingsearchspace AS c ON c.pkid = n.fkcallingsearchspace_sharedlineappear
       LEFT JOIN callforwarddynamic AS f ON f.fknumplan = n.pkid
       LEFT JOIN callingsearchspace AS cfa ON cfa.pkid = f.rl_fkcallingsearchspace_cfa
       WHERE ${condition} ORDER BY m.fkdevice, m.numplanindex`,
      ...values,
    )
    return grouped(rows, lineOf)
  }

  services(condition: string, ...values: string[]): ReadonlyMap<string, readonly string[]> {
    const rows = this.#tables.all<{ device: string; name: string }>(
      `SELECT s.fkdevice AS device, t.name FROM device AS d
       JOIN telecastersubscribedservice AS s ON s.fkdevice = d.pkid
       JOIN telecasterservice AS t ON t.pkid = s.fktelecasterservice
       WHERE ${condition} ORDER BY s.fkdevice, s.rl_sortorder`,
      ...values,
    )
    return grouped(rows, ({ name }) => name)
  }

  replaceLines(device: string, lines: readonly NewLine[], where: string): void {
    const before = this.removeLines(device)
    let index = 0
    for (const line of lines) {
      index = line.index ?? index + 1
      this.#insertLine(device, { ...line, index }, `${where}, line ${index}`)
    }
    this.removeOrphans(before)
  }

  /** Takes all lines off; the answer's numbers want `removeOrphans` once the device has what it shall have. */
  removeLines(device: string): readonly string[] {
    const text = 'SELECT fknumplan AS pkid FROM devicenumplanmap WHERE fkdevice = ?'
    const before = this.#tables.all<{ pkid: string }>(text, device)
    this.#tables.run('DELETE FROM devicenumplanmap WHERE fkdevice = ?', device)
    return before.map(({ pkid }) => pkid)
  }

  /** A number that no phone, no profile and nobody's primary extension names any more is not kept: it would answer calls with nobody behind it. */
  removeOrphans(numplans: readonly string[]): void {
    for (const pkid of numplans) {
      const tell = this.#advertised.beforeRemoval(pkid)
      const removed = this.#tables.run(
        `DELETE FROM numplan WHERE pkid = ?1 AND tkpatternusage = ${PatternUsage.device}
           AND NOT EXISTS (SELECT 1 FROM devicenumplanmap WHERE fknumplan = ?1)
           AND NOT EXISTS (SELECT 1 FROM endusernumplanmap WHERE fknumplan = ?1)`,
        pkid,
      )
      if (removed > 0) tell?.()
    }
  }

  replaceServices(device: string, names: readonly string[], where: string): void {
    this.#tables.run('DELETE FROM telecastersubscribedservice WHERE fkdevice = ?', device)
    for (const [order, name] of names.entries()) {
      const service = this.#references.phoneService(name, where)
      this.#tables.run(
        `INSERT INTO telecastersubscribedservice (pkid, fkdevice, fktelecasterservice, servicename, serviceurl, rl_sortorder)
         VALUES (?, ?, ?, ?, ?, ?)`,
        randomUUID(),
        device,
        service.pkid,
        name,
        service.url,
        order,
      )
    }
  }

  /** The one row of `numplan` that all appearances of a shared line point at; made where it is missing. */
  directoryNumber(dn: string, partition: string | null, where: string): string {
    const text = 'SELECT pkid, tkpatternusage FROM numplan WHERE dnorpattern = ? AND fkroutepartition IS ?'
    const found = this.#tables.one<NumplanRow>(text, dn, partition)
    if (found && found.tkpatternusage !== PatternUsage.device) {
      throw new DatabaseError('DATABASE_DUPLICATE', `${where}: ${dn} is a route pattern in the same partition`)
    }
    if (found) return found.pkid
    this.#advertised.refuseTaken(dn, partition, where)
    const pkid = randomUUID()
    this.#tables.run(
      'INSERT INTO numplan (pkid, dnorpattern, fkroutepartition, tkpatternusage) VALUES (?, ?, ?, ?)',
      pkid,
      dn,
      partition,
      PatternUsage.device,
    )
    return pkid
  }

  #insertLine(device: string, line: NewLine & { readonly index: number }, where: string): void {
    const numplan = this.directoryNumber(line.dn, this.#references.partition(line.partition ?? '', where), where)
    this.#refuseTakenButton(device, line.index, numplan, where)
    if (line.callingSearchSpace !== undefined) this.#setCallingSearchSpace(numplan, line.callingSearchSpace, where)
    this.#setForwardAll(numplan, line, where)
    const { label = '', display = '', maxCalls = defaultMaxCalls, busyTrigger = defaultBusyTrigger } = line
    this.#tables.run(
      `INSERT INTO devicenumplanmap (pkid, fkdevice, fknumplan, numplanindex, label, display, maxnumcalls, busytrigger)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      randomUUID(),
      device,
      numplan,
      line.index,
      label,
      display,
      maxCalls,
      busyTrigger,
    )
  }

  /** As at the vendor, it belongs to the number and not to the appearance. */
  #setCallingSearchSpace(numplan: string, name: string, where: string): void {
    const space = this.#references.callingSearchSpace(name, where)
    this.#tables.run('UPDATE numplan SET fkcallingsearchspace_sharedlineappear = ? WHERE pkid = ?', space, numplan)
  }

  /** Belongs to the number too; what `line` leaves out stays. */
  #setForwardAll(numplan: string, line: NewLine, where: string): void {
    const { forwardAll, forwardAllCallingSearchSpace } = line
    if (forwardAll === undefined && forwardAllCallingSearchSpace === undefined) return
    if (forwardAll === '' && forwardAllCallingSearchSpace === '') {
      this.#tables.run('DELETE FROM callforwarddynamic WHERE fknumplan = ?', numplan)
      return
    }
    this.#tables.run(
      'INSERT INTO callforwarddynamic (pkid, fknumplan) VALUES (?, ?) ON CONFLICT (fknumplan) DO NOTHING',
      randomUUID(),
      numplan,
    )
    if (forwardAll !== undefined) {
      this.#tables.run('UPDATE callforwarddynamic SET cfadestination = ? WHERE fknumplan = ?', forwardAll, numplan)
    }
    if (forwardAllCallingSearchSpace === undefined) return
    const space = this.#references.callingSearchSpace(forwardAllCallingSearchSpace, where)
    const text = 'UPDATE callforwarddynamic SET rl_fkcallingsearchspace_cfa = ? WHERE fknumplan = ?'
    this.#tables.run(text, space, numplan)
  }

  #refuseTakenButton(device: string, index: number, numplan: string, where: string): void {
    const text = 'SELECT numplanindex FROM devicenumplanmap WHERE fkdevice = ? AND (numplanindex = ? OR fknumplan = ?)'
    const taken = this.#tables.one<{ numplanindex: number }>(text, device, index, numplan)
    if (!taken) return
    const what = taken.numplanindex === index ? 'the button is taken' : `the number is on button ${taken.numplanindex}`
    throw new DatabaseError('DATABASE_DUPLICATE', `${where}: ${what}`)
  }
}

function lineOf(row: Line & { readonly device: string }): Line {
  const { device: _device, ...line } = row
  return Object.freeze(line)
}
