import type { DirectoryNumber, Line, LineRepository } from '../api.ts'
import { DeviceClass, PatternUsage } from '../references.ts'
import type { Tables } from '../tables.ts'
import type { EffectiveConfigurations } from './effective-configurations.ts'

interface Row {
  readonly pkid: string
  readonly dn: string
  readonly partition: string
  readonly device: string | null
  readonly tkclass: number | null
}

/** Directory numbers: rows of `numplan` with usage Device. */
export class Lines implements LineRepository {
  readonly #tables: Tables
  readonly #effective: EffectiveConfigurations
  constructor(tables: Tables, effective: EffectiveConfigurations) {
    this.#tables = tables
    this.#effective = effective
  }

  list(): readonly DirectoryNumber[] {
    return this.#read('TRUE')
  }

  find(dn: string): readonly DirectoryNumber[] {
    return this.#read('n.dnorpattern = ?', dn)
  }

  effective(deviceName: string): readonly Line[] {
    return this.#effective.lines(deviceName)
  }

  shownOn(dn: string): readonly string[] {
    const rows = this.#tables.all<{ name: string }>(
      `WITH carrier AS (
         SELECT m.fkdevice AS pkid FROM numplan AS n JOIN devicenumplanmap AS m ON m.fknumplan = n.pkid
         WHERE n.dnorpattern = ? AND n.tkpatternusage = ${PatternUsage.device})
       SELECT name FROM device WHERE tkclass = ${DeviceClass.phone} AND pkid IN (
         SELECT pkid FROM carrier
         UNION SELECT e.fkdevice FROM carrier AS c JOIN enduserdevicemap AS x ON x.fkdevice = c.pkid
           JOIN extensionmobilitydynamic AS e ON e.fkenduser = x.fkenduser
         UNION SELECT d.pkid FROM carrier AS c JOIN device AS d ON d.rl_fkdevice_logoutprofile = c.pkid)`,
      dn,
    )
    return rows.map(({ name }) => name)
  }

  #read(condition: string, ...values: string[]): readonly DirectoryNumber[] {
    const rows = this.#tables.all<Row>(
      `SELECT n.pkid, n.dnorpattern AS dn, ifnull(p.name, '') AS partition, d.name AS device, d.tkclass
       FROM numplan AS n
       LEFT JOIN routepartition AS p ON p.pkid = n.fkroutepartition
       LEFT JOIN devicenumplanmap AS m ON m.fknumplan = n.pkid
       LEFT JOIN device AS d ON d.pkid = m.fkdevice
       WHERE n.tkpatternusage = ${PatternUsage.device} AND ${condition} ORDER BY n.dnorpattern, partition, d.name`,
      ...values,
    )
    return [...Map.groupBy(rows, (row) => row.pkid).values()].map(directoryNumber)
  }
}

function directoryNumber(rows: readonly Row[]): DirectoryNumber {
  const { pkid = '', dn = '', partition = '' } = rows[0] ?? {}
  const carriers = (tkclass: number) =>
    rows.flatMap((row) => (row.tkclass === tkclass && row.device ? [row.device] : []))
  return {
    pkid,
    dn,
    partition,
    devices: carriers(DeviceClass.phone),
    deviceProfiles: carriers(DeviceClass.deviceProfile),
  }
}
