// The sums of a long simulation, for people and for machines.
import type { SeedAnswer, SeedTask } from './worker.ts'

export interface Tally {
  add(task: SeedTask, answer: SeedAnswer): void
  line(): string
  figures(): Readonly<Record<string, unknown>>
}

/** Counts from now on. */
export function createTally(first: number): Tally {
  const started = performance.now()
  const sums = { seeds: 0, steps: 0, kills: 0, logins: 0, appliedRecords: 0, messages: 0, brokenSeeds: 0, mostNodes: 0 }
  const calls: Record<string, number> = {}
  let slowestHealing = 0
  const seconds = () => (performance.now() - started) / 1000
  return {
    add({ nodes }, answer) {
      sums.seeds += 1
      sums.steps += answer.steps
      sums.kills += answer.crashes
      sums.logins += answer.logins
      sums.appliedRecords += answer.appliedRecords
      sums.messages += answer.messages
      sums.brokenSeeds += answer.violation === undefined ? 0 : 1
      sums.mostNodes = Math.max(sums.mostNodes, nodes)
      slowestHealing = Math.max(slowestHealing, answer.healedAfter ?? 0)
      for (const [how, count] of Object.entries(answer.calls)) calls[how] = (calls[how] ?? 0) + count
    },
    line() {
      const { seeds, steps, kills, messages, brokenSeeds } = sums
      const rate = Math.round(steps / seconds())
      return `${seeds} seeds from ${first}, ${steps} steps (${rate}/s): ${kills} kills, ${messages} messages, healed within ${slowestHealing} heartbeats, ${brokenSeeds} broken (${seconds().toFixed(1)} s)`
    },
    figures: () => ({
      first,
      ...sums,
      calls,
      slowestHealingHeartbeats: slowestHealing,
      seconds: seconds(),
      stepsPerSecond: sums.steps / seconds(),
    }),
  }
}
