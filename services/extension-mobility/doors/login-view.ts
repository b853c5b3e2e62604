import { Type } from 'typebox'
import type { Static } from 'typebox'
import type { Login } from '../../database/api.ts'

/** A login as the JSON doors show it. */
export const LoginView = Type.Object({
  deviceName: Type.String({ examples: ['SEP000000020001'] }),
  userId: Type.String({ examples: ['bob'] }),
  deviceProfile: Type.String({ examples: ['bob-profile'] }),
  loginTime: Type.String({ format: 'date-time' }),
  loginDuration: Type.Integer({ description: 'Seconds until automatic logout; 0 = none' }),
})

/** See LoginView. */
export function viewLogin({ deviceName, userId, deviceProfile, loginTime, loginDuration }: Login) {
  const view: Static<typeof LoginView> = {
    deviceName,
    userId,
    deviceProfile,
    loginTime: new Date(loginTime).toISOString(),
    loginDuration,
  }
  return view
}
