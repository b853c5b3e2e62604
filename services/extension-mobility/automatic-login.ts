// Login User ID of a log out profile: after a logout the phone logs that user in by itself.
import type { ClusterDatabase } from '../database/api.ts'
import { Verdict } from '../identity-management/api.ts'
import type { ServiceContext } from '../service.ts'
import type { ClusterEvent } from '../serviceability/api.ts'
import { isSameName } from './names.ts'
import { EmRefusal } from '../refusals.ts'
import { decideLogin } from './rules/login-rules.ts'
import type { RuleParts } from './rules/login-rules.ts'
import type { Sessions } from './sessions.ts'

export interface AutomaticLoginParts extends RuleParts {
  readonly context: Pick<ServiceContext, 'events' | 'log'>
  readonly sessions: Sessions
}

/** Runs until stopped. */
export interface AutomaticLogin {
  /** Idempotent; resolves when no login of it is under way. */
  stop(): Promise<void>
}

/** Listens for logouts, whoever caused them. */
export function startAutomaticLogin(parts: AutomaticLoginParts): AutomaticLogin {
  const { context, database } = parts
  const running = new Set<Promise<void>>()

  function hear({ deviceName, userId }: ClusterEvent): void {
    const next = loginUserOf(database, String(deviceName))
    // Whoever logs this very user out wants the phone free; and so no logout can cause a login that causes a logout without end.
    if (next === '' || isSameName(next, String(userId))) return
    const done = logIn(parts, String(deviceName), next)
      .catch((error: unknown) => note(parts, { deviceName, userId: next }, error))
      .finally(() => running.delete(done))
    running.add(done)
  }

  const unhear = context.events.subscribe(hear, ['logout'])
  return {
    async stop() {
      unhear()
      await Promise.all(running)
    },
  }
}

/** Empty = nobody. */
function loginUserOf({ devices, deviceProfiles }: ClusterDatabase, deviceName: string): string {
  const profile = devices.find(deviceName)?.logoutProfile ?? ''
  return profile === '' ? '' : (deviceProfiles.find(profile)?.loginUserId ?? '')
}

/** By the rules, without a PIN, and unless somebody was quicker. Not a manual login, nor a request. */
async function logIn(parts: AutomaticLoginParts, deviceName: string, userId: string): Promise<void> {
  const { database, sessions } = parts
  await database.write(() => {
    if (database.logins.on(deviceName) !== undefined) return
    const request = { deviceName, userId, proof: { kind: 'proxy', applicationUser: '' } } as const
    const decision = decideLogin(parts, request, () => Verdict.right)
    if ('unproven' in decision) throw new EmRefusal(23, 'login', `There is no user ${userId} in this cluster.`)
    sessions.open(decision, false)
  })
}

function note({ context }: AutomaticLoginParts, facts: object, error: unknown): void {
  if (error instanceof EmRefusal) {
    context.log.info({ ...facts, code: error.code }, 'the log out profile’s user was not logged in')
  } else {
    context.log.error({ ...facts, err: error }, 'the log out profile’s user could not be logged in')
  }
}
