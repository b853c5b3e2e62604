import { AdvertisedFailover } from '../dial-plan-api.ts'
import type {
  AdvertisedNumber,
  AdvertisedNumberChanges,
  AlternateNumber,
  DirectoryUri,
  NewAlternateNumber,
} from '../dial-plan-api.ts'
import { filledMask, invalid, storedDirectoryUri, type NumberKind } from '../dial-plan-rules.ts'
import { DatabaseError } from '../errors.ts'
import { flag, PatternUsage, type References } from '../references.ts'
import type { Tables } from '../tables.ts'

const mostUris = 5

interface Row {
  readonly pkid: string
  readonly dn: string
  readonly partition: string
  readonly failover: AdvertisedFailover
  readonly enterpriseMask: string | null
  readonly enterpriseNumber: string
  readonly enterpriseLocal: 't' | 'f'
  readonly enterprisePartition: string
  readonly enterpriseAdvertise: 't' | 'f'
  readonly e164Mask: string | null
  readonly e164Number: string
  readonly e164Local: 't' | 'f'
  readonly e164Partition: string
  readonly e164Advertise: 't' | 'f'
  readonly uri: string | null
  readonly uriPartition: string
  readonly uriAdvertise: 't' | 'f'
}

/** A row per URI, or one of a number that has none. */
const select = `
  SELECT n.pkid, n.dnorpattern AS dn, ifnull(p.name, '') AS partition, n.rl_advertisedfailover AS failover,
    e.mask AS enterpriseMask, e.number AS enterpriseNumber, e.addlocal AS enterpriseLocal,
    ifnull(ep.name, '') AS enterprisePartition, e.advertise AS enterpriseAdvertise,
    g.mask AS e164Mask, g.number AS e164Number, g.addlocal AS e164Local,
    ifnull(gp.name, '') AS e164Partition, g.advertise AS e164Advertise,
    u.uri, ifnull(up.name, '') AS uriPartition, u.advertise AS uriAdvertise
  FROM numplan AS n
  LEFT JOIN routepartition AS p ON p.pkid = n.fkroutepartition
  LEFT JOIN rl_alternatenumber AS e ON e.fknumplan = n.pkid AND e.kind = 'enterprise'
  LEFT JOIN routepartition AS ep ON ep.pkid = e.fkroutepartition
  LEFT JOIN rl_alternatenumber AS g ON g.fknumplan = n.pkid AND g.kind = 'e164'
  LEFT JOIN routepartition AS gp ON gp.pkid = g.fkroutepartition
  LEFT JOIN rl_directoryuri AS u ON u.fknumplan = n.pkid
  LEFT JOIN routepartition AS up ON up.pkid = u.fkroutepartition
  WHERE n.tkpatternusage = ${PatternUsage.device} AND`
const order = 'ORDER BY n.dnorpattern, partition, n.pkid, u.sortorder'
/** For one number: `+` keeps out the index of all directory numbers, which SQLite would walk to the end for an alternate number. */
const selectOne = select.replace('WHERE n.', 'WHERE +n.')

/** A directory number that is gone, with what it was advertised as. */
export type RemovedNumber = Pick<AdvertisedNumber, 'dn' | 'partition'>

/** What directory numbers are beyond their digits: alternate numbers and directory URIs, which vanish with their number. */
export class AdvertisedNumbers {
  readonly #tables: Tables
  readonly #references: References
  readonly #onRemoved = new Set<(number: RemovedNumber) => void>()
  constructor(tables: Tables, references: References) {
    this.#tables = tables
    this.#references = references
  }

  find(dn: string, partition: string): AdvertisedNumber | undefined {
    return this.#read(`n.dnorpattern = ? AND ifnull(p.name, '') = ?`, dn, partition)[0]
  }

  *list(): Generator<AdvertisedNumber> {
    const some = 'SELECT fknumplan FROM rl_alternatenumber UNION SELECT fknumplan FROM rl_directoryuri'
    yield* assembled(this.#tables.iterate<Row>(`${select} n.pkid IN (${some}) ${order}`))
  }

  /** Each page by statements of its own: none stays open while others write. */
  listAfter(after: string, most: number) {
    const some = `SELECT fknumplan AS pkid FROM rl_alternatenumber WHERE fknumplan > ?1
      UNION SELECT fknumplan FROM rl_directoryuri WHERE fknumplan > ?1 ORDER BY 1 LIMIT ?2`
    const pkids = this.#tables.all<{ pkid: string }>(some, after, most).map(({ pkid }) => pkid)
    return {
      numbers: this.#read('n.pkid IN (SELECT value FROM json_each(?))', JSON.stringify(pkids)),
      next: pkids.length < most ? undefined : pkids.at(-1),
    }
  }

  withAlternate(number: string): readonly AdvertisedNumber[] {
    return this.#read('n.pkid IN (SELECT fknumplan FROM rl_alternatenumber WHERE number = ?)', number)
  }

  withUri(uri: string): readonly { readonly dn: string; readonly partition: string; readonly uri: DirectoryUri }[] {
    const wanted = uri.toLowerCase()
    const found = this.#read('n.pkid IN (SELECT fknumplan FROM rl_directoryuri WHERE uri = ?)', wanted)
    return found.flatMap(({ dn, partition, directoryUris }) =>
      directoryUris.filter((one) => one.uri === wanted).map((one) => ({ dn, partition, uri: one })),
    )
  }

  /** Throws DATABASE_NOT_FOUND for an unknown directory number, DATABASE_DUPLICATE for a number or URI that its partition has. */
  change(dn: string, partition: string, changes: AdvertisedNumberChanges): AdvertisedNumber {
    const where = `directory number ${dn}${partition && ` in ${partition}`}`
    return this.#tables.change(where, () => {
      const pkid = this.#pkidOf(dn, partition, where)
      const { enterpriseAlternateNumber: enterprise, e164AlternateNumber: e164, directoryUris } = changes
      const number = { pkid, dn }
      if (enterprise !== undefined) this.#replaceAlternate(number, 'enterprise', enterprise, where)
      if (e164 !== undefined) this.#replaceAlternate(number, 'e164', e164, where)
      if (directoryUris) this.#replaceUris(pkid, directoryUris, where)
      if (changes.advertisedFailover !== undefined) {
        const text = 'UPDATE numplan SET rl_advertisedfailover = ? WHERE pkid = ?'
        this.#tables.run(text, changes.advertisedFailover, pkid)
      }
      const changed = this.find(dn, partition)
      if (!changed) throw unknown(where)
      refuseMissingFailover(changed, where)
      return changed
    })
  }

  /** Throws DATABASE_DUPLICATE where an alternate number in this partition is spelled like what is to be added to it. */
  refuseTaken(dnOrPattern: string, partition: string | null, where: string): void {
    const taken = this.#tables.one<{ dn: string }>(
      `SELECT n.dnorpattern AS dn FROM rl_alternatenumber AS a JOIN numplan AS n ON n.pkid = a.fknumplan
       WHERE a.number = ? AND a.addlocal = 't' AND a.fkroutepartition IS ?`,
      dnOrPattern,
      partition,
    )
    if (taken) throw duplicate(where, `${dnOrPattern} is the alternate number of ${taken.dn} in the same partition`)
  }

  /** What to tell once the row of `numplan` is gone; undefined for a number without alternate numbers and URIs. */
  beforeRemoval(pkid: string): (() => void) | undefined {
    if (this.#onRemoved.size === 0) return undefined
    const [number] = this.#read('n.pkid = ?', pkid)
    if (!number || !hasAnything(number)) return undefined
    const { dn, partition } = number
    return () => {
      for (const listener of this.#onRemoved) listener({ dn, partition })
    }
  }

  onRemoved(listener: (number: RemovedNumber) => void): () => void {
    this.#onRemoved.add(listener)
    return () => this.#onRemoved.delete(listener)
  }

  #pkidOf(dn: string, partition: string, where: string): string {
    const found = this.#tables.one<{ pkid: string }>(
      `SELECT n.pkid FROM numplan AS n LEFT JOIN routepartition AS p ON p.pkid = n.fkroutepartition
       WHERE n.dnorpattern = ? AND ifnull(p.name, '') = ? AND n.tkpatternusage = ${PatternUsage.device}`,
      dn,
      partition,
    )
    if (!found) throw unknown(where)
    return found.pkid
  }

  #replaceAlternate(
    { pkid, dn }: { readonly pkid: string; readonly dn: string },
    kind: NumberKind,
    given: NewAlternateNumber | null,
    whose: string,
  ): void {
    this.#tables.run('DELETE FROM rl_alternatenumber WHERE fknumplan = ? AND kind = ?', pkid, kind)
    if (given === null) return
    const where = `${kind === 'e164' ? '+E.164' : 'enterprise'} alternate number of ${whose}`
    const { mask, number } = filledMask(kind, given.mask, dn, where)
    const isLocal = given.partition !== undefined
    const partition = isLocal ? this.#references.partition(given.partition ?? '', where) : null
    if (isLocal) this.#refusePattern(number, partition, where)
    this.#refuseAlternate(number, isLocal, partition, where)
    this.#tables.run(
      `INSERT INTO rl_alternatenumber (fknumplan, kind, mask, number, addlocal, fkroutepartition, advertise)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      pkid,
      kind,
      mask,
      number,
      flag(isLocal),
      partition,
      flag(given.advertise ?? false),
    )
  }

  #refusePattern(number: string, partition: string | null, where: string): void {
    const text = 'SELECT tkpatternusage AS usage FROM numplan WHERE dnorpattern = ? AND fkroutepartition IS ?'
    const taken = this.#tables.one<{ usage: number }>(text, number, partition)
    if (!taken) return
    const what = taken.usage === PatternUsage.device ? 'directory number' : 'route pattern'
    throw duplicate(where, `${number} is a ${what} in that partition`)
  }

  #refuseAlternate(number: string, isLocal: boolean, partition: string | null, where: string): void {
    const taken = this.#tables.one<{ dn: string }>(
      `SELECT n.dnorpattern AS dn FROM rl_alternatenumber AS a JOIN numplan AS n ON n.pkid = a.fknumplan
       WHERE a.number = ? AND a.addlocal = ? AND a.fkroutepartition IS ?`,
      number,
      flag(isLocal),
      partition,
    )
    if (!taken) return
    const whereElse = isLocal ? 'in that partition' : 'outside local partitions'
    throw duplicate(where, `${number} is the alternate number of ${taken.dn} ${whereElse} already`)
  }

  #replaceUris(pkid: string, uris: NonNullable<AdvertisedNumberChanges['directoryUris']>, where: string): void {
    if (uris.length > mostUris) throw invalid(where, `it has ${uris.length} directory URIs, ${mostUris} at most can be`)
    this.#tables.run('DELETE FROM rl_directoryuri WHERE fknumplan = ?', pkid)
    for (const [place, { uri, partition = '', advertise = false }] of uris.entries()) {
      const stored = storedDirectoryUri(uri, where)
      const inPartition = this.#references.partition(partition, where)
      this.#refuseUri(stored, inPartition, where)
      this.#tables.run(
        'INSERT INTO rl_directoryuri (fknumplan, sortorder, uri, fkroutepartition, advertise) VALUES (?, ?, ?, ?, ?)',
        pkid,
        place + 1,
        stored,
        inPartition,
        flag(advertise),
      )
    }
  }

  #refuseUri(uri: string, partition: string | null, where: string): void {
    const taken = this.#tables.one<{ dn: string }>(
      `SELECT n.dnorpattern AS dn FROM rl_directoryuri AS u JOIN numplan AS n ON n.pkid = u.fknumplan
       WHERE u.uri = ? AND u.fkroutepartition IS ?`,
      uri,
      partition,
    )
    if (taken) throw duplicate(where, `${uri} is a directory URI of ${taken.dn} in that partition already`)
  }

  #read(condition: string, ...values: string[]): readonly AdvertisedNumber[] {
    return [...assembled(this.#tables.all<Row>(`${selectOne} ${condition} ${order}`, ...values))]
  }
}

/** Rows of one number stand together. */
function* assembled(rows: Iterable<Row>): Generator<AdvertisedNumber> {
  let first: Row | undefined
  let uris: DirectoryUri[] = []
  for (const row of rows) {
    if (first && first.pkid !== row.pkid) {
      yield numberOf(first, uris)
      uris = []
    }
    first = row
    if (row.uri === null) continue
    const { uri, uriPartition: partition, uriAdvertise } = row
    uris.push(Object.freeze({ uri, partition, advertise: uriAdvertise === 't' }))
  }
  if (first) yield numberOf(first, uris)
}

function numberOf(row: Row, directoryUris: readonly DirectoryUri[]): AdvertisedNumber {
  const { dn, partition, failover: advertisedFailover, enterpriseMask, e164Mask } = row
  return Object.freeze({
    dn,
    partition,
    enterpriseAlternateNumber:
      enterpriseMask === null
        ? undefined
        : alternate(enterpriseMask, row.enterpriseNumber, row.enterpriseAdvertise, localOf(row, 'enterprise')),
    e164AlternateNumber:
      e164Mask === null ? undefined : alternate(e164Mask, row.e164Number, row.e164Advertise, localOf(row, 'e164')),
    advertisedFailover,
    directoryUris: Object.freeze(directoryUris),
  })
}

function localOf(row: Row, kind: NumberKind): string | undefined {
  return row[`${kind}Local`] === 't' ? row[`${kind}Partition`] : undefined
}

function alternate(mask: string, number: string, advertise: 't' | 'f', partition: string | undefined): AlternateNumber {
  return Object.freeze({ mask, number, partition, advertise: advertise === 't' })
}

function hasAnything({ enterpriseAlternateNumber, e164AlternateNumber, directoryUris }: AdvertisedNumber): boolean {
  return enterpriseAlternateNumber !== undefined || e164AlternateNumber !== undefined || directoryUris.length > 0
}

function refuseMissingFailover(number: AdvertisedNumber, where: string): void {
  const { advertisedFailover, enterpriseAlternateNumber, e164AlternateNumber } = number
  const isMissing =
    (advertisedFailover === AdvertisedFailover.enterprise && enterpriseAlternateNumber === undefined) ||
    (advertisedFailover === AdvertisedFailover.e164 && e164AlternateNumber === undefined)
  if (isMissing) throw invalid(where, `the advertised failover is its ${advertisedFailover}, which it does not have`)
}

function duplicate(where: string, what: string): DatabaseError {
  return new DatabaseError('DATABASE_DUPLICATE', `${where}: ${what}`)
}

function unknown(where: string): DatabaseError {
  return new DatabaseError('DATABASE_NOT_FOUND', `There is no ${where}`)
}
