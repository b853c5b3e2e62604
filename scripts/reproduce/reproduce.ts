import { refusals } from '../../services/refusals.ts'
import type { RefusalCode } from '../../services/refusals.ts'
import { reproductions } from './reproductions.ts'
import type { Reproduction } from './reproductions.ts'
import { startThrowAwayCluster } from './throw-away-cluster.ts'
import type { Exchange } from './throw-away-cluster.ts'

/** What came of one reproduction. */
export interface Reproduced extends Exchange {
  readonly code: RefusalCode
  readonly door: Reproduction['door']
  readonly name: string
  readonly how: string
  /** The answer carries the code, as its door spells it. */
  readonly seen: boolean
  readonly tookMs: number
}

/** Those of one code, or all of them; empty for a code that needs another cluster or does not exist. */
export function reproductionsOf(code?: number): readonly Reproduction[] {
  return code === undefined ? reproductions : reproductions.filter((one) => one.code === code)
}

/** Makes it happen on a cluster of its own. */
export async function reproduce({ code, door, how, run }: Reproduction): Promise<Reproduced> {
  const started = performance.now()
  await using cluster = await startThrowAwayCluster()
  // What could not be arranged has not happened; the others still can.
  const exchange = await run(cluster).catch((error: unknown) => ({ request: '', status: 0, answer: String(error) }))
  const seen = carries(exchange, code, door)
  return { code, door, name: refusals[code].name, how, seen, tookMs: performance.now() - started, ...exchange }
}

/** The EM API has the code as an attribute, the phone's page the documented text, which nearly always ends in it. */
function carries({ answer, status }: Exchange, code: RefusalCode, door: Reproduction['door']): boolean {
  if (status !== 200) return false
  if (door === 'EM API') return answer.includes(`<error code="${code}">`)
  const row: { readonly login?: string; readonly logout?: string } = refusals[code]
  return [row.login, row.logout].some((text) => text !== undefined && answer.includes(`>${text}<`))
}
