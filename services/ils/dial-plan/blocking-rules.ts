// Block Learned Numbers and Patterns: what is learned, and must not be routed to.
import type { BlockingRule } from '../../database/api.ts'
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
    pattern: plain(pattern),
    prefix: plain(prefix),
    clusterId,
    kinds: kindsOf[patternType],
  }))
  return ({ origin, kind, key }) => {
    const spelled = plain(key)
    return compiled.some(
      (rule) =>
        rule.kinds.includes(kind) &&
        (rule.clusterId === '' || rule.clusterId === origin) &&
        (rule.pattern === '' || rule.pattern === spelled) &&
        spelled.startsWith(rule.prefix),
    )
  }
}

/** As it is dialled: a rule for `+1408` holds for the pattern `\+1408XXXXXXX`, and separators do not count. */
function plain(text: string): string {
  return text.replaceAll(/[-\s().\\]/gu, '').toUpperCase()
}
