import { foldName } from '../../database/row-memory.ts'

/** Devices and the address from which each was allowed last: what Extension Mobility Cache Size bounds. */
export interface DeviceCache {
  /** Whether this device was allowed from this address; using it keeps it. */
  holds(deviceName: string, address: string): boolean
  /** The device used longest ago makes room. */
  add(deviceName: string, address: string): void
  clear(): void
  readonly size: number
}

/** `limit` is asked at each addition: the parameter may have changed. */
export function createDeviceCache(limit: () => number): DeviceCache {
  const addresses = new Map<string, string>()

  function put(key: string, address: string): void {
    addresses.delete(key)
    addresses.set(key, address)
  }

  return {
    holds(deviceName, address) {
      const key = foldName(deviceName)
      if (addresses.get(key) !== address) return false
      put(key, address)
      return true
    },
    add(deviceName, address) {
      put(foldName(deviceName), address)
      const most = limit()
      for (const oldest of addresses.keys()) {
        if (addresses.size <= most) break
        addresses.delete(oldest)
      }
    },
    clear: () => addresses.clear(),
    get size() {
      return addresses.size
    },
  }
}
