// A crowd of users, each with a phone and a device profile, written straight into a new cluster's database: nobody there has a PIN, so
// nothing has to be hashed, and ten thousand are there in seconds.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { openClusterDatabase } from '../../services/database/index.ts'

/** One user and the phone that is meant for them. */
export interface Seat {
  readonly userId: string
  readonly deviceName: string
}

/** `user7` at `SEP000000A00007`, from 0. */
export function seats(count: number): readonly Seat[] {
  return Array.from({ length: count }, (_, index) => ({
    userId: `user${index}`,
    deviceName: `SEP000000A${String(index).padStart(5, '0')}`,
  }))
}

/** Makes the database of a cluster that has not started yet. `groups` of every user; lines are numbered from 3000000. */
export async function seatCrowd(
  dataDirectory: string,
  crowd: readonly Seat[],
  groups: readonly string[] = [],
): Promise<void> {
  await mkdir(dataDirectory, { recursive: true })
  const database = openClusterDatabase({
    path: join(dataDirectory, 'cluster.sqlite'),
    clock: Date,
    log: pino({ level: 'silent' }),
  })
  try {
    await database.write(() => {
      for (const [index, { userId, deviceName }] of crowd.entries()) {
        const deviceProfile = `${userId}-profile`
        database.deviceProfiles.insert({ name: deviceProfile, lines: [{ dn: String(3_000_000 + index) }] })
        database.devices.insert({
          name: deviceName,
          extensionMobility: true,
          lines: [{ dn: String(4_000_000 + index) }],
        })
        database.endUsers.insert({ userId, lastName: userId, deviceProfiles: [deviceProfile], groups })
      }
    })
  } finally {
    database.close()
  }
}
