// The stand-alone hub's process: `node services/ils/hub/main.ts --config FILE`.
import { enableCompileCache } from 'node:module'
import type { Hub } from './create-hub.ts'

/** Starts a hub in this process and resolves when it listens; `input` is what the configuration file would hold. */
export async function main(input: unknown): Promise<Hub> {
  const { startHub } = await import('./process.ts')
  return startHub(input)
}

if (import.meta.main) {
  // Before anything else is loaded: with a warm cache the rest loads in half the time and memory.
  enableCompileCache()
  const { runHub } = await import('./process.ts')
  await runHub(process.argv.slice(2))
}
