// Assistant (Feature Configuration Guide, Extension Mobility interactions): a manager logs in, chooses the phone service and has the
// features of Unified CM Assistant. Of these there are call filtering and Do Not Disturb; the rest of that product is not here.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ClusterDatabase, EffectiveConfiguration, Line } from '../../database/api.ts'
import { Problem } from '../../problem.ts'
import type { LiveCall } from '../call.ts'
import { searchOrder } from '../digit-analysis/digit-analysis.ts'
import type { RegisteredPhone } from '../phones.ts'
import type { Alerting } from '../ringing.ts'
import type { Diversion } from './diversion.ts'
import type { PhoneFinder } from './present-phone.ts'
import { conflict, dialledNumber } from './present-phone.ts'

/** The phone service that a manager chooses. */
export const assistantService = 'Cisco IP Manager Assistant'

/** Of the manager's line, which is the first one of the phone. */
export interface AssistantState {
  /** Number of the assistant; empty = none. */
  readonly assistant: string
  /** Calls go to the assistant. */
  readonly callFiltering: boolean
  /** Calls do not ring at the manager's phone. */
  readonly doNotDisturb: boolean
}

const schema = `
  CREATE TABLE IF NOT EXISTS rl_assistant (
    dn TEXT NOT NULL, partition TEXT NOT NULL, assistant TEXT NOT NULL,
    callfiltering TEXT NOT NULL CHECK (callfiltering IN ('t', 'f')),
    donotdisturb TEXT NOT NULL CHECK (donotdisturb IN ('t', 'f')),
    PRIMARY KEY (dn, partition)
  ) STRICT, WITHOUT ROWID;`

const off: AssistantState = Object.freeze({ assistant: '', callFiltering: false, doNotDisturb: false })

/** What managers set, by the number of their line. */
class AssistantTable {
  readonly #find: StatementSync
  readonly #put: StatementSync

  constructor(sql: DatabaseSync) {
    sql.exec(schema)
    this.#find = sql.prepare(
      'SELECT assistant, callfiltering, donotdisturb FROM rl_assistant WHERE dn = ? AND partition = ?',
    )
    this.#put = sql.prepare('INSERT OR REPLACE INTO rl_assistant VALUES (?, ?, ?, ?, ?)')
  }

  find({ dn, partition }: Pick<Line, 'dn' | 'partition'>): AssistantState | undefined {
    const row = this.#find.get(dn, partition)
    if (row === undefined) return undefined
    const { assistant, callfiltering, donotdisturb } = row
    return { assistant: String(assistant), callFiltering: callfiltering === 't', doNotDisturb: donotdisturb === 't' }
  }

  put({ dn, partition }: Pick<Line, 'dn' | 'partition'>, state: AssistantState): void {
    this.#put.run(dn, partition, state.assistant, state.callFiltering ? 't' : 'f', state.doNotDisturb ? 't' : 'f')
  }
}

export interface AssistantsOptions {
  readonly database: Pick<ClusterDatabase, 'write' | 'sql' | 'devices' | 'dialPlan'>
  readonly finder: PhoneFinder
}

/** All managers of the cluster. A setting counts while the service is on the buttons of the phone that shows the line. */
export class Assistants {
  readonly #options: AssistantsOptions
  readonly #table: AssistantTable

  constructor(options: AssistantsOptions) {
    this.#options = options
    this.#table = new AssistantTable(options.database.sql)
  }

  /** Undefined where the service is not on the phone's buttons. */
  stateOn(shown: EffectiveConfiguration): AssistantState | undefined {
    const [line] = shown.lines
    if (line === undefined || !hasService(shown)) return undefined
    return this.#table.find(line) ?? off
  }

  /**
   * The manager uses the service. Rejects with Problem: 404 unknown phone, 409 not registered or without the service, 422 an assistant
   * who cannot be called, or filtering without an assistant.
   */
  async set(deviceName: string, changes: Partial<AssistantState>): Promise<AssistantState> {
    const { database, finder } = this.#options
    return await database.write(() => {
      const { shown } = finder.present(deviceName)
      const [line] = shown.lines
      const before = this.stateOn(shown)
      if (line === undefined || before === undefined) throw withoutService(shown.deviceName)
      const { assistant } = changes
      const number = assistant === undefined || assistant === '' ? assistant : dialledNumber('assistant', assistant)
      const state = { ...before, ...changes, ...(number !== undefined && { assistant: number }) }
      refuseImpossible(line, state)
      this.#table.put(line, state)
      return state
    })
  }

  /** Filtered calls go to the assistant, who may call the manager all the same. */
  diversionOf(call: LiveCall, phones: readonly RegisteredPhone[]): Diversion | undefined {
    const { database } = this.#options
    for (const { deviceName, lines } of phones) {
      const line = lines.find(({ dn }) => dn === call.to.dn)
      const state = line === undefined ? undefined : this.#table.find(line)
      if (line === undefined || !state?.callFiltering || state.assistant === call.from.dn) continue
      const shown = database.devices.effective(deviceName)
      if (shown === undefined || !this.#isManagersLine(shown, line)) continue
      const spaces = database.dialPlan.callingSearchSpaces()
      const ranks = searchOrder(spaces, line.callingSearchSpace, shown.callingSearchSpace)
      return { destination: state.assistant, ranks, why: 'filtered, sent to the assistant' }
    }
    return undefined
  }

  /** Undefined where the Assistant has nothing to say. */
  alerting({ deviceName, lines }: RegisteredPhone, dn: string): Alerting | undefined {
    const line = lines.find((one) => one.dn === dn)
    if (line === undefined || this.#table.find(line)?.doNotDisturb !== true) return undefined
    const shown = this.#options.database.devices.effective(deviceName)
    if (shown === undefined || !this.#isManagersLine(shown, line)) return undefined
    return { kind: 'silent', how: 'do not disturb of the Assistant' }
  }

  #isManagersLine(shown: EffectiveConfiguration, { dn, partition }: Line): boolean {
    const [first] = shown.lines
    return first?.dn === dn && first.partition === partition && hasService(shown)
  }
}

function hasService({ phoneServices }: EffectiveConfiguration): boolean {
  return phoneServices.some(({ name }) => name === assistantService)
}

function refuseImpossible({ dn }: Line, { assistant, callFiltering }: AssistantState): void {
  const title = 'Assistant not possible'
  if (assistant === dn) throw new Problem({ status: 422, title, detail: `${dn} is the manager’s own line.` })
  if (callFiltering && assistant === '') {
    throw new Problem({ status: 422, title, detail: 'Call filtering needs the number of an assistant.' })
  }
}

function withoutService(deviceName: string): Problem {
  const detail = `${assistantService} is not among the services of ${deviceName}: subscribe the manager’s device profile to it.`
  return conflict('Service not on the phone', detail)
}
