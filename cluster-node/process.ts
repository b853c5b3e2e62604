// What surrounds a cluster that has a process to itself: arguments, the ready line, signals, exit codes.
import closeWithGrace from 'close-with-grace'
import { configurationFile, readConfiguration, stopWithParent } from '../services/process.ts'
import { createCluster } from './create-cluster.ts'
import type { Cluster } from './create-cluster.ts'
import { refusalSentence } from './startup-refusal.ts'

const usage = `Usage: node cluster-node/main.ts --config FILE

Runs one Roamline cluster. FILE is JSON (cluster-node/config.ts says what may stand in it).
Prints one JSON line on stdout when it is ready; logs go to stderr.
SIGTERM and SIGINT stop it cleanly; with ROAMLINE_PARENT_PIPE=1 the end of stdin does too.

Exit codes: 0 stopped as told, 1 failed, 2 refused to start (the reason is on stderr).
`

/** A stop that takes longer than this is cut short, and the exit code is 1. */
const stopWithinMs = 4800

/** Runs until told to stop; the process ends with it. */
export async function runProcess(args: readonly string[]): Promise<void> {
  try {
    const file = configurationFile(args)
    if (file === undefined) process.stdout.write(usage)
    else await runCluster(createCluster(await readConfiguration(file)))
  } catch (error) {
    const sentence = refusalSentence(error)
    process.stderr.write(`${sentence ?? (error instanceof Error ? error.stack : String(error))}\n`)
    process.exit(sentence === undefined ? 1 : 2)
  }
}

async function runCluster(cluster: Cluster): Promise<void> {
  // Before the start, so that a signal during it finds its way.
  const stopper = closeWithGrace({ delay: stopWithinMs, logger: false }, async ({ err }) => {
    // After an uncaught error nothing in memory can be trusted; what is on disk is.
    if (err) cluster.log.fatal({ err }, 'uncaught error, the process ends')
    else await cluster.close()
  })
  stopWithParent(() => void stopper.close())
  const { http, https } = await cluster.start()
  const { name } = cluster.config
  process.stdout.write(`${JSON.stringify({ ready: true, name, kind: 'cluster', pid: process.pid, http, https })}\n`)
}
