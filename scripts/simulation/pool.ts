// Runs tasks in processes of their own, as many at a time as there are cores to use.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

export interface PoolOptions<Task, Answer> {
  /** A module that answers each message with one message. */
  readonly worker: URL
  readonly jobs: number
  /** The next task; undefined when there are no more. */
  readonly next: () => Task | undefined
  readonly onAnswer: (task: Task, answer: Answer) => void
}

/** Resolves when every task is answered. Rejects when a worker dies, naming its task. */
export async function runInPool<Task extends object, Answer>(options: PoolOptions<Task, Answer>): Promise<void> {
  await Promise.all(Array.from({ length: options.jobs }, () => runOne(options)))
}

async function runOne<Task extends object, Answer>(options: PoolOptions<Task, Answer>): Promise<void> {
  let task = options.next()
  if (task === undefined) return
  const child = fork(options.worker)
  try {
    for (; task !== undefined; task = options.next()) options.onAnswer(task, await ask<Answer>(child, task))
  } finally {
    child.disconnect()
  }
}

function ask<Answer>(child: ChildProcess, task: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onMessage = (answer: unknown) => settle(() => resolve(answer as Answer))
    const onExit = (code: number | null, signal: NodeJS.Signals | null) =>
      settle(() => reject(new Error(`a worker died (${signal ?? code}) with ${JSON.stringify(task)}`)))
    const settle = (done: () => void) => {
      child.off('message', onMessage).off('exit', onExit)
      done()
    }
    child.on('message', onMessage).on('exit', onExit)
    child.send(task)
  })
}
