// What the phone itself must be like.
import type { ClusterDatabase, Device } from '../../database/api.ts'
import { isPhysicalPhone } from '../../database/phone-models.ts'
import { RequestDoor } from '../api.ts'
import type { LoginRequest } from '../api.ts'
import { isBlank } from '../names.ts'
import { EmRefusal } from '../../refusals.ts'
import type { Operation } from '../../refusals.ts'

type Tables = Pick<ClusterDatabase, 'devices'>

/** 207 for a blank device name. */
export function requireDeviceName(deviceName: string, operation: Operation): void {
  if (isBlank(deviceName)) throw new EmRefusal(207, operation, 'The device name is empty: check the phone service URL.')
}

/** 11 for a phone that is not in the device table. */
export function findDevice({ devices }: Tables, deviceName: string, operation: Operation): Device {
  const device = devices.find(deviceName)
  if (device === undefined) throw new EmRefusal(11, operation, `There is no phone ${deviceName} in this cluster.`)
  return device
}

/** A phone on which users log in. 11; 5 (submitted on the phone) or 22 while Extension Mobility is not enabled; 22 where it cannot be. */
export function requireLoginDevice(tables: Tables, { deviceName, origin }: LoginRequest): Device {
  const device = findDevice(tables, deviceName, 'login')
  const { name, model } = device
  if (!device.extensionMobility) {
    const code = origin?.door === RequestDoor.phone ? 5 : 22
    throw new EmRefusal(code, 'login', `Extension Mobility is not enabled on ${name}.`)
  }
  if (device.protectedDevice) {
    throw new EmRefusal(22, 'login', `Extension Mobility is disabled on protected devices, and ${name} is one.`)
  }
  if (!isPhysicalPhone(model)) {
    const detail = `Extension Mobility needs a physical Cisco Unified IP Phone, and ${name} is a ${model}.`
    throw new EmRefusal(22, 'login', detail)
  }
  return device
}

/** 20 for a logout of a phone on which Extension Mobility is not enabled. */
export function requireLogoutDevice(tables: Tables, deviceName: string): Device {
  const device = findDevice(tables, deviceName, 'logout')
  if (device.extensionMobility) return device
  throw new EmRefusal(20, 'logout', `Extension Mobility is not enabled on ${device.name}.`)
}
