// A Redis for benchmarks that need no lab: the one that was given, else a process of their own.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chooseRedis } from '../lab/redis.ts'

export interface BenchmarkRedis extends AsyncDisposable {
  readonly url: string
  /** Absent for a given one. */
  readonly pid?: number
}

export async function startBenchmarkRedis(given: string | undefined): Promise<BenchmarkRedis> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'roamline-redis-'))
  const { url, spec } = await chooseRedis({ url: given, dataDirectory })
  const remove = () => rm(dataDirectory, { recursive: true, force: true })
  if (spec === undefined) return { url, [Symbol.asyncDispose]: remove }
  const child = spawn(spec.command, spec.arguments, { stdio: ['pipe', 'ignore', 'inherit'], env: spec.environment })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await spec.ready(child, AbortSignal.timeout(10_000))
  return {
    url,
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
      await remove()
    },
  }
}
