// The tool's HTTP door: health open to everybody, everything else to its administrator by HTTP Basic.
import { createHash, timingSafeEqual } from 'node:crypto'
import { Type } from 'typebox'
import { Problem } from '../problem.ts'
import type { ServiceApp } from '../service.ts'
import { Trigger } from './report.ts'
import type { Schedule } from './schedule.ts'
import type { Store } from './store.ts'
import type { Synchronizer } from './synchronizer.ts'

export interface DoorOptions {
  readonly store: Store
  readonly schedule: Schedule
  readonly synchronizer: Synchronizer
  readonly administrator: { readonly userId: string; readonly password: string }
  /** Undefined when ready, else what is being waited for. */
  readonly notReady: () => string | undefined
}

/** Registers all routes on `app`. */
export function registerRoutes(app: ServiceApp, options: DoorOptions): void {
  app.get('/health/live', () => ({ status: 'ok' }))
  app.get('/health/ready', () => {
    const reason = options.notReady()
    if (reason !== undefined) throw new Problem({ status: 503, title: 'Not ready', detail: reason })
    return { status: 'ok' }
  })
  const check = basicCheck(options.administrator)
  void app.register((scope, _, done) => {
    scope.addHook('onRequest', (request, reply, next) => {
      if (check(request.headers.authorization)) return next()
      void reply.header('www-authenticate', 'Basic realm="Roamline", charset="UTF-8"')
      next(new Problem({ status: 401, title: 'Unauthorized', detail: 'User ID or password is missing or wrong.' }))
    })
    registerRuns(scope as ServiceApp, options)
    registerSchedule(scope as ServiceApp, options)
    done()
  })
}

function registerRuns(app: ServiceApp, { store, synchronizer }: DoorOptions): void {
  app.get('/api/v1/runs', () => ({ running: synchronizer.running(), runs: store.runs() }))
  app.get('/api/v1/runs/last', () => store.lastRun() ?? notFound('There was no run yet.'))
  const params = Type.Object({ id: Type.String({ pattern: '^[1-9][0-9]{0,14}$' }) })
  app.get(
    '/api/v1/runs/:id',
    { schema: { params } },
    (request) =>
      store.run(Number(request.params.id)) ?? notFound(`Run ${request.params.id} is not, or no longer, known.`),
  )
  app.post('/api/v1/runs', async (_, reply) => {
    const report = await synchronizer.run(Trigger.manual)
    return reply.code(201).header('location', `/api/v1/runs/${report.id}`).send(report)
  })
}

function registerSchedule(app: ServiceApp, { schedule }: DoorOptions): void {
  const body = Type.Object(
    { pattern: Type.Union([Type.String({ minLength: 1, maxLength: 100 }), Type.Null()]) },
    { additionalProperties: false },
  )
  app.get('/api/v1/schedule', () => schedule.state())
  app.put('/api/v1/schedule', { schema: { body } }, (request) => schedule.set(request.body.pattern))
}

function notFound(detail: string): never {
  throw new Problem({ status: 404, title: 'Not found', detail })
}

/** Compares digests, so that the time taken says nothing about the password. */
function basicCheck({ userId, password }: DoorOptions['administrator']): (header: string | undefined) => boolean {
  const expected = digest(`${userId}:${password}`)
  return (header) => {
    const encoded = /^Basic +([A-Za-z0-9+/=]+)$/iu.exec(header ?? '')?.[1]
    return encoded !== undefined && timingSafeEqual(digest(Buffer.from(encoded, 'base64')), expected)
  }
}

function digest(value: string | Buffer): Buffer {
  return createHash('sha256').update(value).digest()
}
