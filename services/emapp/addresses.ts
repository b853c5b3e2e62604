// Addresses that EMApp hands out (URLs are case-sensitive: Feature Configuration Guide, Extension Mobility phone service URL).
import { phoneXmlLimits } from '../wire/phone-xml/index.ts'
import { serializeForm } from '../wire/form.ts'
import type { PhoneRequest } from './api.ts'

/** Where phones find EMApp. */
export const emAppPath = '/emapp/EMAppServlet'
const changeCredentialPath = '/changecredential/ChangeCredentialServlet'

/**
 * This phone's way back to EMApp: device, loginType and EMCC as it came, and `more`. Undefined when it is longer than a phone takes.
 */
export function wayBack(
  { base, fields }: PhoneRequest,
  more: Readonly<Record<string, string>> = {},
): string | undefined {
  const repeated = ['device', 'loginType', 'EMCC'].flatMap((name) => {
    const value = fields.get(name) ?? ''
    return value === '' || (name === 'EMCC' && !/^(?:true|false)$/iu.test(value)) ? [] : [[name, value] as const]
  })
  return ifShort(`${base}${emAppPath}?${serializeForm([...repeated, ...Object.entries(more)])}`)
}

/** Where a PIN is changed, with the user's ID filled in if there is room. Undefined when it is longer than a phone takes. */
export function changeCredentialAddress({ base, fields }: PhoneRequest, userId = ''): string | undefined {
  const address = `${base}${changeCredentialPath}?${serializeForm([['device', fields.get('device') ?? '']])}`
  const filledIn = userId === '' ? undefined : ifShort(`${address}&${serializeForm([['userid', userId]])}`)
  return filledIn ?? ifShort(address)
}

function ifShort(url: string): string | undefined {
  return [...url].length <= phoneXmlLimits.url ? url : undefined
}
