// Every error code of Extension Mobility in our own words: what it means and what to do about it. What the phone shows stands in
// services/refusals.ts, once.
import { refusals } from '../services/refusals.ts'
import type { Refusal, RefusalCode } from '../services/refusals.ts'

interface Words {
  readonly meaning: string
  readonly remedy: string
  /** What else is worth knowing. */
  readonly note?: string
}

const isInternal = 'Internal code: it stands in logs and in the EM API, the phone shows what is printed above.'
const seeLog = 'Look into the log of the cluster; if it goes on, collect the logs of Extension Mobility.'
const secondCluster = 'Add the other cluster on both sides, and check that both spell its Cluster ID alike.'

const words = {
  0: { meaning: 'It failed for a reason that no rule knows.', remedy: seeLog },
  1: {
    meaning: 'A request or an answer could not be read as XML, or two clusters speak different versions.',
    remedy: 'Check the XML that the application sends; between clusters, compare their versions.',
  },
  2: {
    meaning:
      'The home cluster could not authenticate a user who logs in from another cluster, or an application sent an encrypted certificate.',
    remedy: 'Enter the right PIN. An application sends appCertificate in clear over HTTPS.',
  },
  3: {
    meaning: 'The application that asks could not be authenticated.',
    remedy: 'Check appID and appCertificate of the request against the application user.',
  },
  4: {
    meaning: 'The policies that decide about the request could not be read.',
    remedy: seeLog,
  },
  5: {
    meaning: 'The user logs in on a phone on which Extension Mobility is not enabled.',
    remedy: 'Check Enable Extension Mobility in the configuration of the phone.',
  },
  6: {
    meaning: 'The database failed while it carried the login, logout or query out.',
    remedy:
      'Watch the counters Requests In Progress and Requests Throttled: with many requests at once, send fewer. Otherwise collect the logs of the database.',
  },
  7: {
    meaning: 'The login could not be put on the list of automatic logouts, or not be taken from it.',
    remedy: seeLog,
    note: 'Only the EM API documents it.',
  },
  8: {
    meaning: 'The request asks for nothing that is known.',
    remedy: 'Send one of the documented queries, spelled as documented.',
  },
  9: {
    meaning: 'The user’s record could not be read, or the PIN not be compared.',
    remedy: 'Check that the directory answers and that the user is still there.',
  },
  10: {
    meaning: 'Somebody who lacks the right acts for another user.',
    remedy:
      'Add the application user to Standard EM Authentication Proxy Rights. For end users that group does not count: they act for themselves alone.',
  },
  11: {
    meaning: 'There is no phone of that name.',
    remedy: 'Check the device name, and that the phone is in the configuration.',
  },
  12: {
    meaning: 'The user has no device profile that could be used there.',
    remedy: 'Associate a device profile with the user, or name one that is associated.',
  },
  18: {
    meaning: 'Another user is logged in on this phone.',
    remedy: 'Log that user out first.',
  },
  19: {
    meaning: 'Nobody is logged in on this phone, so nobody can be logged out.',
    remedy: 'Ask who is logged in before you log out.',
  },
  20: {
    meaning: 'A logout was asked for of a phone on which Extension Mobility is not enabled.',
    remedy: 'Check Enable Extension Mobility in the configuration of the phone.',
  },
  21: {
    meaning: 'Who is logged in on the phone could not be read.',
    remedy: seeLog,
  },
  22: {
    meaning:
      'Extension Mobility is not enabled on the phone, and the request came through the EM API or the Services button.',
    remedy: 'Check Enable Extension Mobility in the configuration of the phone.',
  },
  23: {
    meaning: 'No cluster that was asked knows the user.',
    remedy: 'Check the user ID; it is compared as it is spelled.',
  },
  25: {
    meaning: 'The user is logged in on another phone already.',
    remedy: 'Log out there, or set Multiple Login Behavior to Multiple Logins Allowed or Auto Logout.',
  },
  26: {
    meaning: 'As many logins and logouts are under way as Maximum Concurrent Requests allows.',
    remedy: 'Try again. If it happens often, watch the counter Requests In Progress and raise the parameter.',
  },
  27: {
    meaning: 'The end user who authenticates must change the password first.',
    remedy: 'Change the password, or clear User Must Change at Next Login.',
    note: 'Only the EM API documents it.',
  },
  28: {
    meaning: 'Validate IP Address is True, and the request comes from an address that is not trusted.',
    remedy: 'Add the address to Trusted List of IPs, or send remoteIPAddr of a registered phone.',
  },
  29: {
    meaning: 'The address of the phone cannot be compared, because the data of registered phones is not there.',
    remedy: 'Check that the service that collects registrations runs.',
  },
  30: {
    meaning: 'The request came through a web proxy (it carries Via), and Allow Proxy is False.',
    remedy: 'Set Allow Proxy to True, or let phones reach the cluster directly.',
  },
  31: {
    meaning: 'The user may not log in from other clusters.',
    remedy: 'Check Enable Extension Mobility Cross Cluster for the user in the home cluster.',
  },
  32: { meaning: 'The phone’s model cannot do EMCC.', remedy: 'Log in on a phone of a model that can.' },
  33: {
    meaning: 'Every device that the home cluster keeps for EMCC logins is taken.',
    remedy: 'Add EMCC devices in the home cluster.',
  },
  35: { meaning: 'The home cluster does not know the cluster that the user visits.', remedy: secondCluster },
  36: { meaning: 'No remote cluster is configured.', remedy: secondCluster },
  37: {
    meaning: 'The phone’s name exists in the home cluster and in the visited one.',
    remedy: 'Rename or delete one of the two phones.',
  },
  38: {
    meaning: 'The home cluster refuses EMCC logins of this user.',
    remedy: 'Check Enable Extension Mobility Cross Cluster in the home cluster.',
  },
  39: {
    meaning: 'The TFTP servers for phones with an EMCC login are not configured right.',
    remedy: 'Configure default and backup TFTP server for EMCC login devices.',
    note: isInternal,
  },
  40: {
    meaning: 'The other cluster did not answer in time.',
    remedy: 'Check the network between the clusters, and that Extension Mobility runs there.',
    note: isInternal,
  },
  41: {
    meaning: 'The PIN is right, and must be changed before the login.',
    remedy: 'Enter a new PIN on the page to which the phone goes, or clear User Must Change at Next Login.',
    note: 'Internal code: the phone shows the text and goes on to the Change Credential service.',
  },
  42: {
    meaning: 'The Cluster ID of the other cluster is not one.',
    remedy: secondCluster,
  },
  43: {
    meaning: 'The security profile of the EMCC device is not a nonsecure one.',
    remedy: 'Give the EMCC device a profile whose Device Security Mode is Non Secure.',
  },
  44: { meaning: 'The Cluster ID is not one.', remedy: secondCluster, note: isInternal },
  45: {
    meaning: 'The phone is secure, and the home cluster is too old for that.',
    remedy: 'Upgrade the home cluster, or let the phone be nonsecure.',
  },
  46: {
    meaning: 'The phone is secure, and the home cluster is not.',
    remedy: 'Make the home cluster secure, or let the phone be nonsecure.',
  },
  47: {
    meaning: 'The extension is the primary extension of several users of the home cluster.',
    remedy: 'Give each of them another primary extension, or log in with the user ID.',
  },
  201: {
    meaning: 'User ID and PIN do not belong together. The phone never says which of the two is wrong.',
    remedy: 'Enter both again; then let an administrator check the user, the PIN and whether the PIN is locked.',
  },
  202: { meaning: 'User ID or PIN was left blank.', remedy: 'Enter both.' },
  204: {
    meaning: 'The directory could not say whether the PIN is right.',
    remedy: 'Check that the directory answers.',
  },
  205: {
    meaning: 'The user has no device profile.',
    remedy: 'Associate a device profile with the user.',
  },
  207: {
    meaning: 'The request does not name the phone.',
    remedy: 'Check the URL of the phone service: it ends in ?device=#DEVICENAME#, in this case.',
    note: 'A troubleshooting table of the same documents prints 207 for what the code table calls 208; here it is 208.',
  },
  208: {
    meaning: 'Extension Mobility does not run, or cannot be reached.',
    remedy: 'Check in Control Center that Cisco Extension Mobility runs.',
  },
  210: {
    meaning: 'The phone’s pages could not be initialised.',
    remedy: 'Restart Cisco Extension Mobility Application when the database answers again.',
  },
  211: {
    meaning: 'EMCC is not activated in the visited cluster.',
    remedy: 'Activate EMCC and PSTN Access in its Intercluster Service Profile.',
  },
  212: { meaning: 'A remote cluster was updated under a Cluster ID that is not its own.', remedy: secondCluster },
  213: { meaning: 'The phone’s model cannot do EMCC.', remedy: 'Log in on a phone of a model that can.' },
  215: {
    meaning: 'The service URL asks for a login type that there is not.',
    remedy: 'Write loginType=UID, SP or DN, or leave it out.',
  },
  216: {
    meaning: 'The extension is the primary extension of several users.',
    remedy: 'Give each of them another primary extension, or log in with the user ID.',
  },
} as const satisfies Record<RefusalCode, Words>

/** One code, explained. */
export interface Explanation extends Words {
  readonly code: RefusalCode
  readonly name: string
  /** Which part of Extension Mobility tells it. */
  readonly origin: string
  /** What the phone shows; absent where the code does not belong to that operation. */
  readonly login?: string
  readonly logout?: string
}

/** Codes of the EM API's own table, which the phone's tables do not have. */
const emApiAlone: ReadonlySet<number> = new Set([7, 27])

/** By number. */
export const explanations: readonly Explanation[] = Object.entries(words).map(([number, said]) => {
  const code = Number(number) as RefusalCode
  const { name, login, logout }: Refusal = refusals[code]
  const shown = { ...(login !== undefined && { login }), ...(logout !== undefined && { logout }) }
  return { code, name, origin: originOf(code), ...shown, ...said }
})

/** Undefined for a number that no document has. */
export function explanationOf(code: number): Explanation | undefined {
  return explanations.find((one) => one.code === code)
}

function originOf(code: RefusalCode): string {
  if (code >= 201) return 'EMApp, the pages on the phone'
  return emApiAlone.has(code) ? 'EM API' : 'EMService, behind the phone’s pages and the EM API'
}
