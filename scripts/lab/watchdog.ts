// Kills the lab's processes when the runner itself was killed. Their own stdin pipe does that for most of them, but a process paused with
// SIGSTOP does not read it, and redis-server knows nothing of it.
import { spawn } from 'node:child_process'

/** Knows which processes are alive now. */
export interface Watchdog {
  add(pid: number): void
  drop(pid: number): void
  /** Ends it without killing anything. */
  close(): void
}

// A shell costs a megabyte, another Node forty. It ignores Ctrl-C, which the runner answers by stopping everything in order.
const script = `trap '' INT TERM HUP
pids=
while read -r verb pid; do
  case $verb in
    add) pids="$pids $pid" ;;
    drop) kept=; for one in $pids; do [ "$one" = "$pid" ] || kept="$kept $one"; done; pids=$kept ;;
  esac
done
[ -z "$pids" ] || kill -9 $pids 2>/dev/null
exit 0`

/** Starts it. A watchdog that cannot be started or dies costs only its service. */
export function startWatchdog(): Watchdog {
  const child = spawn('/bin/sh', ['-c', script, 'roamline-watchdog'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  })
  child.once('error', () => {})
  child.stdin.on('error', () => {})
  child.unref()
  const alive = new Set<number>()
  const tell = (verb: string, pid: number) => child.stdin.writable && child.stdin.write(`${verb} ${pid}\n`)
  return {
    add(pid) {
      alive.add(pid)
      tell('add', pid)
    },
    drop(pid) {
      if (alive.delete(pid)) tell('drop', pid)
    },
    close() {
      for (const pid of alive) tell('drop', pid)
      child.stdin.end()
    },
  }
}
