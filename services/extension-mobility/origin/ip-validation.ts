// Validate IP Address: "the IP address of the source that requests the login or logout" is checked first against the cache for the
// device, then against the Trusted List of IPs and the registered devices; else the request is blocked.
import type { ClusterDatabase } from '../../database/api.ts'
import {
  allowProxy,
  cacheSize,
  isOn,
  parameterNumber,
  parameterText,
  trustedIps,
  validateIpAddress,
} from '../../database/service-parameters.ts'
import type { ServiceContext } from '../../service.ts'
import type { RequestOrigin } from '../api.ts'
import { createDeviceCache } from './device-cache.ts'
import { normalizeIpAddress } from './ip-address.ts'
import { EmRefusal } from '../../refusals.ts'
import type { Operation } from '../../refusals.ts'
import { createTrustedList } from './trusted-list.ts'
import type { Lookup } from './trusted-list.ts'

/** Says whether a request may come from where it comes from. */
export interface IpValidation {
  /**
   * Throws or rejects with EmRefusal 28, 29 or 30. Undefined: allowed, and nothing had to be waited for. Without a device name (a query
   * of several, or of users) the address of any registered phone will do.
   */
  check(origin: RequestOrigin, operation: Operation, deviceName?: string): Promise<void> | undefined
}

export interface IpValidationParts {
  readonly context: Pick<ServiceContext, 'find' | 'clock'>
  readonly database: Pick<ClusterDatabase, 'serviceParameters' | 'devices'>
  readonly lookup: Lookup
}

interface Asked {
  readonly address: string
  readonly operation: Operation
  readonly deviceName: string | undefined
}

/** How long a host name's addresses are believed (our choice). */
const resolvedForMs = 60_000

/** An empty cache. It is emptied when the trusted list changes: what the old list allowed, the new one may not. */
export function createIpValidation({ context, database, lookup }: IpValidationParts): IpValidation {
  const { serviceParameters } = database
  const cache = createDeviceCache(() => parameterNumber(serviceParameters, cacheSize))
  const trusted = createTrustedList({ clock: context.clock, lookup, keepMs: resolvedForMs })
  let knownList = ''

  function trustedList(): string {
    const list = parameterText(serviceParameters, trustedIps)
    if (list !== knownList) cache.clear()
    knownList = list
    return list
  }

  function conclude(isTrusted: boolean, asked: Asked): void {
    if (!isTrusted) requireRegistered(context, asked)
    const { deviceName, address } = asked
    if (deviceName !== undefined && database.devices.find(deviceName) !== undefined) cache.add(deviceName, address)
  }

  return {
    check(origin, operation, deviceName) {
      if (!isOn(serviceParameters, validateIpAddress)) return undefined
      if (origin.via && !isOn(serviceParameters, allowProxy)) throw proxyNotAllowed(operation)
      const address = normalizeIpAddress(origin.remoteAddress)
      if (address === undefined) throw untrusted(operation, origin.remoteAddress)
      const list = trustedList()
      if (deviceName !== undefined && cache.holds(deviceName, address)) return undefined
      const asked = { address, operation, deviceName }
      const isTrusted = trusted.includes(list, address)
      if (typeof isTrusted !== 'boolean') return isTrusted.then((answer) => conclude(answer, asked))
      conclude(isTrusted, asked)
      return undefined
    },
  }
}

/** 29 when nobody can tell which devices are registered, 28 when this one is not, or elsewhere. */
function requireRegistered({ find }: Pick<ServiceContext, 'find'>, { address, operation, deviceName }: Asked): void {
  const callmanager = find('callmanager')
  if (callmanager === undefined) {
    const detail = 'Which devices are registered cannot be told: Cisco CallManager does not run.'
    throw new EmRefusal(29, operation, detail)
  }
  const own = deviceName === undefined ? undefined : callmanager.registration(deviceName)
  const candidates = deviceName === undefined ? callmanager.registrations() : own === undefined ? [] : [own]
  const isRegistered = candidates.some(
    ({ state, ipAddress }) => state === 'registered' && normalizeIpAddress(ipAddress ?? '') === address,
  )
  if (!isRegistered) throw untrusted(operation, address)
}

function untrusted(operation: Operation, address: string): EmRefusal {
  const from = address === '' ? 'It is not known from where the request came' : `Requests may not come from ${address}`
  return new EmRefusal(28, operation, `${from}: it is neither trusted nor the address of the registered device.`)
}

function proxyNotAllowed(operation: Operation): EmRefusal {
  return new EmRefusal(30, operation, `The request came through a proxy and ${allowProxy.name} is False.`)
}
