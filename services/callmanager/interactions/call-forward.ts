// Call Forward All and its calling search space (Feature Configuration Guide, Extension Mobility interactions). The destination
// belongs to the number, so it holds on every phone and profile that shows the number, and while none does.
import type { ClusterDatabase, Line, NewLine } from '../../database/api.ts'
import { cfaCssActivationPolicy, serviceParameterValue } from '../../database/service-parameters.ts'
import { Problem } from '../../problem.ts'
import { searchOrder } from '../digit-analysis/digit-analysis.ts'
import type { RegisteredPhone } from '../phones.ts'
import type { Route } from '../routing.ts'
import type { Diversion } from './diversion.ts'
import type { PhoneFinder, PresentPhone } from './present-phone.ts'
import { dialledDestination, lineAt } from './present-phone.ts'

/**
 * Which line's and device's calling search spaces were in force when somebody pressed the button. They count, under the policy With
 * Activating Device/Line CSS, for as long as the number is forwarded to what was entered then.
 */
const schema = `
  CREATE TABLE IF NOT EXISTS rl_callforwardactivation (
    dn TEXT NOT NULL, partition TEXT NOT NULL, destination TEXT NOT NULL, linespace TEXT NOT NULL, devicespace TEXT NOT NULL,
    PRIMARY KEY (dn, partition)
  ) STRICT, WITHOUT ROWID;`

interface Activation {
  readonly destination: string
  readonly linespace: string
  readonly devicespace: string
}

export interface CallForwardOptions {
  readonly database: ClusterDatabase
  readonly finder: PhoneFinder
}

/** Sets Call Forward All from phones, and says where a number is forwarded to. */
export class CallForward {
  readonly #options: CallForwardOptions
  readonly #statements

  constructor(options: CallForwardOptions) {
    this.#options = options
    const { sql } = options.database
    sql.exec(schema)
    this.#statements = {
      find: sql.prepare(
        'SELECT destination, linespace, devicespace FROM rl_callforwardactivation WHERE dn = ? AND partition = ?',
      ),
      put: sql.prepare('INSERT OR REPLACE INTO rl_callforwardactivation VALUES (?, ?, ?, ?, ?)'),
      drop: sql.prepare('DELETE FROM rl_callforwardactivation WHERE dn = ? AND partition = ?'),
    }
  }

  /**
   * Somebody presses CFwdAll and enters a number or a directory URI. Rejects with Problem: 404 no such phone or line, 409 not registered, 422 digits that
   * cannot be dialled, or the line's own number.
   */
  async set(deviceName: string, lineIndex: number, given: string): Promise<Line> {
    const destination = dialledDestination('destination', given)
    return await this.#options.database.write(() => {
      const present = this.#options.finder.present(deviceName)
      const line = lineAt(present, lineIndex)
      if (destination === line.dn) {
        throw new Problem({
          status: 422,
          title: 'Forwards to itself',
          detail: `The line ${line.dn} cannot be forwarded to itself.`,
        })
      }
      this.#store(present, line, destination)
      const { callingSearchSpace } = present.shown
      this.#statements.put.run(line.dn, line.partition, destination, line.callingSearchSpace, callingSearchSpace)
      return { ...line, forwardAll: destination }
    })
  }

  /** Somebody presses CFwdAll again; nothing happens when it is off. Rejects with Problem: 404, 409. */
  async clear(deviceName: string, lineIndex: number): Promise<void> {
    await this.#options.database.write(() => {
      const present = this.#options.finder.present(deviceName)
      const line = lineAt(present, lineIndex)
      if (line.forwardAll !== '') this.#store(present, line, '')
      this.#statements.drop.run(line.dn, line.partition)
    })
  }

  /** Where calls to this number go instead of to these phones; undefined where they do not. Without a partition, any number of these digits counts. */
  of(dn: string, { phones, partition }: Route & { kind: 'phones' }): Diversion | undefined {
    const line = this.#shownLine(dn, phones) ?? this.#carriedLine(dn, partition)
    if (line === undefined || line.forwardAll === '') return undefined
    const [lineSpace, deviceSpace] = this.#spaces(line)
    const spaces = this.#options.database.dialPlan.callingSearchSpaces()
    return { destination: line.forwardAll, ranks: searchOrder(spaces, lineSpace, deviceSpace), why: 'forwarded to' }
  }

  /** "With Configured CSS" is the default; what was never activated from a phone has no other. */
  #spaces({ dn, partition, forwardAll, forwardAllCallingSearchSpace }: Line): readonly [line: string, device: string] {
    const policy = serviceParameterValue(this.#options.database.serviceParameters, cfaCssActivationPolicy)
    if (policy === 'With Configured CSS') return [forwardAllCallingSearchSpace, '']
    const activation = this.#statements.find.get(dn, partition) as unknown as Activation | undefined
    if (activation?.destination !== forwardAll) return [forwardAllCallingSearchSpace, '']
    return [activation.linespace, activation.devicespace]
  }

  /** Any appearance of the number tells, for what is asked for belongs to the number; one that a phone shows is remembered. */
  #shownLine(dn: string, [phone]: readonly RegisteredPhone[]): Line | undefined {
    if (phone === undefined) return undefined
    const shown = phone.lines.find((line) => line.dn === dn)
    // What the phone registered with may be older than the last press of a button.
    const current = this.#options.database.lines.effective(phone.deviceName)
    return current.find((line) => line.dn === dn && line.partition === shown?.partition)
  }

  /** Of a number that no phone shows. */
  #carriedLine(dn: string, partition: string | undefined): Line | undefined {
    const { lines, devices, deviceProfiles } = this.#options.database
    for (const number of lines.find(dn)) {
      if (partition !== undefined && number.partition !== partition) continue
      const [device] = number.devices
      const [profile] = number.deviceProfiles
      const carrier =
        device === undefined
          ? deviceProfiles.find(profile ?? '')
          : (devices.find(device) ?? deviceProfiles.find(profile ?? ''))
      const line = carrier?.lines.find((one) => one.dn === dn && one.partition === number.partition)
      if (line !== undefined) return line
    }
    return undefined
  }

  /** Inside a write. The profile in force carries the line; a phone's own line is the phone's. */
  #store({ shown }: PresentPhone, { dn, partition }: Line, forwardAll: string): void {
    const { devices, deviceProfiles } = this.#options.database
    const changed = (lines: readonly Line[]): readonly NewLine[] =>
      lines.map((line) => (line.dn === dn && line.partition === partition ? { ...line, forwardAll } : line))
    const profile = deviceProfiles.find(shown.deviceProfile)
    if (profile?.lines.some((line) => line.dn === dn && line.partition === partition)) {
      deviceProfiles.update(profile.name, { lines: changed(profile.lines) })
    } else devices.update(shown.deviceName, { lines: changed(devices.find(shown.deviceName)?.lines ?? []) })
  }
}
