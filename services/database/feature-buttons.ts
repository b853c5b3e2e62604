// Buttons beside the lines, of phones and user device profiles: speed dials, BLF speed dials, intercom lines.
import { randomUUID } from 'node:crypto'
import type { DeviceButtons, IntercomLine, SpeedDial } from './api.ts'
import type { References } from './references.ts'
import { frozenList } from './repositories/device-name.ts'
import { grouped, type Tables } from './tables.ts'

type ByDevice<Value> = ReadonlyMap<string, readonly Value[]>
type SpeedDialTable = 'speeddial' | 'blfspeeddial'

/** Of the devices that a condition on `device AS d` selects, by the devices' pkid. */
export class FeatureButtons {
  readonly #tables: Tables
  readonly #references: References
  constructor(tables: Tables, references: References) {
    this.#tables = tables
    this.#references = references
  }

  read(condition: string, ...values: string[]): (device: string) => DeviceButtons {
    const speedDials = this.#speedDials('speeddial', condition, values)
    const blfSpeedDials = this.#speedDials('blfspeeddial', condition, values)
    const intercomLines = this.#intercomLines(condition, values)
    return (device) => ({
      speedDials: speedDials.get(device) ?? frozenList,
      blfSpeedDials: blfSpeedDials.get(device) ?? frozenList,
      intercomLines: intercomLines.get(device) ?? frozenList,
    })
  }

  /** Replaces the lists that are given. An intercom line without a default device gets `defaultDevice`, the current device. */
  replace(device: string, buttons: Partial<DeviceButtons>, where: string, defaultDevice: string): void {
    if (buttons.speedDials) this.#replaceSpeedDials('speeddial', device, buttons.speedDials)
    if (buttons.blfSpeedDials) this.#replaceSpeedDials('blfspeeddial', device, buttons.blfSpeedDials)
    if (!buttons.intercomLines) return
    this.#tables.run('DELETE FROM rl_intercomline WHERE fkdevice = ?', device)
    for (const [order, line] of buttons.intercomLines.entries()) {
      this.#insertIntercomLine(device, order, { ...line, defaultDevice: line.defaultDevice || defaultDevice }, where)
    }
  }

  #speedDials(table: SpeedDialTable, condition: string, values: string[]): ByDevice<SpeedDial> {
    const rows = this.#tables.all<SpeedDial & { device: string }>(
      `SELECT s.fkdevice AS device, s.rl_index AS "index", s.rl_number AS number, s.label
       FROM device AS d JOIN ${table} AS s ON s.fkdevice = d.pkid WHERE ${condition} ORDER BY s.fkdevice, s.rl_index`,
      ...values,
    )
    return grouped(rows, ({ index, number, label }) => Object.freeze({ index, number, label }))
  }

  #intercomLines(condition: string, values: string[]): ByDevice<IntercomLine> {
    const rows = this.#tables.all<IntercomLine & { device: string }>(
      `SELECT i.fkdevice AS device, i.dn, ifnull(p.name, '') AS partition, i.label, i.target,
         ifnull(x.name, '') AS defaultDevice
       FROM device AS d
       JOIN rl_intercomline AS i ON i.fkdevice = d.pkid
       LEFT JOIN routepartition AS p ON p.pkid = i.fkroutepartition
       LEFT JOIN device AS x ON x.pkid = i.fkdevice_default
       WHERE ${condition} ORDER BY i.fkdevice, i.sortorder`,
      ...values,
    )
    return grouped(rows, ({ device: _device, ...line }) => Object.freeze(line))
  }

  #replaceSpeedDials(table: SpeedDialTable, device: string, speedDials: readonly SpeedDial[]): void {
    this.#tables.run(`DELETE FROM ${table} WHERE fkdevice = ?`, device)
    for (const { index, number, label } of speedDials) {
      this.#tables.run(
        `INSERT INTO ${table} (pkid, fkdevice, rl_index, rl_number, label) VALUES (?, ?, ?, ?, ?)`,
        randomUUID(),
        device,
        index,
        number,
        label,
      )
    }
  }

  #insertIntercomLine(device: string, order: number, line: IntercomLine, where: string): void {
    const at = `${where}, intercom line ${line.dn}`
    this.#tables.run(
      `INSERT INTO rl_intercomline (pkid, fkdevice, sortorder, dn, fkroutepartition, label, target, fkdevice_default)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      randomUUID(),
      device,
      order,
      line.dn,
      this.#references.partition(line.partition, at),
      line.label,
      line.target,
      line.defaultDevice === '' ? null : this.#references.phone(line.defaultDevice, at),
    )
  }
}
