// One simulated network, `--options JSON`, in a process of its own, so that its memory can be measured. Tells its row to its parent.
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { growNetwork } from '../../../test/simulation/large.ts'
import type { GrowthOptions } from '../../../test/simulation/large.ts'

setFlagsFromString('--expose-gc')
Object.assign(globalThis, { gc: runInNewContext('gc') as () => void })

const { values } = parseArgs({ options: { options: { type: 'string', default: '{}' } } })
process.send!(growNetwork(JSON.parse(values.options) as GrowthOptions), () => process.disconnect())
