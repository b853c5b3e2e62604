export { emApiLimits } from './limits.ts'
export { isEmApiProblem } from './messages.ts'
export type {
  CheckedUser,
  DeviceUserResult,
  DurationOf,
  EmApiAction,
  EmApiLogin,
  EmApiProblem,
  EmApiRequest,
  UserDevicesResult,
  UserProfilesResult,
} from './messages.ts'
export { parseEmApiRequest } from './parse.ts'
export {
  serializeCheckedUsers,
  serializeDeviceProfiles,
  serializeDeviceUsers,
  serializeFailure,
  serializeSuccess,
  serializeUserDevices,
} from './serialize.ts'
