// ILS Configuration on disk: one row of ours in the cluster's own file, there once it was changed at run time.
import type { DatabaseSync } from 'node:sqlite'
import type { IlsConfiguration } from './api.ts'

const schema = `
  CREATE TABLE IF NOT EXISTS ils_configuration (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    role TEXT NOT NULL CHECK (role IN ('standalone', 'hub', 'spoke')),
    registration_server TEXT NOT NULL,
    exchange_global_dial_plan INTEGER NOT NULL CHECK (exchange_global_dial_plan IN (0, 1)),
    advertised_route_string TEXT NOT NULL,
    synchronize_clusters_every_minutes INTEGER NOT NULL CHECK (synchronize_clusters_every_minutes BETWEEN 1 AND 1440)
  ) STRICT;`

export interface ConfigurationStore {
  /** Undefined while the configuration file rules. */
  load(): IlsConfiguration | undefined
  /** Inside `database.write`. Undefined: the configuration file rules again. */
  save(configuration: IlsConfiguration | undefined): void
}

interface Row {
  readonly role: IlsConfiguration['role']
  readonly registration_server: string
  readonly exchange_global_dial_plan: number
  readonly advertised_route_string: string
  readonly synchronize_clusters_every_minutes: number
}

/** Makes its table if it is not there. */
export function createConfigurationStore(sql: DatabaseSync): ConfigurationStore {
  sql.exec(schema)
  const find = sql.prepare('SELECT * FROM ils_configuration')
  const set = sql.prepare('INSERT OR REPLACE INTO ils_configuration VALUES (1, ?, ?, ?, ?, ?)')
  const remove = sql.prepare('DELETE FROM ils_configuration')
  return {
    load() {
      const row = find.get() as unknown as Row | undefined
      return (
        row && {
          role: row.role,
          registrationServer: row.registration_server,
          exchangeGlobalDialPlan: row.exchange_global_dial_plan === 1,
          advertisedRouteString: row.advertised_route_string,
          synchronizeClustersEveryMinutes: row.synchronize_clusters_every_minutes,
        }
      )
    },
    save(configuration) {
      if (configuration === undefined) return void remove.run()
      const { role, registrationServer, advertisedRouteString, ...rest } = configuration
      set.run(
        role,
        registrationServer,
        rest.exchangeGlobalDialPlan ? 1 : 0,
        advertisedRouteString,
        rest.synchronizeClustersEveryMinutes,
      )
    },
  }
}
