import type { Command } from 'commander'
import { addProcessVerb } from './process-verb.ts'

/** `roamline kill <process>` */
export function addKill(program: Command): void {
  addProcessVerb(program, {
    verb: 'kill',
    description: 'kill a process with SIGKILL, as a power cut would',
    participle: 'killed',
    example: 'npx roamline kill cluster1',
  })
}
