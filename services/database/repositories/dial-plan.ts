import { randomUUID } from 'node:crypto'
import type { DialPlanRepository, RoutePattern, Trunk } from '../api.ts'
import { storedNumberOrPattern } from '../dial-plan-rules.ts'
import { DatabaseError } from '../errors.ts'
import { DeviceClass, PatternUsage, type References } from '../references.ts'
import type { Tables } from '../tables.ts'
import type { AdvertisedNumbers } from './advertised-number.ts'
import { refuseTakenName } from './device-name.ts'

/** Partitions, calling search spaces, route patterns and trunks. */
export class DialPlan implements DialPlanRepository {
  readonly #tables: Tables
  readonly #references: References
  readonly #advertised: AdvertisedNumbers
  constructor(tables: Tables, references: References, advertised: AdvertisedNumbers) {
    this.#tables = tables
    this.#references = references
    this.#advertised = advertised
  }

  partitions(): readonly string[] {
    return this.#tables.all<{ name: string }>('SELECT name FROM routepartition ORDER BY name').map(({ name }) => name)
  }

  /** Throws DATABASE_DUPLICATE. The empty name is <None>, which is always there. */
  insertPartition(name: string): void {
    this.#tables.change(`partition ${name}`, () => {
      if (name === '<None>')
        throw new DatabaseError('DATABASE_INVALID', 'The partition <None> is always there: it is the empty name')
      this.#refuseTaken('SELECT 1 FROM routepartition WHERE name = ?', name, 'a partition')
      this.#tables.run('INSERT INTO routepartition (pkid, name) VALUES (?, ?)', randomUUID(), name)
    })
  }

  removePartition(name: string): boolean {
    return this.#remove(`partition ${name}`, 'DELETE FROM routepartition WHERE name = ?', name)
  }

  callingSearchSpaces(): ReadonlyMap<string, readonly string[]> {
    const rows = this.#tables.all<{ space: string; partition: string | null }>(
      `SELECT c.name AS space, p.name AS partition FROM callingsearchspace AS c
       LEFT JOIN callingsearchspacemember AS m ON m.fkcallingsearchspace = c.pkid
       LEFT JOIN routepartition AS p ON p.pkid = m.fkroutepartition
       ORDER BY c.name, m.sortorder`,
    )
    const spaces = Map.groupBy(rows, ({ space }) => space)
    return new Map([...spaces].map(([space, members]) => [space, members.flatMap((member) => member.partition ?? [])]))
  }

  /** Throws DATABASE_DUPLICATE for a taken name or a partition named twice, DATABASE_UNKNOWN_REFERENCE for a partition. */
  insertCallingSearchSpace(name: string, partitions: readonly string[]): void {
    this.#tables.change(`calling search space ${name}`, () => {
      this.#refuseTaken('SELECT 1 FROM callingsearchspace WHERE name = ?', name, 'a calling search space')
      const pkid = randomUUID()
      this.#tables.run('INSERT INTO callingsearchspace (pkid, name) VALUES (?, ?)', pkid, name)
      for (const [order, partition] of partitions.entries()) this.#insertMember(pkid, partition, order + 1, name)
    })
  }

  removeCallingSearchSpace(name: string): boolean {
    return this.#remove(`calling search space ${name}`, 'DELETE FROM callingsearchspace WHERE name = ?', name)
  }

  routePatterns(): readonly RoutePattern[] {
    return this.#tables
      .all<RoutePattern>(
        `SELECT n.dnorpattern AS pattern, ifnull(p.name, '') AS partition, d.name AS trunk FROM numplan AS n
         JOIN devicenumplanmap AS m ON m.fknumplan = n.pkid
         JOIN device AS d ON d.pkid = m.fkdevice
         LEFT JOIN routepartition AS p ON p.pkid = n.fkroutepartition
         WHERE n.tkpatternusage = ${PatternUsage.route} ORDER BY n.dnorpattern, partition`,
      )
      .map(({ pattern, partition, trunk }) => ({ pattern, partition, trunk }))
  }

  /** Throws DATABASE_DUPLICATE where the partition has the pattern or a directory number spelled like it. */
  insertRoutePattern({ pattern, partition, trunk }: RoutePattern): void {
    const where = `route pattern ${pattern}`
    this.#tables.change(where, () => {
      const inPartition = this.#references.partition(partition, where)
      const device = this.#references.trunk(trunk, where)
      this.#refuseAlike(pattern, inPartition, where)
      this.#advertised.refuseTaken(pattern, inPartition, where)
      const pkid = randomUUID()
      this.#tables.run(
        'INSERT INTO numplan (pkid, dnorpattern, fkroutepartition, tkpatternusage) VALUES (?, ?, ?, ?)',
        pkid,
        pattern,
        inPartition,
        PatternUsage.route,
      )
      this.#tables.run(
        `INSERT INTO devicenumplanmap (pkid, fkdevice, fknumplan, numplanindex)
         SELECT ?1, ?2, ?3, 1 + ifnull(max(numplanindex), 0) FROM devicenumplanmap WHERE fkdevice = ?2`,
        randomUUID(),
        device,
        pkid,
      )
    })
  }

  /** However it is spelled: of two that match the same numbers one would never be used. */
  #refuseAlike(pattern: string, partition: string | null, where: string): void {
    const spelled = storedNumberOrPattern(pattern, where)
    const text = 'SELECT dnorpattern AS pattern FROM numplan WHERE fkroutepartition IS ?'
    const others = this.#tables.all<{ pattern: string }>(text, partition)
    const alike = others.find((other) => storedNumberOrPattern(other.pattern, where) === spelled)
    if (alike) throw taken(alike.pattern, 'That partition has the pattern')
  }

  removeRoutePattern(pattern: string, partition: string): boolean {
    const where = `route pattern ${pattern}`
    return this.#tables.change(where, () => {
      const text = `DELETE FROM numplan
        WHERE dnorpattern = ? AND fkroutepartition IS ? AND tkpatternusage = ${PatternUsage.route}`
      return this.#tables.run(text, pattern, this.#references.partition(partition, where)) > 0
    })
  }

  trunks(): readonly Trunk[] {
    return this.#tables
      .all<Trunk>(
        `SELECT name, rl_remotecluster AS remoteCluster, rl_url AS url FROM device
         WHERE tkclass = ${DeviceClass.trunk} ORDER BY name`,
      )
      .map(({ name, remoteCluster, url }) => ({ name, remoteCluster, url }))
  }

  /** Throws DATABASE_DUPLICATE where a phone, trunk or device profile has the name. */
  insertTrunk({ name, remoteCluster, url }: Trunk): void {
    this.#tables.change(`trunk ${name}`, () => {
      refuseTakenName(this.#tables, name)
      this.#tables.run(
        'INSERT INTO device (pkid, name, tkclass, rl_remotecluster, rl_url) VALUES (?, ?, ?, ?, ?)',
        randomUUID(),
        name,
        DeviceClass.trunk,
        remoteCluster,
        url,
      )
    })
  }

  removeTrunk(name: string): boolean {
    const where = `trunk ${name}`
    return this.#tables.change(where, () => {
      const condition = `name = ? AND tkclass = ${DeviceClass.trunk}`
      // A phone's lines go with it; a trunk's route patterns would stay behind with no way out.
      const pattern = this.#tables.one<{ pattern: string }>(
        `SELECT n.dnorpattern AS pattern FROM device AS d JOIN devicenumplanmap AS m ON m.fkdevice = d.pkid
         JOIN numplan AS n ON n.pkid = m.fknumplan WHERE d.${condition} ORDER BY n.dnorpattern LIMIT 1`,
        name,
      )
      if (pattern) {
        throw new DatabaseError('DATABASE_REFERENCED', `${where} is in use: route pattern ${pattern.pattern} names it`)
      }
      return this.#tables.run(`DELETE FROM device WHERE ${condition}`, name) > 0
    })
  }

  #remove(what: string, text: string, name: string): boolean {
    return this.#tables.change(what, () => this.#tables.run(text, name) > 0)
  }

  #insertMember(space: string, partition: string, order: number, name: string): void {
    const where = `calling search space ${name}`
    // <None> needs no member: every calling search space reaches it.
    const member = this.#references.partition(partition, where)
    if (member === null)
      throw new DatabaseError('DATABASE_INVALID', `${where}: the partition <None> cannot be a member`)
    const text = 'SELECT 1 FROM callingsearchspacemember WHERE fkcallingsearchspace = ? AND fkroutepartition = ?'
    if (this.#tables.one(text, space, member)) throw taken(partition, `${where} has the partition`)
    this.#tables.run(
      `INSERT INTO callingsearchspacemember (pkid, fkcallingsearchspace, fkroutepartition, sortorder) VALUES (?, ?, ?, ?)`,
      randomUUID(),
      space,
      member,
      order,
    )
  }

  #refuseTaken(text: string, name: string, what: string): void {
    if (name === '') throw new DatabaseError('DATABASE_INVALID', `${what} needs a name`)
    if (this.#tables.one(text, name)) throw taken(name, `There is ${what}`)
  }
}

function taken(name: string, what: string): DatabaseError {
  return new DatabaseError('DATABASE_DUPLICATE', `${what} ${JSON.stringify(name)} already`)
}
