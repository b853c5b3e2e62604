// Who calls, and for whom they may act. Everything here comes before anything is looked up about the phone or user that is meant, so
// that the answer to somebody without rights says nothing about them.
import type { ApplicationUser } from '../../database/api.ts'
import { Verdict } from '../../identity-management/api.ts'
import type { IdentityManagement } from '../../identity-management/api.ts'
import { atOnceOfOpenDoor, createIdentityManagement, refuseNobody } from '../../identity-management/index.ts'
import { Role } from '../../service.ts'
import type { Door } from '../../service.ts'
import type { EmApiAction, EmApiRequest } from '../../wire/em-api/index.ts'
import type { ExtensionMobility } from '../api.ts'
import { FaultPoint } from '../faults.ts'
import { isSameName } from '../names.ts'
import { EmRefusal } from '../../refusals.ts'
import type { RefusalCode } from '../../refusals.ts'

/** Who was authenticated by appID and appCertificate. */
export interface Caller {
  readonly userId: string
  /** An application user; any other caller is an end user, who acts for himself. */
  readonly application: boolean
}

/** Authentication and rights of the EM API's callers. */
export interface Callers {
  /**
   * At once for an application user whose password was seen lately. Throws or rejects with EmRefusal: 2 encrypted certificate, 3 unknown
   * or wrong password, 10 an application user without the right, 27 an end user whose password must change; with a Problem (503) or
   * CredentialHasherBusy when too many passwords are being checked.
   */
  identify(request: EmApiRequest): Caller | Promise<Caller>
  /** Throws EmRefusal 10 for an end user who would act for somebody else. */
  requireRights(caller: Caller, action: EmApiAction): void
}

/** Members of this group hold every role, as in the vendor's product. */
const superUsers = 'Standard CCM Super Users'

/** Looks at the tables of the door's cluster at each request. */
export function createCallers({ context, api }: Door<ExtensionMobility>): Callers {
  const database = () => context.use('database')

  let identities: IdentityManagement | undefined

  /** One for all requests, made when the first end user comes: neither hasher nor database are there when routes are registered. */
  function identityManagement(): IdentityManagement {
    const { hasher, clock, events } = context
    return (identities ??= createIdentityManagement({
      database: database(),
      hasher,
      clock,
      events,
      atOnce: atOnceOfOpenDoor,
    }))
  }

  async function identifyEndUser(userId: string, password: string): Promise<Caller> {
    api().faults.pass(FaultPoint.directory)
    const user = database().endUsers.find(userId)
    const verdict = await identityManagement().verifyPassword(user, password)
    if (verdict === Verdict.mustChange) throw refusal(27, 'The password of this end user must be changed.')
    if (user === undefined || verdict !== Verdict.right) throw unknownCaller()
    return { userId: user.userId, application: false }
  }

  /** An end user's wrong password is counted on disk: this refusal takes as long. */
  async function refuseUnknown(): Promise<never> {
    await refuseNobody(database())
    throw unknownCaller()
  }

  function admit(found: ApplicationUser | undefined): Caller | Promise<never> {
    return found === undefined ? refuseUnknown() : admitApplication(found)
  }

  return {
    identify({ appId, appCertificate }) {
      if (appCertificate === undefined) throw refusal(2, 'Encrypted certificates are for the cluster itself.')
      if (appId === '' || appCertificate === '') throw unknownCaller()
      const { applicationUsers, endUsers } = database()
      // Whoever is neither costs one slow hash and one commit like everybody else.
      if (applicationUsers.find(appId) === undefined && endUsers.find(appId) !== undefined) {
        return identifyEndUser(appId, appCertificate)
      }
      const found = context.applicationUsers.authenticate(appId, appCertificate)
      return found instanceof Promise ? found.then(admit) : admit(found)
    },
    requireRights({ application, userId }, action) {
      if (application) return
      const himself = (other: string | undefined): boolean => other !== undefined && isSameName(other, userId)
      const onPhone = (deviceName: string): boolean => himself(database().logins.on(deviceName)?.userId)
      // Also where he is in the group: "those users are not authorised to authenticate by proxy" (EM restrictions, User Group).
      if (!isAbout(action, himself, onPhone)) throw refusal(10, 'An end user acts for himself alone.')
    },
  }
}

/** Whether all that is asked for concerns one user: the one whom `himself` knows by ID, `onPhone` by the phone on which he is logged in. */
function isAbout(
  action: EmApiAction,
  himself: (userId: string) => boolean,
  onPhone: (deviceName: string) => boolean,
): boolean {
  switch (action.kind) {
    case 'login':
      return himself(action.login.userId)
    case 'logout':
      return onPhone(action.deviceName)
    case 'logoutAll':
    case 'deviceUserQuery':
      return false
    case 'userDevicesQuery':
    case 'deviceProfileQuery':
    case 'checkUser':
      return action.userIds.every(himself)
  }
}

function admitApplication(user: ApplicationUser): Caller {
  if (!user.roles.includes(Role.emProxy) && !user.groups.includes(superUsers)) {
    throw refusal(10, `The application user does not hold the role ${Role.emProxy}.`)
  }
  return { userId: user.userId, application: true }
}

/** One sentence for an unknown user and a wrong password. */
function unknownCaller(): EmRefusal {
  return refusal(3, 'The application user or the password is wrong.')
}

function refusal(code: RefusalCode, detail: string): EmRefusal {
  return new EmRefusal(code, 'login', detail)
}
