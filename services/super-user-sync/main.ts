// The Super User Synchronization Tool's process: `node services/super-user-sync/main.ts --config FILE`.
import { enableCompileCache } from 'node:module'
import type { SuperUserSync } from './create-super-user-sync.ts'

/** Starts the tool in this process and resolves when it listens; `input` is what the configuration file would hold. */
export async function main(input: unknown): Promise<SuperUserSync> {
  const { startTool } = await import('./process.ts')
  return startTool(input)
}

if (import.meta.main) {
  // Before anything else is loaded: with a warm cache the rest loads in half the time and memory.
  enableCompileCache()
  const { runTool } = await import('./process.ts')
  await runTool(process.argv.slice(2))
}
