// How far a bulk job is: a bar where a person looks, plain lines elsewhere. On stderr, so that stdout holds the result alone.
import type { Job } from '../services/bulk-administration/api.ts'

/** Shows one job from its first answer to its last. */
export interface BulkProgress {
  show(job: Job): void
  end(job: Job): void
}

/** `quiet` shows nothing: for `--json`. */
export async function createBulkProgress(total: number, quiet: boolean): Promise<BulkProgress> {
  if (quiet) return { show() {}, end() {} }
  return process.stderr.isTTY ? barOf(total) : linesOf(total)
}

async function barOf(total: number): Promise<BulkProgress> {
  const { progress } = await import('@clack/prompts')
  const bar = progress({ max: Math.max(1, total), output: process.stderr })
  bar.start('waiting')
  let shown = 0
  const show = (job: Job): void => {
    bar.advance(job.done - shown, said(job, total))
    shown = job.done
  }
  return {
    show,
    end(job) {
      show(job)
      if (job.state === 'done') bar.stop(said(job, total))
      else bar.error(said(job, total))
    },
  }
}

/** A line for every tenth of the file. */
function linesOf(total: number): BulkProgress {
  let tenths = 0
  const say = (job: Job): void => void process.stderr.write(`${said(job, total)}\n`)
  return {
    show(job) {
      const now = Math.floor((job.done * 10) / Math.max(1, total))
      if (now <= tenths || job.done >= total) return
      tenths = now
      say(job)
    },
    end: say,
  }
}

function said({ done, failed }: Job, total: number): string {
  return `${done} of ${total} rows${failed === 0 ? '' : `, ${failed} failed`}`
}
