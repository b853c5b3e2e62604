// The recorded figures of ILS at scale: docs/benchmarks/*.json, from which pictures and tables are made.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { projectRoot } from '../../lab/node-child.ts'

const figure = Type.Number()
const count = Type.Integer({ minimum: 1 })
const exact = { additionalProperties: false }
const spread = Type.Object({ median: figure, p99: figure }, exact)

/** Real processes. Memory is PSS in MiB, times are milliseconds. */
const processRow = Type.Object(
  {
    hubs: count,
    clusters: count,
    /** Hubs, clusters and Redis. */
    memoryMiB: figure,
    /** Of one. */
    clusterMiB: figure,
    hubMiB: figure,
    /** First start of a cluster, median. */
    startMs: figure,
    /** From the first spawn of this step until everybody is Up to Date everywhere. */
    joinMs: figure,
    /** Cores that are busy while nobody does anything. */
    idleCpu: figure,
    logins: count,
    messagesPerLogin: figure,
    visibleMs: spread,
    /** Two raw hops to as many processes, in turn with it. */
    rawMs: spread,
    /** A killed hub's start, and from its beginning until what had changed meanwhile was known everywhere. */
    hubStartMs: figure,
    hubConvergedMs: figure,
  },
  exact,
)
export type ProcessRow = Static<typeof processRow>

/** The simulated network; times are simulated milliseconds, but for `wallMs`. */
const simulationRow = Type.Object(
  {
    hubs: count,
    clusters: count,
    logins: count,
    messagesPerLogin: figure,
    bytesPerLogin: figure,
    idleMessagesPerSecond: figure,
    /** That every node holds in the end. */
    records: figure,
    visibleMs: Type.Object({ mean: figure, median: figure, p99: figure, most: figure }, exact),
    fullSyncMs: figure,
    wallMs: figure,
    /** Memory of one node with its simulated disk. */
    bytesPerNode: figure,
  },
  exact,
)
export type SimulationRow = Static<typeof simulationRow>

const lookup = Type.Object(
  { perSecond: figure, floorPerSecond: figure, ratio: figure, learnMs: figure, bytesPerObject: figure },
  exact,
)

/** One replica with so many learned objects; of several runs the medians. Bytes are per record. */
const objectRow = Type.Object(
  {
    objects: count,
    rounds: count,
    knownMs: figure,
    storedMs: figure,
    rawMs: figure,
    unaskedMs: figure,
    /** Median of the pairwise ratios of known to raw. */
    ratio: figure,
    messages: figure,
    wireBytes: figure,
    memory: figure,
    disk: figure,
    blockedMs: figure,
    restartMs: figure,
    number: lookup,
    pattern: lookup,
  },
  exact,
)
export type ObjectRow = Static<typeof objectRow>

const recorded = Type.Object(
  {
    on: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' }),
    cpus: count,
    model: Type.String(),
    memoryGiB: figure,
    node: Type.String(),
  },
  exact,
)
/** When, and on which machine. */
export type Recorded = Static<typeof recorded>

const file = <Members extends Record<string, TSchema>>(members: Members) => Type.Object({ recorded, ...members }, exact)

const recordSchemas = {
  processes: file({
    budgetMiB: figure,
    limit: Type.Union([Type.Literal('memory'), Type.Literal('steps'), Type.Literal('time')]),
    rows: Type.Array(processRow, { minItems: 1 }),
  }),
  simulation: file({ rows: Type.Array(simulationRow, { minItems: 1 }) }),
  objects: file({ rows: Type.Array(objectRow, { minItems: 1 }) }),
  /** The comparison of `npm run bench -- --only login-visible`. */
  'login-visible': file({ ours: figure, floor: figure, ratio: figure, spread: Type.Tuple([figure, figure]) }),
} as const
export type RecordName = keyof typeof recordSchemas
export type Records = { readonly [Name in RecordName]: Static<(typeof recordSchemas)[Name]> }

/** A file of figures that is none; the message names the file and the first thing that is wrong. */
export class RecordError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RecordError'
  }
}

function recordFile(name: RecordName): string {
  return join(projectRoot, 'docs', 'benchmarks', `${name}.json`)
}

/** Throws RecordError. `where` is only for the message. */
export function parseRecord<Name extends RecordName>(name: Name, text: string, where = `${name}.json`): Records[Name] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new RecordError(`${where}: ${(error as Error).message}`, { cause: error })
  }
  const [problem] = Value.Errors(recordSchemas[name], value)
  if (problem) throw new RecordError(`${where}: ${problem.instancePath || '/'} ${problem.message}`)
  return value as Records[Name]
}

/** All of them, as committed. Throws RecordError. */
export function readRecords(): Records {
  const read = <Name extends RecordName>(name: Name) => parseRecord(name, readText(recordFile(name)), recordFile(name))
  return {
    processes: read('processes'),
    simulation: read('simulation'),
    objects: read('objects'),
    'login-visible': read('login-visible'),
  }
}

/** Four digits of each figure: more say nothing, and only make differences. */
export function serializeRecord<Name extends RecordName>(name: Name, record: Records[Name]): string {
  const text = JSON.stringify(
    record,
    (_key, value: unknown) =>
      typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value,
    2,
  )
  parseRecord(name, text)
  return `${text}\n`
}

export function writeRecord<Name extends RecordName>(name: Name, record: Records[Name]): void {
  writeFileSync(recordFile(name), serializeRecord(name, record))
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new RecordError(`${path} cannot be read; npm run scale -- --record makes it`, { cause: error })
  }
}
