// A Redis for benchmarks that need no lab: the one that was given, else a process of their own.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManagedProcess } from '../lab/managed-process.ts'
import { chooseRedis } from '../lab/redis.ts'
import { startWatchdog } from '../lab/watchdog.ts'

export interface BenchmarkRedis extends AsyncDisposable {
  readonly url: string
}

/** Rejects with LabError when it does not answer; then nothing of it is left. */
export async function startBenchmarkRedis(given: string | undefined): Promise<BenchmarkRedis> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'roamline-redis-'))
  const watchdog = startWatchdog()
  const end = async (redis?: ManagedProcess): Promise<void> => {
    await redis?.stop()
    watchdog.close()
    await rm(dataDirectory, { recursive: true, force: true })
  }
  try {
    const { url, spec } = await chooseRedis({ url: given, dataDirectory })
    const redis = spec && new ManagedProcess(spec, watchdog)
    await redis?.start()
    return { url, [Symbol.asyncDispose]: () => end(redis) }
  } catch (error) {
    await end()
    throw error
  }
}
