// Child processes of the benchmarks: started, awaited by their ready line, stopped.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { childEnvironment, nodeArguments } from '../lab/node-child.ts'

export interface BenchmarkChild extends AsyncDisposable {
  readonly process: ChildProcess
  /** The parsed ready line. */
  readonly ready: Record<string, unknown>
  /** Milliseconds from spawn to the ready line. */
  readonly startMs: number
}

/**
 * Spawns a floor (a file beside this one) as the lab spawns its processes, so that only our code differs, and waits for its one
 * JSON ready line. Rejects when it exits first.
 */
export async function startFloor(file: string, args: readonly string[] = []): Promise<BenchmarkChild> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const startedAt = performance.now()
  const child = spawn(process.execPath, [...nodeArguments, path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: childEnvironment(),
  })
  const ready = await readyLine(child)
  const startMs = performance.now() - startedAt
  return {
    process: child,
    ready,
    startMs,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function readyLine(child: ChildProcess): Promise<Record<string, unknown>> {
  const exit = new Promise<never>((_resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`a floor process ended with ${code} before it was ready`)))
  })
  exit.catch(() => undefined)
  const lines = createInterface({ input: child.stdout! })
  const first = (async () => {
    for await (const line of lines) if (line.startsWith('{')) return JSON.parse(line) as Record<string, unknown>
    throw new Error('a floor process closed its output before it was ready')
  })()
  return Promise.race([first, exit])
}

/** Resident memory of a process in MiB (Linux: VmRSS). */
export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/u.exec(status)?.[1]) / 1024
}

/** Memory that would be free without this process, in MiB: its own pages and its share of common ones (Linux; where PSS is missing, VmRSS). */
export async function proportionalMiB(pid: number): Promise<number> {
  try {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
    const kilobytes = /^Pss:\s+(\d+) kB/mu.exec(rollup)?.[1]
    if (kilobytes !== undefined) return Number(kilobytes) / 1024
  } catch {
    // An older kernel, or another user's process.
  }
  return residentMiB(pid)
}

/** CPU seconds (user and system) that a process has used so far (Linux). */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
