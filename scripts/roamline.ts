// The CLI. One file per verb in verbs/; what only some verbs need they load themselves, so that `--help` is quick.
import { Command } from 'commander'
import packageFacts from '../package.json' with { type: 'json' }
import { addBulk } from './verbs/bulk.ts'
import { addCall } from './verbs/call.ts'
import { addCatalog } from './verbs/catalog.ts'
import { addDemo } from './verbs/demo.ts'
import { addDown } from './verbs/down.ts'
import { addExplain } from './verbs/explain.ts'
import { addIls } from './verbs/ils.ts'
import { addKill } from './verbs/kill.ts'
import { addLogin } from './verbs/login.ts'
import { addLogout } from './verbs/logout.ts'
import { addPause } from './verbs/pause.ts'
import { addReproduce } from './verbs/reproduce.ts'
import { addRestart } from './verbs/restart.ts'
import { addResume } from './verbs/resume.ts'
import { addRun } from './verbs/run.ts'
import { addStart } from './verbs/start.ts'
import { addStatus } from './verbs/status.ts'
import { addTrace } from './verbs/trace.ts'
import { addWhere } from './verbs/where.ts'

const adders = [
  addStart,
  addStatus,
  addCall,
  addLogin,
  addLogout,
  addWhere,
  addIls,
  addTrace,
  addKill,
  addRestart,
  addPause,
  addResume,
  addDown,
  addDemo,
  addBulk,
  addCatalog,
  addExplain,
  addReproduce,
  addRun,
]

/** Exit codes: 0 done, 1 refused or failed, 2 not understood. */
export function createProgram(): Command {
  const program = new Command('roamline')
    .description('A lab of telephony clusters between which users roam.')
    .version(packageFacts.version)
    .showHelpAfterError('(add --help for what is allowed)')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  for (const add of adders) add(program)
  return program
}

if (import.meta.main) await createProgram().parseAsync()
