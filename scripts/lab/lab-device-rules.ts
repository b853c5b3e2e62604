// What phones and profiles of a lab name beside their lines: calling search spaces, users, profiles, numbers on other buttons.
import { isIP } from 'node:net'
import { checkReference, namesOf } from './lab-names.ts'
import type { Names } from './lab-names.ts'
import { checkNumber } from './lab-numbers.ts'
import type { Lab, LabCluster } from './lab.ts'
import type { Path, Report } from './lab-problem.ts'

type Phone = NonNullable<LabCluster['phones']>[number]
type Profile = NonNullable<LabCluster['deviceProfiles']>[number]

/** What can be named in a cluster. */
interface Known {
  readonly spaces: Names
  readonly users: Names
  readonly profiles: Names
  readonly phones: Names
}

/** Reports names that lead nowhere and numbers that nobody could dial. */
export function checkDevices(lab: Lab, cluster: LabCluster, path: Path, report: Report): void {
  const known: Known = {
    spaces: namesOf(cluster.callingSearchSpaces, ({ name }) => name),
    users: namesOf(cluster.users, ({ userId }) => userId),
    profiles: namesOf(cluster.deviceProfiles, ({ name }) => name),
    phones: namesOf(cluster.phones, ({ name }) => name),
  }
  for (const [at, phone] of (cluster.phones ?? []).entries()) {
    const where = [...path, 'phones', at]
    const profile = { path: [...where, 'logoutProfile'], kind: 'device profile' }
    checkReference(phone.logoutProfile, known.profiles, profile, report)
    checkAddress({ ...lab.phoneDefaults, ...phone }, [...where, 'ipAddress'], report)
    const space = { path: [...where, 'aarCallingSearchSpace'], kind: spaceKind }
    checkReference({ ...lab.phoneDefaults, ...phone }.aarCallingSearchSpace, known.spaces, space, report)
    checkCommon({ ...lab.phoneDefaults, ...phone }, known, where, report)
  }
  for (const [at, profile] of (cluster.deviceProfiles ?? []).entries()) {
    const where = [...path, 'deviceProfiles', at]
    checkReference(profile.loginUserId, known.users, { path: [...where, 'loginUserId'], kind: 'user' }, report)
    checkCommon(profile, known, where, report)
  }
  for (const [at, profile] of (cluster.defaultDeviceProfiles ?? []).entries()) {
    const space = { path: [...path, 'defaultDeviceProfiles', at, 'emccCallingSearchSpace'], kind: spaceKind }
    checkReference(profile.emccCallingSearchSpace, known.spaces, space, report)
  }
}

const spaceKind = 'calling search space'

function checkCommon(device: Phone | Profile, known: Known, where: Path, report: Report): void {
  const checkSpace = (name: string | undefined, ...path: Path) =>
    checkReference(name, known.spaces, { path: [...where, ...path], kind: spaceKind }, report)
  checkSpace(device.callingSearchSpace, 'callingSearchSpace')
  checkSpace(device.emccCallingSearchSpace, 'emccCallingSearchSpace')
  for (const [at, line] of (device.lines ?? []).entries()) {
    checkSpace(line.callingSearchSpace, 'lines', at, 'callingSearchSpace')
    checkSpace(line.forwardAllCallingSearchSpace, 'lines', at, 'forwardAllCallingSearchSpace')
    if (line.forwardAll) checkNumber(line.forwardAll, [...where, 'lines', at, 'forwardAll'], report)
  }
  for (const key of ['speedDials', 'blfSpeedDials'] as const) {
    for (const [at, { number }] of (device[key] ?? []).entries()) {
      checkNumber(number, [...where, key, at, 'number'], report)
    }
  }
  for (const [at, intercom] of (device.intercomLines ?? []).entries()) {
    const path = [...where, 'intercomLines', at]
    checkNumber(intercom.dn, [...path, 'dn'], report)
    if (intercom.target) checkNumber(intercom.target, [...path, 'target'], report)
    const phone = { path: [...path, 'defaultDevice'], kind: 'phone' }
    checkReference(intercom.defaultDevice, known.phones, phone, report)
  }
}

const versions = { 'IPv4 Only': [4], 'IPv6 Only': [6], 'IPv4 and IPv6': [4, 6] }

/** A phone speaks from an address of the kind that it has. */
function checkAddress({ ipAddress = '', addressingMode = 'IPv4 Only' }: Phone, path: Path, report: Report): void {
  if (ipAddress === '' || versions[addressingMode].includes(isIP(ipAddress))) return
  report(path, `"${ipAddress}" is no address of a phone whose IP Addressing Mode is ${addressingMode}`)
}
