import type { Command } from 'commander'
import { addProcessVerb } from './process-verb.ts'

/** `roamline restart <process>` */
export function addRestart(program: Command): void {
  addProcessVerb(program, {
    verb: 'restart',
    description: 'start a process again on the same ports and data (stops it first if it runs)',
    participle: 'running again',
    example: 'npx roamline restart cluster1',
  })
}
