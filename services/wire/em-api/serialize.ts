// Results → the answers of the EM API, laid out as published: one element per line, "\n", no indentation. Clients count on it: one
// reads line by line, one cuts `</deviceName>` and exactly one more character off, one reads the children of `device` by position.
import { escapeXml } from '../xml-text.ts'
import type { CheckedUser, DeviceUserResult, UserDevicesResult, UserProfilesResult } from './messages.ts'

/** What a login and a logout are answered with when they were carried out. */
export function serializeSuccess(): string {
  return done
}

/**
 * What anything is answered with that was refused. `text` is free, but for one word: a client takes any answer for a success that
 * holds this word, so it is taken out of `text` in whatever case.
 */
export function serializeFailure(code: number, text: string): string {
  const harmless = escapeXml(text.replaceAll(/success/giu, '…'))
  return response(`<failure>\n<error code="${code}">${harmless}</error>\n</failure>`)
}

/** deviceUserQuery. The order in a device is fixed: who is logged in, who was before, whether it is an EMCC device. */
export function serializeDeviceUsers(devices: readonly DeviceUserResult[]): string {
  return results('deviceUserResults', devices.map(deviceRow))
}

/** userDevicesQuery. */
export function serializeUserDevices(users: readonly UserDevicesResult[]): string {
  return results(
    'userDevicesResults',
    users.map(({ userId, exists, deviceNames }) => userRow(userId, exists, deviceNames.map(deviceNameRow))),
  )
}

/** deviceProfileQuery. */
export function serializeDeviceProfiles(users: readonly UserProfilesResult[]): string {
  return results(
    'deviceProfileResults',
    users.map(({ userId, exists, deviceProfiles }) => userRow(userId, exists, deviceProfiles.map(profileRow))),
  )
}

/** checkUser. */
export function serializeCheckedUsers(users: readonly CheckedUser[]): string {
  return results(
    'checkUserResults',
    users.map(({ userId, exists }) => userRow(userId, exists, [`<exists>${encodeUserId(userId)}</exists>`])),
  )
}

function deviceRow({ deviceName, exists, userId, lastUserId, emccDevice = false }: DeviceUserResult): string {
  const rows = exists
    ? [
        userId === undefined ? '<none/>' : `<userID>${encodeUserId(userId)}</userID>`,
        lastUserId === undefined ? '<none/>' : `<lastlogin>${encodeUserId(lastUserId)}</lastlogin>`,
        `<emccDevice>${emccDevice ? 'yes' : 'no'}</emccDevice>`,
      ]
    : ['<doesNotExist/>']
  return `<device name="${escapeXml(deviceName)}">\n${rows.join('\n')}\n</device>`
}

function userRow(userId: string, exists: boolean, rows: readonly string[]): string {
  const content = exists ? rows.join('\n') || '<none/>' : '<doesNotExist/>'
  return `<user id="${encodeUserId(userId)}">\n${content}\n</user>`
}

function deviceNameRow(name: string): string {
  return `<deviceName>${escapeXml(name)}</deviceName>`
}

function profileRow({ name, isDefault }: UserProfilesResult['deviceProfiles'][number]): string {
  return [
    '<deviceProfile>',
    `<deviceProfileName>${escapeXml(name)}</deviceProfileName>`,
    `<isDefaultDeviceProfile>${isDefault ? 't' : 'f'}</isDefaultDeviceProfile>`,
    '</deviceProfile>',
  ].join('\n')
}

function results(name: string, rows: readonly string[]): string {
  return response([`<${name}>`, ...rows, `</${name}>`].join('\n'))
}

function response(content: string): string {
  return `<?xml version="1.0"?>\n<response>\n${content}\n</response>\n`
}

const done = response('<success/>')

/** As forms encode (`@` → `%40`, blank → `+`): published for `@`, the rest is what a Java servlet would do. The result is ASCII. */
function encodeUserId(userId: string): string {
  if (/^[\w.*-]*$/.test(userId)) return userId
  return encodeURIComponent(userId.toWellFormed())
    .replaceAll(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}
