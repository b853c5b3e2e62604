// What happens to processes in a storm: drawn from a seed, so that the same seed torments a lab in the same way.
import { setTimeout as sleep } from 'node:timers/promises'
import type { LabFixture, LabProcess } from '../../fixtures/lab.ts'
import type { Random } from '../../simulation/random.ts'
import { loseDisk } from '../fixtures/two-hubs.ts'

export interface Chaos {
  /** How often what was done. */
  readonly done: ReadonlyMap<string, number>
  /** Goes on until `signal` aborts. */
  rage(signal: AbortSignal): Promise<void>
  /** Everything runs again. */
  heal(): Promise<void>
}

export interface ChaosOptions {
  readonly lab: LabFixture
  /** Processes that may be killed and paused, also `redis`. */
  readonly victims: readonly string[]
  readonly random: Random
  readonly onDeath: (process: string) => void
}

/** Time between two strokes, at most. */
const mostMs = 500

export function createChaos({ lab, victims, random, onDeath }: ChaosOptions): Chaos {
  const done = new Map<string, number>()
  const note = (what: string) => done.set(what, (done.get(what) ?? 0) + 1)

  async function kill(victim: LabProcess): Promise<void> {
    note('killed')
    await victim.kill()
    onDeath(victim.name)
    if (!victim.name.startsWith('hub') || !random.chance(0.3)) return
    note('hub disks lost')
    await loseDisk(lab, victim.name)
  }

  async function strike(victim: LabProcess): Promise<void> {
    const { state } = victim.status()
    if (state === 'running' && random.chance(0.6)) await kill(victim)
    else if (state === 'running') {
      note('paused')
      await victim.pause()
    } else if (state === 'paused' && random.chance(0.2)) await kill(victim)
    else await revive(victim)
  }

  async function revive(victim: LabProcess): Promise<void> {
    const { state } = victim.status()
    if (state === 'paused') await victim.resume()
    else if (state !== 'running') await victim.restart()
  }

  return {
    done,
    async rage(signal) {
      while (!signal.aborted) {
        await strike(lab.process(random.pick(victims)))
        await sleep(random.between(50, mostMs), undefined, { signal }).catch(() => {}) // over
      }
    },
    async heal() {
      for (const name of victims) await revive(lab.process(name))
    },
  }
}
