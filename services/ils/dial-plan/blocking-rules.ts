// Block Learned Numbers and Patterns: what is learned, and must not be routed to.
import type { BlockingRule } from '../../database/api.ts'
import { dialableSymbols } from '../../wire/pattern.ts'
import type { PatternToken } from '../../wire/pattern.ts'
import { isPatternKind, tokensOf } from './learned-record.ts'
import type { ObjectRecord } from './learned-record.ts'
import { ObjectKind } from './records.ts'

const enterpriseKinds: readonly ObjectKind[] = [ObjectKind.enterpriseNumber, ObjectKind.enterprisePattern]
const e164Kinds: readonly ObjectKind[] = [ObjectKind.e164Number, ObjectKind.e164Pattern]
const kindsOf: Readonly<Record<BlockingRule['patternType'], readonly ObjectKind[]>> = {
  Any: [...enterpriseKinds, ...e164Kinds],
  'Enterprise Pattern': enterpriseKinds,
  '+E.164 Pattern': e164Kinds,
}

/** Whether a rule names the object. Undefined where there are no rules, so that nobody has to ask. */
export function blockedBy(rules: readonly BlockingRule[]): ((record: ObjectRecord) => boolean) | undefined {
  if (rules.length === 0) return undefined
  const compiled = rules.map(({ pattern, prefix, clusterId, patternType }) => ({
    pattern: spell(pattern),
    prefix: plain(prefix),
    clusterId,
    kinds: kindsOf[patternType],
  }))
  return ({ origin, kind, key }) => {
    const spelled = isPatternKind(kind) ? spell(key) : plain(key)
    return compiled.some(
      (rule) =>
        rule.kinds.includes(kind) &&
        (rule.clusterId === '' || rule.clusterId === origin) &&
        (rule.pattern === '' || rule.pattern === spelled) &&
        spelled.startsWith(rule.prefix),
    )
  }
}

/** One spelling for all that mean the same: a rule for `+1900` holds for `\+1[9]00XXXXXXX` as well. A number, which is none, is plain. */
function spell(pattern: string): string {
  return tokensOf(pattern)?.map(spellOne).join('') ?? plain(pattern)
}

function spellOne({ symbols, optional, repeats }: PatternToken): string {
  const listed = [...dialableSymbols].filter((_, bit) => (symbols & (1 << bit)) !== 0).join('')
  const set = listed === '0123456789' ? 'X' : listed.length === 1 ? listed : `[${listed}]`
  return `${set}${repeats ? (optional ? '?' : '!') : ''}`
}

/** Separators that people write in numbers do not count. */
function plain(text: string): string {
  return text.replaceAll(/[-\s().\\]/gu, '').toUpperCase()
}
