// The vendor's error codes of Extension Mobility with what the phone shows (Feature Configuration Guide, "Error Codes for
// EMApp" and "Error Codes for EMService"), and the HTTP status that each has on the JSON door, which is our own choice:
//   403 the user or phone may not do this · 404 what was named does not exist · 409 the state of things forbids it now
//   422 a member is there but makes no sense · 500 our trouble · 502 another cluster's answer · 503 try again later
// 401 is left to the API caller's own credentials: a wrong PIN says nothing against the application that passed it on.
import { Problem } from './problem.ts'

/** What the phone was doing; some codes read differently for each. */
export type Operation = 'login' | 'logout'

/** One row of the vendor's tables. */
export interface Refusal {
  /** The quick description. */
  readonly name: string
  /** What the phone shows at login, spelled and spaced as printed; absent where the code belongs to logout alone. */
  readonly login?: string
  readonly logout?: string
  /** HTTP status on the JSON door. */
  readonly status: number
}

/** EMService prints no space before the parenthesis, and both texts. */
function unavailable(code: number): { readonly login: string; readonly logout: string } {
  return { login: `Login is unavailable(${code})`, logout: `Logout is unavailable(${code})` }
}

/** One text, whatever the phone was doing. */
function shown(text: string): { readonly login: string; readonly logout: string } {
  return { login: text, logout: text }
}

/** By the vendor's number: 201 to 216 are EMApp's, the rest EMService's. Numbers that are missing are not in the documents. */
export const refusals = {
  0: { name: 'Unknown Error', ...unavailable(0), status: 500 },
  1: { name: 'Error on parsing', ...unavailable(1), status: 422 },
  2: { name: 'EMCC Authentication Error', login: 'Login is unavailable(2)', status: 403 },
  3: { name: 'Invalid App User', ...unavailable(3), status: 403 },
  4: { name: 'Policy Validation error', ...unavailable(4), status: 500 },
  5: { name: 'Dev. logon disabled', ...unavailable(5), status: 403 },
  6: { name: 'Database Error', ...unavailable(6), status: 500 },
  // 7 and 27 are in the EM API's own table only; the phone texts follow the neighbouring rows (docs/fidelity.md).
  7: { name: 'Logout Request Error', ...unavailable(7), status: 500 },
  8: { name: 'Query type undetermined', ...unavailable(8), status: 422 },
  9: { name: 'Dir. User Info Error', ...unavailable(9), status: 500 },
  10: { name: 'User lacks app proxy rights', ...unavailable(10), status: 403 },
  11: { name: 'Device Does not exist', ...unavailable(11), status: 404 },
  // The documents print code 11's reason in this row's display column; the text follows the neighbouring rows.
  12: { name: 'Dev. Profile not found', ...unavailable(12), status: 409 },
  18: { name: 'Another user logged in', login: 'Login is unavailable(18)', status: 409 },
  19: { name: 'No user logged in', logout: 'Logout is unavailable(19)', status: 409 },
  20: { name: 'Hoteling flag error', ...unavailable(20), status: 403 },
  21: { name: 'Hoteling Status error', ...unavailable(21), status: 500 },
  22: { name: 'Dev. logon disabled', login: 'Login is unavailable(22)', status: 403 },
  23: {
    name: 'User does not exist',
    login: 'Login is Unavailable (23)',
    logout: 'Logout is Unavailable (23)',
    status: 404,
  },
  25: { name: 'User logged in elsewhere', ...shown('Multi-Login Not Allowed (25)'), status: 409 },
  26: { name: 'Busy, please try again', ...unavailable(26), status: 503 },
  27: { name: 'Change Password', ...unavailable(27), status: 403 },
  28: { name: 'Untrusted IP Error', ...unavailable(28), status: 403 },
  29: { name: 'ris down-contact admin', ...unavailable(29), status: 503 },
  30: { name: 'Proxy not allowed', ...unavailable(30), status: 403 },
  31: { name: 'EMCC Not Activated for the user', ...unavailable(31), status: 403 },
  32: { name: 'Device does not support EMCC', ...unavailable(32), status: 409 },
  33: { name: 'No free EMCC dummy device', ...unavailable(33), status: 503 },
  35: {
    name: 'Visiting Cluster Information is not present in Home Cluster',
    ...unavailable(35),
    status: 409,
  },
  36: { name: 'No Remote Cluster', ...unavailable(36), status: 409 },
  37: {
    name: 'Duplicate Device Name',
    login: 'Login is Unavailable (37)',
    logout: 'Logout is Unavailable (37)',
    status: 409,
  },
  38: { name: 'EMCC Not Allowed', ...unavailable(38), status: 403 },
  // 39, 40, 41 and 44 are internal: the phone shows another number or none.
  39: { name: 'Configuration Issue', ...shown('Please try to login again (201)'), status: 409 },
  40: { name: 'No Response from Remote Host', ...shown('Please try to login again (23)'), status: 502 },
  41: { name: 'PIN change is required', ...shown('PIN change is required'), status: 403 },
  42: { name: 'Invalid ClusterID', ...unavailable(42), status: 409 },
  43: { name: 'Device Security mode error', login: 'Login is unavailable(43)', status: 409 },
  44: { name: 'Configuration Issue', ...shown('Please try to login again (201)'), status: 409 },
  45: { name: 'Remote Cluster version not supported', ...shown('Login is unsuccessful(45)'), status: 409 },
  46: { name: 'Remote Cluster security mode not supported', ...shown('Login is unsuccessful(46)'), status: 409 },
  47: { name: 'DN has multiple users', ...shown('DN has multiple users(47)'), status: 409 },
  201: { name: 'Authentication Error', ...shown('Please try to login again (201)'), status: 403 },
  202: { name: 'Blank userid or pin', ...shown('Please try to login again (202)'), status: 422 },
  204: { name: 'Directory server error', login: 'Login is unavailable (204)', status: 500 },
  205: {
    name: 'User Profile Absent',
    login: 'Login is unavailable (205)',
    logout: 'Logout is unavailable (205)',
    status: 409,
  },
  207: { name: 'Device Name Empty', ...unavailable(207), status: 422 },
  208: { name: 'EMService Connection Error', ...unavailable(208), status: 503 },
  210: { name: 'Init Fail-Contact Admin', ...unavailable(210), status: 503 },
  211: { name: 'EMCC Not Activated', ...unavailable(211), status: 409 },
  212: { name: 'Cluster ID is invalid', login: 'Login is unavailable(212)', status: 409 },
  213: { name: 'Device does not support EMCC', ...unavailable(213), status: 409 },
  215: { name: 'Login Type is invalid', ...shown('LoginType invalid(215)'), status: 422 },
  216: { name: 'DN has multiple users', ...shown('DN has multiple users(216)'), status: 409 },
} as const satisfies Readonly<Record<number, Refusal>>

/** The vendor's error numbers. */
export type RefusalCode = keyof typeof refusals

/** A login or logout that was refused. Every door matches on `code` and words it in its own protocol. */
export class EmRefusal extends Problem {
  readonly code: RefusalCode
  readonly operation: Operation
  /** With 41: the user ID of whoever proved to be this user, however the user was named. */
  readonly userId: string | undefined
  /** `detail` is one sentence for people about this occurrence; it must not tell an unknown user from a wrong PIN. */
  constructor(
    code: RefusalCode,
    operation: Operation,
    detail: string,
    options?: ErrorOptions & { readonly userId?: string },
  ) {
    const row: Refusal = refusals[code]
    const phoneDisplay = row[operation]
    super(
      { status: row.status, title: row.name, detail, code, ...(phoneDisplay === undefined ? {} : { phoneDisplay }) },
      options,
    )
    this.name = 'EmRefusal'
    this.code = code
    this.operation = operation
    this.userId = options?.userId
  }
}
