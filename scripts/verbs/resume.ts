import type { Command } from 'commander'
import { addProcessVerb } from './process-verb.ts'

/** `roamline resume <process>` */
export function addResume(program: Command): void {
  addProcessVerb(program, {
    verb: 'resume',
    description: 'let a paused process go on (SIGCONT)',
    participle: 'running again',
    example: 'npx roamline resume cluster1',
  })
}
