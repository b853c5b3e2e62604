// How each error code comes about on one cluster: what is arranged, and the request that then runs into it.
import type { FaultPoint } from '../../services/extension-mobility/faults.ts'
import type { RefusalCode } from '../../services/refusals.ts'
import type { Exchange, ThrowAwayCluster } from './throw-away-cluster.ts'

/** One way to run into a code. */
export interface Reproduction {
  readonly code: RefusalCode
  readonly door: 'EMApp' | 'EM API'
  /** What is done, one sentence. */
  readonly how: string
  run(cluster: ThrowAwayCluster): Promise<Exchange>
}

type Run = Reproduction['run']
type Row = readonly [code: RefusalCode, how: string, run: Run]

const idle = 'SEP000000010002'
const taken = 'SEP000000010001'
const elsewhere = 'SEP000000010003'
const unchecked = 'SEP000000010004'
const bob = 'userid=bob&seq=12345'
const emParameters = '/api/v1/service-parameters/Cisco%20Extension%20Mobility'

const set = (cluster: ThrowAwayCluster, name: string, value: string): Promise<void> =>
  cluster.administer('PUT', `${emParameters}/${encodeURIComponent(name)}`, { value })

const login = (cluster: ThrowAwayCluster, device = idle): Promise<Exchange> => cluster.phone(`device=${device}&${bob}`)

/** On the phone: the code is in the page's text. */
const onThePhone: readonly Row[] = [
  [5, 'Bob submits his PIN on a phone on which Enable Extension Mobility is unchecked', (c) => login(c, unchecked)],
  [11, 'Bob logs in to a phone that is not in the device table', (c) => login(c, 'SEP0000000100FF')],
  [18, 'Bob logs in to the phone on which Alice is logged in', (c) => login(c, taken)],
  [19, 'somebody presses Yes on the logout page of a phone on which nobody is logged in', (c) => logout(c, idle)],
  [20, 'a phone on which Enable Extension Mobility is unchecked is logged out', (c) => logout(c, unchecked)],
  [
    22,
    'the service is selected on a phone on which Enable Extension Mobility is unchecked',
    (c) => press(c, unchecked),
  ],
  [
    25,
    'Bob, who is logged in on another phone, logs in while Multiple Login Behavior is Multiple Logins Not Allowed',
    async (c) => {
      await login(c, elsewhere)
      return login(c)
    },
  ],
  [26, 'Maximum Concurrent Requests is 1 and eight logins arrive at once', busy],
  [
    28,
    'Validate IP Address is True and the request does not come from the address of the phone',
    async (c) => {
      await set(c, 'Validate IP Address', 'True')
      return login(c, elsewhere)
    },
  ],
  [
    29,
    'Validate IP Address is True and nothing can tell which phones are registered, because Cisco CallManager is stopped',
    async (c) => {
      await set(c, 'Validate IP Address', 'True')
      await c.administer('PUT', '/api/v1/services/callmanager', { active: false })
      return login(c)
    },
  ],
  [
    30,
    'Validate IP Address is True, Allow Proxy is False, and the request has a Via header',
    async (c) => {
      await set(c, 'Validate IP Address', 'True')
      return c.phone(`device=${idle}&${bob}`, { via: '1.1 proxy.example' })
    },
  ],
  [
    41,
    'Bob must change his PIN at the next login',
    async (c) => {
      await c.administer('PATCH', '/api/v1/users/bob', { pinMustChange: true })
      return login(c)
    },
  ],
  [201, 'Bob enters a wrong PIN', (c) => c.phone(`device=${idle}&userid=bob&seq=99999`)],
  [202, 'Bob enters no PIN', (c) => c.phone(`device=${idle}&userid=bob&seq=`)],
  [204, 'the directory cannot say whether the PIN is right', (c) => broken(c, 'directory', () => login(c))],
  [205, 'Kally has no device profile', (c) => c.phone(`device=${idle}&userid=kally&seq=34567`)],
  [207, 'the service URL carries no device name', (c) => c.phone('')],
  [
    208,
    'Cisco Extension Mobility is stopped',
    async (c) => {
      await c.administer('PUT', '/api/v1/services/extension-mobility', { active: false })
      return press(c, idle)
    },
  ],
  [210, 'the pages cannot be initialised', (c) => broken(c, 'pages', () => press(c, idle))],
  [215, 'the service URL carries loginType=XX', (c) => c.phone(`device=${idle}&loginType=XX`)],
  [
    216,
    'Bob logs in by an extension that is the primary extension of two users',
    async (c) => {
      for (const user of ['bob', 'alice']) {
        await c.administer('PATCH', `/api/v1/users/${user}`, { primaryExtension: '1000-001' })
      }
      return c.phone(`device=${idle}&loginType=DN&userid=1000001&seq=12345`)
    },
  ],
]

/** In the EM API: the code is an attribute of the answer. */
const inTheEmApi: readonly Row[] = [
  [0, 'something happens that no rule expects', (c) => broken(c, 'unexpected', () => proxyLogin(c))],
  [1, 'the document is not well-formed', (c) => c.emApi('<request><appInfo>')],
  [
    2,
    'the application authenticates with an encrypted certificate',
    (c) =>
      c.emApi(request('<appID>emproxy</appID><appEncryptedCertificate>00</appEncryptedCertificate>', loginOf('bob'))),
  ],
  [3, 'the application has the wrong password', (c) => c.emApi(request(appInfo('emproxy', 'wrong'), loginOf('bob')))],
  [4, 'the policies cannot be read', (c) => broken(c, 'policy', () => proxyLogin(c))],
  [6, 'the database cannot carry it out', (c) => broken(c, 'database', () => proxyLogin(c))],
  [
    7,
    'the list of automatic logouts cannot be changed',
    async (c) => {
      await set(c, 'Intra-cluster Maximum Login Time', '8:00')
      return broken(c, 'autoLogout', () => proxyLogin(c))
    },
  ],
  [8, 'the query is none that is known', (c) => c.emApi(`<query>${emproxy}<whoIsThereQuery/></query>`)],
  [9, 'the user information cannot be read', (c) => broken(c, 'userInfo', () => proxyLogin(c))],
  [
    10,
    'an application user without Standard EM Authentication Proxy Rights logs Bob in',
    (c) => c.emApi(request(appInfo('lobby', 'roamline'), loginOf('bob'))),
  ],
  [11, 'Bob is logged in to a phone that is not in the device table', (c) => proxyLogin(c, 'SEP0000000100FF')],
  [
    12,
    'Bob is logged in with a device profile that is not his',
    (c) => c.emApi(request(emproxyMembers, loginOf('bob', idle, '<deviceProfile>alice-profile</deviceProfile>'))),
  ],
  [18, 'Bob is logged in to the phone on which Alice is logged in', (c) => proxyLogin(c, taken)],
  [19, 'a phone is logged out on which nobody is logged in', (c) => proxyLogout(c, idle)],
  [20, 'a phone is logged out on which Enable Extension Mobility is unchecked', (c) => proxyLogout(c, unchecked)],
  [21, "the phone's current user cannot be read", (c) => broken(c, 'hotelingStatus', () => proxyLogin(c))],
  [22, 'Bob is logged in to a phone on which Enable Extension Mobility is unchecked', (c) => proxyLogin(c, unchecked)],
  [23, 'somebody is logged in whom nobody knows', (c) => c.emApi(request(emproxyMembers, loginOf('nobody')))],
  [
    25,
    'Bob, who is logged in on another phone, is logged in a second time',
    async (c) => {
      await proxyLogin(c, elsewhere)
      return proxyLogin(c)
    },
  ],
  [
    27,
    'Bob, whose password must be changed, authenticates with it',
    async (c) => {
      await c.administer('PATCH', '/api/v1/users/bob', { passwordMustChange: true })
      return c.emApi(request(appInfo('bob', 'bob-password'), loginOf('bob')))
    },
  ],
]

/** Each code of the tables that needs no other cluster, at each door where it is found. */
export const reproductions: readonly Reproduction[] = [
  ...onThePhone.map(([code, how, run]) => ({ code, door: 'EMApp' as const, how, run })),
  ...inTheEmApi.map(([code, how, run]) => ({ code, door: 'EM API' as const, how, run })),
]

const appInfo = (appId: string, certificate: string): string =>
  `<appID>${appId}</appID><appCertificate>${certificate}</appCertificate>`
const emproxyMembers = appInfo('emproxy', 'roamline')
const emproxy = `<appInfo>${emproxyMembers}</appInfo>`

function request(members: string, what: string): string {
  return `<request><appInfo>${members}</appInfo>${what}</request>`
}

function loginOf(userId: string, device = idle, more = ''): string {
  return `<login><deviceName>${device}</deviceName><userID>${userId}</userID>${more}</login>`
}

function proxyLogin(cluster: ThrowAwayCluster, device = idle): Promise<Exchange> {
  return cluster.emApi(request(emproxyMembers, loginOf('bob', device)))
}

function proxyLogout(cluster: ThrowAwayCluster, device: string): Promise<Exchange> {
  return cluster.emApi(request(emproxyMembers, `<logout><deviceName>${device}</deviceName></logout>`))
}

function press(cluster: ThrowAwayCluster, device: string): Promise<Exchange> {
  return cluster.phone(`device=${device}`)
}

function logout(cluster: ThrowAwayCluster, device: string): Promise<Exchange> {
  return cluster.phone(`device=${device}&doLogout=true`)
}

async function broken(cluster: ThrowAwayCluster, point: FaultPoint, ask: () => Promise<Exchange>): Promise<Exchange> {
  await cluster.administer('PUT', '/api/v1/faults', { point, times: 1 })
  return ask()
}

/** A PIN takes milliseconds to verify, and so long the one request that is allowed is under way. */
async function busy(cluster: ThrowAwayCluster): Promise<Exchange> {
  await set(cluster, 'Maximum Concurrent Requests', '1')
  const answers = await Promise.all(Array.from({ length: 8 }, () => login(cluster)))
  const refused = answers.find(({ answer }) => answer.includes('(26)'))
  return refused ?? (answers[0] as Exchange)
}
