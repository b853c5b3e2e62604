// What the EM API's documents ask for, done by the one engine, and its results as the API's answers.
import {
  serializeCheckedUsers,
  serializeDeviceProfiles,
  serializeDeviceUsers,
  serializeSuccess,
  serializeUserDevices,
} from '../../wire/em-api/index.ts'
import type { EmApiAction, EmApiRequest } from '../../wire/em-api/index.ts'
import { LogoutReason, RequestDoor } from '../api.ts'
import type { ExtensionMobility, RequestOrigin } from '../api.ts'
import type { Caller } from './callers.ts'

/** A request of a caller who may make it. */
export interface Permitted {
  readonly caller: Caller
  readonly action: EmApiAction
  readonly origin: RequestOrigin
}

/** Resolves with the answer when what it says is on disk. Rejects with EmRefusal. */
export async function carryOut(engine: ExtensionMobility, { caller, action, origin }: Permitted): Promise<string> {
  switch (action.kind) {
    case 'login':
      await engine.login({
        ...action.login,
        proof: { kind: 'proxy', applicationUser: caller.userId },
        origin,
      })
      return serializeSuccess()
    case 'logout':
      await engine.logout(
        action.deviceName,
        LogoutReason.manual,
        origin,
        caller.application ? undefined : caller.userId,
      )
      return serializeSuccess()
    case 'logoutAll':
      await engine.logoutAll(LogoutReason.administrator, origin)
      return serializeSuccess()
    case 'deviceUserQuery':
      return serializeDeviceUsers(await engine.deviceUsers(action.deviceNames, origin))
    case 'userDevicesQuery':
      return serializeUserDevices(await engine.userDevices(action.userIds, origin))
    case 'deviceProfileQuery':
      return serializeDeviceProfiles(await engine.deviceProfiles(action.userIds, origin))
    case 'checkUser':
      return serializeCheckedUsers(await engine.userDevices(action.userIds, origin))
  }
}

/**
 * The phone's address and whether a proxy stands before it: as the application says, else as the application's own request shows. An end
 * user is believed neither: Validate IP Address is there to keep him from logging in from elsewhere.
 */
export function originOf(
  said: Pick<EmApiRequest, 'remoteAddress' | 'via'>,
  { application }: Pick<Caller, 'application'>,
  request: { readonly ip: string; readonly headers: { readonly via?: unknown } },
): RequestOrigin {
  const isBehindProxy = request.headers.via !== undefined
  return {
    door: RequestDoor.emApi,
    remoteAddress: (application ? said.remoteAddress : undefined) ?? request.ip,
    via: application ? (said.via ?? isBehindProxy) : isBehindProxy || said.via === true,
  }
}
