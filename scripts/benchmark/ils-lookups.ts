// What a call pays to find its number among a million learned objects: an exact number against a bare Map of the same keys, the closest
// pattern against a bare trie of the same patterns.
import { DatabaseSync } from 'node:sqlite'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { HeldRecord } from '../../ils-sync/core/data/held-record.ts'
import { defaultLearnedPartitions } from '../../services/database/api.ts'
import { LearnedRoutes } from '../../services/ils/dial-plan/learned-routes.ts'
import { Learning } from '../../services/ils/dial-plan/learning.ts'
import { ObjectKind } from '../../services/ils/dial-plan/records.ts'
import { parsePattern } from '../../services/wire/pattern.ts'
import { PatternTrie } from '../../services/wire/pattern-trie.ts'
import { compare } from './measure.ts'
import type { Comparison, Facts } from './measure.ts'

export interface LookupOptions {
  readonly objects: number
  readonly rounds: number
}

const origins = Array.from({ length: 10 }, (_, n) => `cluster${n + 1}`)
const lookupsPerRound = 200_000
const firstNumber = 80_000_000
/** In no order that a table would like. */
const stride = 7919
const partitions = Object.values(defaultLearnedPartitions)

/** Enterprise numbers, every other one with a PSTN failover number. */
export async function benchmarkNumberLookup({ objects, rounds }: LookupOptions): Promise<Comparison> {
  const numberOf = (n: number) => String(firstNumber + ((n * stride) % objects))
  const { records, learned, ...facts } = learn(objects, (n) => [ObjectKind.enterpriseNumber, numberOf(n)])
  const bare = new Map(records.map((record) => [record.key, answerOf(record)]))
  return measured(
    {
      name: 'ils-number-lookup',
      what: `a dialled number among ${objects} learned ones, with partition, blocking rules, route string and PSTN failover`,
      floorWhat: 'a bare Map from the same numbers to ready answers, of which cluster and PSTN failover are read',
      unit: 'lookups/s',
      aim: { ratio: 0.5, better: 'higher' },
      ...facts,
    },
    rounds,
    {
      dialled: () => String(firstNumber + Math.floor(Math.random() * objects)),
      ours: (digits) => learned.matchNumber(digits, ranks)?.route,
      floor: (digits) => bare.get(digits),
    },
  )
}

/** Patterns of a thousand numbers each; one in a hundred is a wider one around the others, so that a number matches two. */
export async function benchmarkPatternLookup({ objects, rounds }: LookupOptions): Promise<Comparison> {
  const patternOf = (n: number) => {
    const wide = n % 100 === 99
    return wide ? `${String(firstNumber + n).slice(0, 6)}!` : `${firstNumber + n}XXX`
  }
  const { records, learned, ...facts } = learn(objects, (n) => [ObjectKind.enterprisePattern, patternOf(n)])
  const bare = new PatternTrie()
  for (const { key } of records) bare.add(parsePattern(key))
  const answers = records.map(answerOf)
  return measured(
    {
      name: 'ils-pattern-lookup',
      what: `the closest of ${objects} learned patterns for a dialled number, with all that a number's lookup has`,
      floorWhat: 'a bare trie of the same patterns, with ready answers, of which that of the first match is read',
      unit: 'lookups/s',
      aim: { ratio: 0.5, better: 'higher' },
      ...facts,
    },
    rounds,
    {
      dialled: () => `${firstNumber + Math.floor(Math.random() * objects)}123`,
      ours: (digits) => learned.matchNumber(digits, ranks)?.route,
      floor: (digits) => answers[bare.match(digits)[0] ?? -1],
    },
  )
}

/** A caller that may search all learned partitions. */
const ranks = new Map(partitions.map((partition, rank) => [partition, rank]))

/** A cluster that starts with so many objects in its replica, and what that took. */
function learn(objects: number, said: (n: number) => readonly [kind: ObjectKind, key: string]) {
  const records = heldRecords(objects, said)
  const before = memory()
  const sql = new DatabaseSync(':memory:')
  const startedAt = performance.now()
  const learning = new Learning({
    clusterId: 'cluster0',
    database: { sql, write: async (work) => work() },
    records: () => records,
    maximum: () => objects,
    now: () => Date.now(),
    listener: { duplicate: () => {}, full: () => {}, refused: () => {}, unusable: () => {} },
    onWriteError: (error) => {
      throw error
    },
  })
  learning.start()
  const tookMs = performance.now() - startedAt
  const bytes = memory() - before
  const globalDialPlan = { blockingRules: () => [], learnedPartitions: () => defaultLearnedPartitions }
  const notes = [
    `${learning.objects.size} objects learned at a start in ${tookMs.toFixed(0)} ms`,
    `${(bytes / objects).toFixed(0)} bytes of memory an object beyond the replica's own`,
  ]
  const figures = { learnMs: tookMs, bytesPerObject: bytes / objects }
  return { records, learned: new LearnedRoutes({ learning, globalDialPlan }), notes, figures }
}

/** As a replica holds them. */
function heldRecords(objects: number, said: (n: number) => readonly [kind: ObjectKind, key: string]): HeldRecord[] {
  const stems = new Map<string, { origin: string; epoch: number; kind: string }>()
  return Array.from({ length: objects }, (_, n) => {
    const [kind, key] = said(n)
    const origin = origins[n % origins.length] as string
    const stem = stems.get(`${origin} ${kind}`) ?? { origin, epoch: 1, kind }
    stems.set(`${origin} ${kind}`, stem)
    return new HeldRecord(stem, n + 1, key, n % 2 === 0 ? '{}' : failoverOf(kind, n))
  })
}

function failoverOf(kind: ObjectKind, n: number): string {
  return JSON.stringify({ f: kind === ObjectKind.enterpriseNumber ? `+49${firstNumber + n}` : { s: 1, p: '+49' } })
}

interface Sides {
  /** A new string each time, as a call brings it. */
  readonly dialled: () => string
  readonly ours: (digits: string) => Answer | undefined
  readonly floor: (digits: string) => Answer | undefined
}

/** As somebody would keep it who had nothing else to do with it. */
interface Answer {
  readonly cluster: string
  readonly pstnFailover?: string
}

function answerOf({ origin: cluster, text }: HeldRecord): Answer {
  const { f: failover } = JSON.parse(text) as { f?: unknown }
  return failover === undefined ? { cluster } : { cluster, pstnFailover: JSON.stringify(failover) }
}

function measured(facts: Facts, rounds: number, { dialled, ours, floor }: Sides): Comparison {
  const rate = (find: (digits: string) => Answer | undefined) => {
    const numbers = Array.from({ length: lookupsPerRound }, dialled)
    const startedAt = performance.now()
    let [found, characters] = [0, 0]
    for (const digits of numbers) {
      const answer = find(digits)
      if (answer === undefined) continue
      found += 1
      characters += answer.cluster.length + (answer.pstnFailover?.length ?? 0)
    }
    if (found < lookupsPerRound || characters === 0) throw new Error(`only ${found} of ${lookupsPerRound} were found`)
    return (lookupsPerRound / (performance.now() - startedAt)) * 1000
  }
  // The first round of each compiles it.
  rate(ours)
  rate(floor)
  const [oursAll, floorAll]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    oursAll.push(rate(ours))
    floorAll.push(rate(floor))
  }
  return compare(facts, oursAll, floorAll)
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function memory(): number {
  collect()
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
