import { Type } from 'typebox'
import type { Static } from 'typebox'
import type { Login } from '../../database/api.ts'
import { Role } from '../../service.ts'
import type { Door, ServiceApp } from '../../service.ts'
import type { Engine } from '../engine.ts'
import { LoginView, viewLogin } from './login-view.ts'

const path = '/api/v1/upgrade'
const tags = ['upgrade']

const Action = Type.Object(
  {
    action: Type.Union([Type.Literal('begin'), Type.Literal('switch-version')], {
      description: 'begin: the publisher becomes inactive. switch-version: it becomes active again',
      examples: ['begin'],
    }),
  },
  { additionalProperties: false },
)
const UpgradeView = Type.Object({
  publisher: Type.Union([Type.Literal('active'), Type.Literal('inactive')]),
  inactiveSince: Type.Optional(Type.String({ format: 'date-time' })),
  logins: Type.Array(LoginView, {
    description:
      'Logins made while the publisher is inactive: the switch-version loses them. In its answer: those it lost',
  }),
})

/** An upgrade of the publisher, for those who want to see what it does to people who log in meanwhile. */
export function registerUpgradeRoutes(app: ServiceApp, door: Door<Engine>): void {
  app.get(
    path,
    {
      config: { access: 'role', role: Role.readOnly },
      schema: { tags, summary: 'Where the upgrade stands', response: { 200: UpgradeView } },
    },
    async () => current(door),
  )
  app.post(
    path,
    {
      config: { access: 'role', role: Role.administer },
      schema: {
        tags,
        summary: 'Begin an upgrade, or switch the version',
        body: Action,
        response: { 200: UpgradeView },
      },
    },
    async ({ body: { action } }) => {
      const { upgrade } = door.api()
      if (action === 'switch-version') return view(undefined, await upgrade.switchVersion())
      await upgrade.begin()
      return current(door)
    },
  )
}

function current(door: Door<Engine>): Static<typeof UpgradeView> {
  const { inactiveSince, logins } = door.api().upgrade.state()
  return view(inactiveSince, logins)
}

function view(inactiveSince: number | undefined, logins: readonly Login[]): Static<typeof UpgradeView> {
  return {
    publisher: inactiveSince === undefined ? 'active' : 'inactive',
    ...(inactiveSince !== undefined && { inactiveSince: new Date(inactiveSince).toISOString() }),
    logins: logins.map(viewLogin),
  }
}
