import { randomUUID } from 'node:crypto'
import { AnswerMode } from '../api.ts'
import type { Device, DeviceChanges, DeviceRepository, NewDevice } from '../api.ts'
import type { ButtonRows } from '../button-rows.ts'
import { DatabaseError } from '../errors.ts'
import { DeviceClass, flag, type References } from '../references.ts'
import { foldName, type RowCache } from '../row-memory.ts'
import type { Tables } from '../tables.ts'
import { deviceDefaults, frozenList, refuseTakenName } from './device-name.ts'

type Row = Omit<Device, 'extensionMobility' | 'lines' | 'phoneServices'> & { allowhotelingflag: 't' | 'f' }

const phones = `d.tkclass = ${DeviceClass.phone}`
const select = `
  SELECT d.pkid, d.name, d.description, ifnull(m.name, '') AS model, d.allowhotelingflag, ifnull(u.userid, '') AS owner,
    ifnull(c.name, '') AS callingSearchSpace, ifnull(p.name, '') AS devicePool, d.rl_answermode AS answerMode
  FROM device AS d
  LEFT JOIN typemodel AS m ON m.enum = d.tkmodel
  LEFT JOIN enduser AS u ON u.pkid = d.fkenduser
  LEFT JOIN callingsearchspace AS c ON c.pkid = d.fkcallingsearchspace
  LEFT JOIN devicepool AS p ON p.pkid = d.fkdevicepool`

/** Phones: rows of `device` with class 1, and their rows of `extensionmobilitydynamic`. */
export class Devices implements DeviceRepository {
  readonly #tables: Tables
  readonly #references: References
  readonly #buttons: ButtonRows
  readonly #now: () => number
  readonly #found: RowCache<Device>

  constructor(tables: Tables, references: References, buttons: ButtonRows, now: () => number) {
    this.#tables = tables
    this.#references = references
    this.#buttons = buttons
    this.#now = now
    this.#found = tables.memory.cache()
  }

  find(name: string): Device | undefined {
    const key = foldName(name)
    const known = this.#found.get(key)
    if (known) return known
    const [device] = this.#read(`d.name = ? AND ${phones}`, name)
    if (device) this.#found.set(key, device)
    return device
  }

  list(): readonly Device[] {
    return this.#read(phones)
  }

  insert(device: NewDevice): Device {
    return this.#tables.change(`device ${device.name}`, () => {
      refuseTakenName(this.#tables, device.name)
      const pkid = randomUUID()
      this.#tables.run(
        'INSERT INTO device (pkid, name, tkclass) VALUES (?, ?, ?)',
        pkid,
        device.name,
        DeviceClass.phone,
      )
      this.#fill(pkid, { ...deviceDefaults, ...initial, ...device })
      return this.#existing(device.name)
    })
  }

  update(name: string, changes: DeviceChanges): Device {
    return this.#tables.change(`device ${name}`, () => {
      const { lines: _lines, phoneServices: _services, ...current } = this.#existing(name)
      this.#fill(current.pkid, { ...current, ...changes })
      return this.#existing(name)
    })
  }

  remove(name: string): boolean {
    return this.#tables.change(`device ${name}`, () => {
      const device = this.find(name)
      if (!device) return false
      const numbers = this.#buttons.removeLines(device.pkid)
      this.#tables.run('DELETE FROM device WHERE pkid = ?', device.pkid)
      this.#buttons.removeOrphans(numbers)
      return true
    })
  }

  #fill(pkid: string, device: Omit<Device, 'pkid' | 'lines' | 'phoneServices'> & DeviceChanges): void {
    const where = `device ${device.name}`
    this.#tables.run(
      `UPDATE device SET description = ?, tkmodel = ?, fkdevicepool = ?, fkcallingsearchspace = ?, fkenduser = ?,
         allowhotelingflag = ?, rl_answermode = ? WHERE pkid = ?`,
      device.description,
      this.#references.model(device.model),
      this.#references.devicePool(device.devicePool),
      this.#references.callingSearchSpace(device.callingSearchSpace, where),
      this.#references.owner(device.owner, where),
      flag(device.extensionMobility),
      device.answerMode,
      pkid,
    )
    this.#enableExtensionMobility(pkid, device.extensionMobility)
    if (device.lines) this.#buttons.replaceLines(pkid, device.lines, where)
    if (device.phoneServices) this.#buttons.replaceServices(pkid, device.phoneServices, where)
  }

  /** A phone without Extension Mobility has no row, and so nobody logged in. */
  #enableExtensionMobility(pkid: string, enabled: boolean): void {
    if (!enabled) {
      this.#tables.run('DELETE FROM extensionmobilitydynamic WHERE fkdevice = ?', pkid)
      return
    }
    this.#tables.run(
      `INSERT INTO extensionmobilitydynamic (pkid, fkdevice, datetimestamp) VALUES (?1, ?1, ?2)
       ON CONFLICT (pkid) DO NOTHING`,
      pkid,
      Math.floor(this.#now() / 1000),
    )
  }

  #existing(name: string): Device {
    const device = this.find(name)
    if (!device) throw new DatabaseError('DATABASE_NOT_FOUND', `There is no device ${JSON.stringify(name)}`)
    return device
  }

  #read(condition: string, ...values: string[]): readonly Device[] {
    const lines = this.#buttons.lines(condition, ...values)
    const services = this.#buttons.services(condition, ...values)
    const rows = this.#tables.all<Row>(`${select} WHERE ${condition} ORDER BY d.name`, ...values)
    return rows.map(({ allowhotelingflag, ...row }) =>
      Object.freeze({
        ...row,
        extensionMobility: allowhotelingflag === 't',
        phoneServices: services.get(row.pkid) ?? frozenList,
        lines: lines.get(row.pkid) ?? frozenList,
      }),
    )
  }
}

const initial = {
  extensionMobility: false,
  owner: '',
  devicePool: 'Default',
  answerMode: AnswerMode.immediately,
} as const
