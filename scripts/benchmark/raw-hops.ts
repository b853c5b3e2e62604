// Two raw Redis hops: a relay that republishes, as a hub does, and as many subscribers at the end as one wants. What any replication
// through a hub has to pay.
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import { startFloor } from './child.ts'
import type { BenchmarkChild } from './child.ts'

const monotonicMs = () => Number(process.hrtime.bigint()) / 1e6
/** As many bytes as a login's record has, signature included. */
const padding = 'x'.repeat(400)
/** Starting more than a few processes at once only makes all of them late. */
const startedAtOnce = 4

export interface RawHops extends AsyncDisposable {
  /** Milliseconds from publishing to the last of the ends. */
  once(): Promise<number>
}

/** Each end, like the relay, is a process of its own. */
export async function startRawHops(redis: string, ends = 2): Promise<RawHops> {
  const prefix = `floor-${process.pid}`
  const common = ['--redis', redis, '--prefix', prefix]
  const children = [await startFloor('floor-hops.ts', ['--role', 'relay', '--ends', String(ends), ...common])]
  const stop = async () => void (await Promise.all(children.map((one) => one[Symbol.asyncDispose]())))
  try {
    while (children.length <= ends) {
      const names = Array.from(
        { length: Math.min(startedAtOnce, ends + 1 - children.length) },
        (_, index) => `end${children.length + index}`,
      )
      const start = (name: string) => startFloor('floor-hops.ts', ['--role', 'end', '--name', name, ...common])
      children.push(...(await Promise.all(names.map(start))))
    }
  } catch (error) {
    await stop()
    throw error
  }
  const lines = children.slice(1).map(linesOf)
  const publisher = new Redis(redis)
  let sequence = 0
  return {
    async once() {
      const startedAt = monotonicMs()
      await publisher.publish(`${prefix}:relay`, `${++sequence} ${padding}`)
      const arrived = await Promise.all(
        lines.map(async (one) => Number(String((await one.next()).value).split(' ')[1])),
      )
      return Math.max(...arrived) - startedAt
    },
    async [Symbol.asyncDispose]() {
      publisher.disconnect()
      await stop()
    },
  }
}

function linesOf({ process: child }: BenchmarkChild) {
  return createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
}
