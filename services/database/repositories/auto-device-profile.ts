import type { Device, ServiceParameterRepository } from '../api.ts'
import { deviceSettingDefaults, settingsIn } from '../device-settings.ts'
import { isOn, synchronizeAutoDeviceProfile } from '../service-parameters.ts'
import type { Appearance } from '../effective-configuration.ts'
import type { RowCache } from '../row-memory.ts'
import type { Tables } from '../tables.ts'
import type { VersionStamps } from '../version-stamps.ts'

interface Row {
  readonly configuration: string
  readonly inforce: 't' | 'f'
}
interface Kept {
  /** Lines are not part of it: those are always the phone's own. */
  readonly profile: Appearance
  readonly inForce: boolean
}

export interface AutoDeviceProfileParts {
  readonly tables: Tables
  readonly stamps: VersionStamps
  readonly serviceParameters: ServiceParameterRepository
}

/**
 * The auto device profile of a phone is what it returns to when a user logs out. While it is synchronised it equals the phone and is
 * stored nowhere; the first change that it does not follow writes it down as the phone was (`rl_autodeviceprofile`).
 */
export class AutoDeviceProfiles {
  readonly #parts: AutoDeviceProfileParts
  /** By the phone's pkid; null: known to be synchronised. */
  readonly #kept: RowCache<Kept | null>

  constructor(parts: AutoDeviceProfileParts) {
    this.#parts = parts
    this.#kept = parts.tables.memory.cache()
  }

  /** Undefined while the phone shows its own configuration. */
  inForce(device: string): Appearance | undefined {
    const kept = this.#read(device)
    return kept?.inForce ? kept.profile : undefined
  }

  /** Inside a change of the phone, before it. */
  keep(device: Device): void {
    if (this.#synchronizes) return
    const text =
      'INSERT INTO rl_autodeviceprofile (fkdevice, configuration) VALUES (?, ?) ON CONFLICT (fkdevice) DO NOTHING'
    this.#parts.tables.run(text, device.pkid, JSON.stringify(profileOf(device)))
  }

  /** Somebody logged out of the phone: from now on it shows its auto device profile. In the hot path. */
  returned(device: string): void {
    const kept = this.#read(device)
    if (kept === null || kept.inForce) return
    this.#parts.tables.run(`UPDATE rl_autodeviceprofile SET inforce = 't' WHERE fkdevice = ?`, device)
    this.#kept.change(device, { ...kept, inForce: true })
  }

  /** Inside a change of service parameters: where synchronisation is on, all profiles equal their phones again. */
  parametersChanged(): void {
    const { tables, stamps } = this.#parts
    if (!this.#synchronizes) return
    stamps.renewSelected(`SELECT fkdevice AS pkid FROM rl_autodeviceprofile WHERE inforce = 't'`)
    tables.run('DELETE FROM rl_autodeviceprofile')
  }

  get #synchronizes(): boolean {
    return isOn(this.#parts.serviceParameters, synchronizeAutoDeviceProfile)
  }

  #read(device: string): Kept | null {
    const known = this.#kept.get(device)
    if (known !== undefined) return known
    const text = 'SELECT configuration, inforce FROM rl_autodeviceprofile WHERE fkdevice = ?'
    const row = this.#parts.tables.one<Row>(text, device)
    const kept = row ? keptOf(row) : null
    this.#kept.set(device, kept)
    return kept
  }
}

/** A setting that did not exist yet when the profile was kept is at its default. */
function keptOf({ configuration, inforce }: Row): Kept {
  const profile = { ...deviceSettingDefaults, ...(JSON.parse(configuration) as Appearance) }
  return { profile: Object.freeze(profile), inForce: inforce === 't' }
}

function profileOf(device: Device): Appearance {
  const { speedDials, blfSpeedDials, intercomLines, phoneServices } = device
  return { ...settingsIn(device), speedDials, blfSpeedDials, intercomLines, phoneServices }
}
