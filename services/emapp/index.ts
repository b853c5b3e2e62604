import { Type } from 'typebox'
import type { RunningService, Service, ServiceContext } from '../service.ts'
import type { EmApp } from './api.ts'
import { errorAnswer } from './error-answer.ts'
import { takeStep } from './phone-steps.ts'
import type { EmAppParts } from './phone-steps.ts'
import { registerEmAppRoutes } from './routes.ts'
import { createTickets } from './tickets.ts'

/** The documented time in which a known PIN is not asked for again; ten thousand phones may be choosing at once. */
const ticketLimits = { keepMs: 120_000, maxCount: 10_000 }

/** The phone's pages of Extension Mobility. */
export const emapp: Service<'emapp'> = {
  name: 'emapp',
  title: 'Cisco Extension Mobility Application',
  kind: 'network',
  stoppable: true,
  dependsOn: ['database'],
  configSchema: Type.Object({}, { additionalProperties: false }),
  routes: registerEmAppRoutes,
  start,
}

async function start(context: ServiceContext): Promise<RunningService<EmApp>> {
  const parts: EmAppParts = {
    database: context.use('database'),
    tickets: createTickets({ clock: context.clock, ...ticketLimits }),
    engine: () => context.find('extension-mobility'),
  }
  return {
    api: {
      answer: (request) => takeStep(parts, request).catch((error: unknown) => errorAnswer(context, request, error)),
    },
    stop: async () => {},
  }
}
