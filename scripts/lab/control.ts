// The control door of a running lab: HTTP on loopback with a bearer token, for the verbs that need the owner of the processes.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LabError } from './lab-error.ts'
import type { LabErrorCode } from './lab-error.ts'
import type { LabStatus, RunningLab } from './runner.ts'

/** The verbs on one process. */
export const controlVerbs = ['kill', 'restart', 'pause', 'resume'] as const
export type ControlVerb = (typeof controlVerbs)[number]

export interface ControlDoor {
  readonly url: string
  readonly token: string
  close(): Promise<void>
}

/** Opens it on any free port of 127.0.0.1. `down` is called once the answer to `roamline down` is on its way. */
export async function openControlDoor(lab: RunningLab, down: () => void): Promise<ControlDoor> {
  const token = randomBytes(32).toString('base64url')
  const server = createServer((request, response) => {
    void answer({ lab, down, token, request, response })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Exchange {
  readonly lab: RunningLab
  readonly down: () => void
  readonly token: string
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

async function answer({ lab, down, token, request, response }: Exchange): Promise<void> {
  request.resume()
  if (!holds(request.headers.authorization, token)) {
    send(response, 401, { code: 'LAB_USAGE', detail: 'The token in lab.json is missing or not this one.' })
    return
  }
  try {
    const value = await act(lab, `${request.method} ${request.url}`, () => response.once('finish', down))
    if (value === undefined) send(response, 404, { code: 'LAB_USAGE', detail: 'There is no such command.' })
    else send(response, 200, value)
  } catch (error) {
    if (!(error instanceof LabError)) process.stderr.write(`${(error as Error).stack}\n`)
    const code = error instanceof LabError ? error.code : 'LAB_INTERNAL'
    send(response, statuses[code as LabErrorCode] ?? 500, { code, detail: (error as Error).message })
  }
}

const statuses: Partial<Record<LabErrorCode, number>> = {
  LAB_PROCESS_UNKNOWN: 404,
  LAB_PROCESS_STATE: 409,
  LAB_PROCESS_START: 502,
}

async function act(lab: RunningLab, command: string, down: () => void): Promise<LabStatus | undefined> {
  if (command === 'GET /status') return lab.status()
  if (command === 'POST /down') {
    down()
    return lab.status()
  }
  const [, name, verb] = /^POST \/processes\/([A-Za-z0-9._-]+)\/([a-z]+)$/u.exec(command) ?? []
  if (name === undefined || !isControlVerb(verb)) return undefined
  await lab[verb](name)
  return lab.status()
}

function isControlVerb(verb: string | undefined): verb is ControlVerb {
  return (controlVerbs as readonly (string | undefined)[]).includes(verb)
}

function holds(authorization: string | undefined, token: string): boolean {
  const given = Buffer.from(authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function send(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(`${JSON.stringify(value)}\n`)
}
