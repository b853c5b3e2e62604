import { randomUUID } from 'node:crypto'
import type { BlockingRule, LearnedPartitions, SipRoutePattern } from '../dial-plan-api.ts'
import { dialledOrNothing, invalid, storedNumberOrPattern, storedSipRoutePattern } from '../dial-plan-rules.ts'
import { DatabaseError } from '../errors.ts'
import type { References } from '../references.ts'
import type { Tables } from '../tables.ts'

const clusterId = /^[A-Za-z0-9.-]{1,50}$/u

const selectRule = `
  SELECT pkid AS id, description, pattern, prefix, clusterid AS clusterId, patterntype AS patternType
  FROM rl_blockedlearnedpattern`

/** How this cluster uses what it learns: blocking rules, partitions for learned numbers and patterns, SIP route patterns. */
export class LearnedUse {
  readonly #tables: Tables
  readonly #references: References
  constructor(tables: Tables, references: References) {
    this.#tables = tables
    this.#references = references
  }

  blockingRules(): readonly BlockingRule[] {
    return this.#tables.all<BlockingRule>(`${selectRule} ORDER BY pattern, prefix, clusterid, patterntype`).map(frozen)
  }

  insertBlockingRule(rule: Omit<BlockingRule, 'id'>): BlockingRule {
    return this.#tables.change('blocking rule', () => {
      const id = randomUUID()
      const stored = storedRule({ ...rule, id })
      this.#refuseSameRule(stored)
      const { description, pattern, prefix, patternType } = stored
      this.#tables.run(
        `INSERT INTO rl_blockedlearnedpattern (pkid, description, pattern, prefix, clusterid, patterntype)
         VALUES (?, ?, ?, ?, ?, ?)`,
        id,
        description,
        pattern,
        prefix,
        stored.clusterId,
        patternType,
      )
      return stored
    })
  }

  updateBlockingRule(id: string, changes: Partial<Omit<BlockingRule, 'id'>>): BlockingRule {
    return this.#tables.change(`blocking rule ${id}`, () => {
      const current = this.#tables.one<BlockingRule>(`${selectRule} WHERE pkid = ?`, id)
      if (!current) throw new DatabaseError('DATABASE_NOT_FOUND', `There is no blocking rule ${id}`)
      const stored = storedRule({ ...current, ...changes, id })
      this.#refuseSameRule(stored)
      this.#tables.run(
        `UPDATE rl_blockedlearnedpattern SET description = ?, pattern = ?, prefix = ?, clusterid = ?, patterntype = ?
         WHERE pkid = ?`,
        stored.description,
        stored.pattern,
        stored.prefix,
        stored.clusterId,
        stored.patternType,
        id,
      )
      return stored
    })
  }

  removeBlockingRule(id: string): boolean {
    const text = 'DELETE FROM rl_blockedlearnedpattern WHERE pkid = ?'
    return this.#tables.change(`blocking rule ${id}`, () => this.#tables.run(text, id) > 0)
  }

  sipRoutePatterns(): readonly SipRoutePattern[] {
    return this.#tables
      .all<SipRoutePattern>(
        `SELECT s.pattern, ifnull(p.name, '') AS partition, d.name AS trunk FROM rl_siproutepattern AS s
         JOIN device AS d ON d.pkid = s.fkdevice
         LEFT JOIN routepartition AS p ON p.pkid = s.fkroutepartition ORDER BY s.pattern, partition`,
      )
      .map(frozen)
  }

  insertSipRoutePattern({ pattern: given, partition, trunk }: SipRoutePattern): SipRoutePattern {
    const where = `SIP route pattern ${given}`
    return this.#tables.change(where, () => {
      const pattern = storedSipRoutePattern(given, where)
      const inPartition = this.#references.partition(partition, where)
      const device = this.#references.trunk(trunk, where)
      const text = 'SELECT 1 FROM rl_siproutepattern WHERE pattern = ? AND fkroutepartition IS ?'
      if (this.#tables.one(text, pattern, inPartition)) {
        throw new DatabaseError(
          'DATABASE_DUPLICATE',
          `There is a SIP route pattern ${pattern} in that partition already`,
        )
      }
      this.#tables.run(
        'INSERT INTO rl_siproutepattern (pkid, pattern, fkroutepartition, fkdevice) VALUES (?, ?, ?, ?)',
        randomUUID(),
        pattern,
        inPartition,
        device,
      )
      return Object.freeze({ pattern, partition, trunk })
    })
  }

  removeSipRoutePattern(pattern: string, partition: string): boolean {
    const where = `SIP route pattern ${pattern}`
    return this.#tables.change(where, () => {
      const text = 'DELETE FROM rl_siproutepattern WHERE pattern = ? AND fkroutepartition IS ?'
      return this.#tables.run(text, pattern.toLowerCase(), this.#references.partition(partition, where)) > 0
    })
  }

  learnedPartitions(): LearnedPartitions {
    const rows = this.#tables.all<{ kind: keyof LearnedPartitions; name: string }>(
      'SELECT l.kind, p.name FROM rl_learnedpartition AS l JOIN routepartition AS p ON p.pkid = l.fkroutepartition',
    )
    return Object.freeze(Object.fromEntries(rows.map(({ kind, name }) => [kind, name]))) as unknown as LearnedPartitions
  }

  /** Throws DATABASE_INVALID for <None>, DATABASE_UNKNOWN_REFERENCE for an unknown partition. */
  setLearnedPartitions(partitions: Partial<LearnedPartitions>): LearnedPartitions {
    const where = 'partitions for learned numbers and patterns'
    return this.#tables.change(where, () => {
      for (const [kind, name] of Object.entries(partitions)) {
        const partition = this.#references.partition(name, where)
        if (partition === null) throw invalid(where, `${kind} cannot be <None>`)
        this.#tables.run('UPDATE rl_learnedpartition SET fkroutepartition = ? WHERE kind = ?', partition, kind)
      }
      return this.learnedPartitions()
    })
  }

  #refuseSameRule({ id, pattern, prefix, clusterId: cluster, patternType }: BlockingRule): void {
    const same = this.#tables.one(
      `SELECT 1 FROM rl_blockedlearnedpattern
       WHERE pattern = ? AND prefix = ? AND clusterid = ? AND patterntype = ? AND pkid <> ?`,
      pattern,
      prefix,
      cluster,
      patternType,
      id,
    )
    if (same) throw new DatabaseError('DATABASE_DUPLICATE', 'There is a blocking rule that says the same already')
  }
}

function storedRule(rule: BlockingRule): BlockingRule {
  const where = 'blocking rule'
  if (rule.pattern === '' && rule.prefix === '' && rule.clusterId === '') {
    throw invalid(where, 'it names neither a pattern nor a prefix nor a Cluster ID')
  }
  if (rule.clusterId !== '' && !clusterId.test(rule.clusterId)) {
    throw invalid(where, `${JSON.stringify(rule.clusterId)} is not a cluster ID`)
  }
  return Object.freeze({
    ...rule,
    pattern: rule.pattern === '' ? '' : storedNumberOrPattern(rule.pattern, where),
    // Digits alone: a number and a pattern that begin with + are told apart by their pattern, not here.
    prefix: dialledOrNothing(rule.prefix.replace(/^\\/u, ''), where),
  })
}

function frozen<Row extends object>(row: Row): Row {
  return Object.freeze({ ...row })
}
