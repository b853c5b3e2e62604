import type { Device } from '../database/api.ts'

/** The address from which a simulated phone speaks: its own, else the loopback of its IP addressing mode (IPv4 where it has both). */
export function phoneAddress({ ipAddress, addressingMode }: Pick<Device, 'ipAddress' | 'addressingMode'>): string {
  if (ipAddress !== '') return ipAddress
  return addressingMode === 'IPv6 Only' ? '::1' : '127.0.0.1'
}
