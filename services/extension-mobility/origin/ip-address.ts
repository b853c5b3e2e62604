import { isIP } from 'node:net'

/**
 * One spelling for each address: IPv6 shortened and in lower case, without zone; an IPv4-mapped IPv6 address is the IPv4 one. Undefined
 * for what is no address.
 */
export function normalizeIpAddress(text: string): string | undefined {
  const [address = ''] = text.trim().split('%')
  switch (isIP(address)) {
    case 4:
      return address
    case 6:
      return unmapped(new URL(`http://[${address}]`).hostname.slice(1, -1))
    default:
      return undefined
  }
}

function unmapped(address: string): string {
  const [, high = '', low = ''] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/u.exec(address) ?? []
  return low === '' ? address : [...bytes(high), ...bytes(low)].join('.')
}

function bytes(word: string): readonly number[] {
  const value = Number.parseInt(word, 16)
  return [value >> 8, value & 0xff]
}
