// A bulk login script as somebody writes it who has em-wire.md and nothing of this project: HTTP, XML, and a file with one
// `userID deviceName` per line on stdin. `node bulk-login-client.ts login|where|logout URL appID appCertificate`
// It prints what it did as one JSON line, and ends with 1 when anything could not be done.
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'

/** Requests at once: the default of Maximum Concurrent Requests. */
const workers = 5
/** Busy, please try again. */
const busy = '26'

const [verb = '', url = '', appId = '', appCertificate = ''] = process.argv.slice(2)
const rows = (await text(process.stdin))
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => line.split(' ') as [userId: string, deviceName: string])

const tally = { done: 0, retries: 0, failed: [] as string[] }
const appInfo = `<appInfo><appID>${appId}</appID><appCertificate>${appCertificate}</appCertificate></appInfo>`

function documentFor(userId: string, deviceName: string): string {
  switch (verb) {
    case 'login':
      return `<request>${appInfo}<login><deviceName>${deviceName}</deviceName><userID>${userId}</userID><exclusiveDuration><time>600</time></exclusiveDuration></login></request>`
    case 'logout':
      return `<request>${appInfo}<logout><deviceName>${deviceName}</deviceName></logout></request>`
    default:
      return `<query>${appInfo}<userDevicesQuery><userID>${userId}</userID></userDevicesQuery></query>`
  }
}

function isDone(answer: string, deviceName: string): boolean {
  return verb === 'where' ? answer.includes(`<deviceName>${deviceName}</deviceName>`) : answer.includes('<success/>')
}

async function send(userId: string, deviceName: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/emservice/EMServiceServlet`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `xml=${encodeURIComponent(`<?xml version="1.0"?>\n${documentFor(userId, deviceName)}\n`)}`,
    })
    const answer = await response.text()
    const code = /<error code="(\d+)">/.exec(answer)?.[1]
    if (code === busy) {
      tally.retries += 1
      await pause(2)
    } else {
      if (isDone(answer, deviceName)) tally.done += 1
      else tally.failed.push(`${userId} ${deviceName}: ${code ?? answer}`)
      return
    }
  }
}

const queue = rows.values()
async function work(): Promise<void> {
  for (const [userId, deviceName] of queue) await send(userId, deviceName)
}

await Promise.all(Array.from({ length: workers }, work))
console.log(JSON.stringify({ ...tally, failed: tally.failed.slice(0, 5) }))
process.exitCode = tally.failed.length === 0 ? 0 : 1
