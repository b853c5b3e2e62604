// A cluster that joins empty pulls a million records from its hub, against the same bytes streamed raw through the same Redis.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startBenchmarkRedis } from './bench-redis.ts'
import { startFloor } from './child.ts'
import type { BenchmarkChild } from './child.ts'
import { compare, median } from './measure.ts'
import type { Comparison } from './measure.ts'

/** What one run of a full synchronization was like. Times in milliseconds from the moment at which the joining node's wire was up. */
export interface FullSync {
  readonly objects: number
  readonly knownMs: number
  readonly storedMs: number
  /** Of the joining node, until all is known. */
  readonly cpuMs: number
  /** The first look at each origin afterwards, all together. */
  readonly lookupMs: number
  /** Pages and what else came, and their bytes. */
  readonly messages: number
  readonly bytes: number
  /** Bytes per record: of heap and external memory after a collection, and of the file with its log. */
  readonly memory: number
  readonly disk: number
  /** The longest that the joining node's event loop was blocked. */
  readonly blockedMs: number
  /** Start of the hub and of the joining node from a file that holds everything. */
  readonly restartMs: number
  readonly restartBlockedMs: number
  /** Each message asked for when the one before it has come; and all of them sent unasked. */
  readonly rawMs: number
  readonly unaskedMs: number
}

export interface FullSyncOptions {
  readonly objects: number
  readonly rounds: number
  readonly redis?: string | undefined
}

export async function benchmarkFullSync({ objects, rounds, redis }: FullSyncOptions): Promise<Comparison> {
  const runs: FullSync[] = []
  for (let round = 0; round < rounds; round++) runs.push(await fullSync({ objects, redis }))
  const middle = (pick: (run: FullSync) => number) => median(runs.map(pick))
  const perSecond = Math.round(objects / (middle(({ knownMs }) => knownMs) / 1000))
  return compare(
    {
      name: 'ils-full-sync',
      what: `${objects} learned objects of ten clusters, from a connected empty node to all of them known there`,
      floorWhat:
        'the same bytes, as many messages, each asked for as a page is, by the same client through the same Redis',
      unit: 'ms',
      aim: { ratio: 2, better: 'lower' },
      notes: [
        `${perSecond} records/s in ${runs[0]!.messages} messages, ${(runs[0]!.bytes / 1e6).toFixed(1)} MB; all on disk after ${middle(({ storedMs }) => storedMs).toFixed(0)} ms`,
        `the joining process took ${middle(({ cpuMs }) => cpuMs).toFixed(0)} ms of CPU for it; the first look at each cluster's objects afterwards ${middle(({ lookupMs }) => lookupMs).toFixed(0)} ms`,
        `against the bytes sent without being asked for (${middle(({ unaskedMs }) => unaskedMs).toFixed(0)} ms): ${(middle(({ knownMs }) => knownMs) / middle(({ unaskedMs }) => unaskedMs)).toFixed(2)} ×`,
        `per record ${middle(({ memory }) => memory).toFixed(0)} bytes in memory, ${middle(({ disk }) => disk).toFixed(0)} on disk; restart with all of them ${middle(({ restartMs }) => restartMs).toFixed(0)} ms`,
        `longest time without a turn of the event loop: ${middle(({ blockedMs }) => blockedMs).toFixed(0)} ms while it learns, ${middle(({ restartBlockedMs }) => restartBlockedMs).toFixed(0)} ms at the restart`,
      ],
    },
    runs.map(({ knownMs }) => knownMs),
    runs.map(({ rawMs }) => rawMs),
  )
}

/** One run on files and a network of its own. */
export async function fullSync(options: { objects: number; redis?: string | undefined }): Promise<FullSync> {
  await using redis = await startBenchmarkRedis(options.redis)
  const folder = await mkdtemp(join(tmpdir(), 'roamline-full-sync-'))
  const network = `full-sync-${process.pid}-${Date.now()}`
  const common = ['--redis', redis.url, '--network', network, '--objects', String(options.objects)]
  const spoke = ['--name', 'joining', '--hub', 'hub', '--file', join(folder, 'joining.sqlite'), ...common]
  try {
    await using hub = await startFloor('ils-replica.ts', ['--fill', '--file', join(folder, 'hub.sqlite'), ...common])
    hub.process.stdin!.write('open\n')
    // Whoever calls a hub that does not listen yet calls again a heartbeat later.
    await factsOf(hub).next('up')
    const learned = await learn(spoke, options.objects)
    const again = await restart(spoke)
    const { messages, bytes } = learned
    return { objects: options.objects, ...learned, ...again, ...(await streamRaw(redis.url, { messages, bytes })) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function learn(args: readonly string[], objects: number) {
  await using joining = await startFloor('ils-replica.ts', args)
  const facts = factsOf(joining)
  joining.process.stdin!.write('open\n')
  const known = await facts.next('known')
  if (known['applied']! < objects) throw new Error(`only ${known['applied']} of ${objects} objects were learned`)
  const stored = await facts.next('stored')
  joining.process.stdin!.write('memory\n')
  const memory = await facts.next('memory')
  await stopped(joining)
  return {
    knownMs: known['known']!,
    storedMs: stored['stored']!,
    cpuMs: known['cpu']!,
    lookupMs: known['lookup']!,
    messages: known['messages']!,
    bytes: known['bytes']!,
    memory: memory['memory']! / memory['records']!,
    disk: memory['disk']! / memory['records']!,
    blockedMs: memory['blockedMs']!,
  }
}

async function restart(args: readonly string[]) {
  await using joining = await startFloor('ils-replica.ts', args)
  const { loadMs, blockedMs } = joining.ready as Record<string, number>
  return { restartMs: loadMs!, restartBlockedMs: blockedMs! }
}

async function streamRaw(redis: string, { messages, bytes }: { messages: number; bytes: number }) {
  const common = ['--redis', redis, '--prefix', `full-sync-floor-${process.pid}`]
  await using source = await startFloor('floor-stream.ts', ['--role', 'source', ...common])
  await using target = await startFloor('floor-stream.ts', ['--role', 'target', ...common])
  const facts = factsOf(target)
  const size = Math.ceil(bytes / messages)
  const transfer = async (underWay: number) => {
    target.process.stdin!.write(`${messages} ${size} ${underWay}\n`)
    return (await facts.next('ms'))['ms']!
  }
  // The first pays for compiled code and grown buffers, which ours has to pay as well: it is the one that counts.
  const rawMs = await transfer(1)
  const unaskedMs = await transfer(0)
  source.process.stdin!.end()
  return { rawMs, unaskedMs }
}

/** What a child tells after its ready line. */
function factsOf(child: BenchmarkChild) {
  const lines = createInterface({ input: child.process.stdout! })[Symbol.asyncIterator]()
  return {
    async next(name: string): Promise<Readonly<Record<string, number>>> {
      for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
        const facts = JSON.parse(line.value) as Record<string, number>
        if (name in facts) return facts
      }
      throw new Error(`the process ended before it told ${name}`)
    },
  }
}

async function stopped(child: BenchmarkChild): Promise<void> {
  const ended = new Promise((resolve) => child.process.once('exit', resolve))
  child.process.stdin!.write('stop\n')
  await ended
}
