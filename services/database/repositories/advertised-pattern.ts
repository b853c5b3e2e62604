import { AdvertisedPatternType } from '../dial-plan-api.ts'
import type { AdvertisedPattern, PatternFailover } from '../dial-plan-api.ts'
import { storedPattern, storedPatternFailover } from '../dial-plan-rules.ts'
import { DatabaseError } from '../errors.ts'
import type { Tables } from '../tables.ts'

interface Row extends Pick<AdvertisedPattern, 'pattern' | 'description' | 'type'> {
  readonly failover: PatternFailover['use']
  readonly stripDigits: number
  readonly prependDigits: string
}

const select = `
  SELECT pattern, description, type, failover, stripdigits AS stripDigits, prependdigits AS prependDigits
  FROM rl_advertisedpattern`

/** Patterns that summarise ranges of this cluster for others. */
export class AdvertisedPatterns {
  readonly #tables: Tables
  constructor(tables: Tables) {
    this.#tables = tables
  }

  list(): readonly AdvertisedPattern[] {
    return this.#tables.all<Row>(`${select} ORDER BY pattern`).map(patternOf)
  }

  find(pattern: string): AdvertisedPattern | undefined {
    const row = this.#tables.one<Row>(`${select} WHERE pattern = ?`, pattern)
    return row && patternOf(row)
  }

  insert(given: AdvertisedPattern): AdvertisedPattern {
    const where = `advertised pattern ${given.pattern}`
    return this.#tables.change(where, () => {
      const pattern = storedPattern(kindOf(given.type), given.pattern, where)
      if (this.find(pattern)) {
        throw new DatabaseError('DATABASE_DUPLICATE', `There is an advertised pattern ${pattern} already`)
      }
      const text = 'INSERT INTO rl_advertisedpattern (pattern, type, failover) VALUES (?, ?, ?)'
      this.#tables.run(text, pattern, given.type, given.failover.use)
      this.#write({ ...given, pattern }, where)
      return this.find(pattern) ?? given
    })
  }

  update(pattern: string, changes: Partial<Omit<AdvertisedPattern, 'pattern'>>): AdvertisedPattern {
    const where = `advertised pattern ${pattern}`
    return this.#tables.change(where, () => {
      const current = this.find(pattern)
      if (!current) throw new DatabaseError('DATABASE_NOT_FOUND', `There is no ${where}`)
      const wanted = { ...current, ...changes }
      storedPattern(kindOf(wanted.type), pattern, where)
      this.#write(wanted, where)
      return this.find(pattern) ?? wanted
    })
  }

  remove(pattern: string): boolean {
    const text = 'DELETE FROM rl_advertisedpattern WHERE pattern = ?'
    return this.#tables.change(`advertised pattern ${pattern}`, () => this.#tables.run(text, pattern) > 0)
  }

  #write({ pattern, description, type, failover: given }: AdvertisedPattern, where: string): void {
    const failover = storedPatternFailover(given, where)
    const isStripped = failover.use === 'Strip Digits and Prepend Digits'
    this.#tables.run(
      `UPDATE rl_advertisedpattern SET description = ?, type = ?, failover = ?, stripdigits = ?, prependdigits = ?
       WHERE pattern = ?`,
      description,
      type,
      failover.use,
      isStripped ? failover.stripDigits : 0,
      isStripped ? failover.prependDigits : '',
      pattern,
    )
  }
}

function kindOf(type: AdvertisedPatternType): 'enterprise' | 'e164' {
  return type === AdvertisedPatternType.e164 ? 'e164' : 'enterprise'
}

function patternOf({ pattern, description, type, failover: use, stripDigits, prependDigits }: Row): AdvertisedPattern {
  const failover =
    use === 'Strip Digits and Prepend Digits'
      ? Object.freeze({ use, stripDigits, prependDigits })
      : Object.freeze({ use })
  return Object.freeze({ pattern, description, type, failover })
}
