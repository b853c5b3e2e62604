import type { Command } from 'commander'
import { addProcessVerb } from './process-verb.ts'

/** `roamline pause <process>` */
export function addPause(program: Command): void {
  addProcessVerb(program, {
    verb: 'pause',
    description: 'stop a process with SIGSTOP: it keeps its connections and answers nothing',
    participle: 'paused',
    example: 'npx roamline pause cluster1',
  })
}
