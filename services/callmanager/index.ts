import { Type } from 'typebox'
import type { Static } from 'typebox'
import type { ClusterDatabase } from '../database/api.ts'
import type { Door, RunningService, Service, ServiceApp, ServiceContext } from '../service.ts'
import type { CallParty, Cause } from './api.ts'
import type { LiveCall } from './call.ts'
import { CallControl } from './call-control.ts'
import type { CallProcessing } from './call-processing.ts'
import { CallerFinder } from './caller.ts'
import { Calls } from './calls.ts'
import { Destinations } from './destinations.ts'
import { createDialPlan } from './dial-plan.ts'
import { registerHoldRoutes } from './interactions/hold-routes.ts'
import { createInteractions } from './interactions/interactions.ts'
import { registerPhoneRoutes } from './interactions/routes.ts'
import { LineOccupancy } from './line-occupancy.ts'
import { Locations } from './locations.ts'
import { createCallManagerMetrics } from './metrics.ts'
import { Phones } from './phones.ts'
import { registerCallRoutes, registerLocationRoutes } from './routes.ts'
import { Routing } from './routing.ts'
import { InterclusterTrunk } from './trunk/intercluster-trunk.ts'
import { registerTrunkRoutes } from './trunk/routes.ts'

const milliseconds = (description: string, limits: { default: number; minimum: number; maximum: number }) =>
  Type.Integer({ ...limits, description: `${description}, milliseconds` })

const Config = Type.Object(
  {
    phoneRestartMs: milliseconds('How long a phone takes to register again', {
      default: 0,
      minimum: 0,
      maximum: 120_000,
    }),
    noAnswerTimeoutMs: milliseconds('How long a phone rings', { default: 12_000, minimum: 10, maximum: 300_000 }),
    supervisionIntervalMs: milliseconds('How often clusters with a call between them show that they live', {
      default: 1000,
      minimum: 20,
      maximum: 60_000,
    }),
    trunkTimeoutMs: milliseconds('Longest wait for another cluster to connect or answer', {
      default: 2000,
      minimum: 50,
      maximum: 60_000,
    }),
  },
  { additionalProperties: false },
)
type Config = Static<typeof Config>

/** Cisco CallManager: phones, digit analysis, calls, intercluster trunks. */
export const callmanager: Service<'callmanager', typeof Config> = {
  name: 'callmanager',
  title: 'Cisco CallManager',
  kind: 'feature',
  dependsOn: ['database'],
  configSchema: Config,
  routes: registerRoutes,
  start,
}

function registerRoutes(app: ServiceApp, door: Door<CallProcessing>): void {
  registerCallRoutes(app, door)
  registerLocationRoutes(app, door)
  registerHoldRoutes(app, door)
  registerPhoneRoutes(app, door)
  registerTrunkRoutes(app, door)
}

async function start(context: ServiceContext, config: Config): Promise<RunningService<CallProcessing>> {
  const database = context.use('database')
  const { phones, control, trunk, metrics, interactions, ...parts } = wire(context, config, database)
  const configurationChanged = (deviceNames?: readonly string[]): void => {
    parts.dialPlan.changed()
    interactions.configurationChanged()
    phones.configurationChanged(deviceNames)
  }
  const stopListening = database.onRollback(() => configurationChanged())
  phones.start()
  let stopping: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    stopListening()
    control.stop()
    phones.stop()
    interactions.stop()
    metrics.stop()
    await trunk.stop()
  }
  return {
    api: {
      restartDevice: (deviceName, reason) => phones.restart(deviceName, reason),
      configurationChanged,
      registration: (deviceName) => phones.registration(deviceName),
      registrations: () => phones.registrations(),
      control,
      calls: parts.calls,
      interactions,
      locations: parts.locations,
      beats: trunk.beats,
    },
    stop: () => (stopping ??= stop()),
  }
}

/** Puts the parts together; each knows only what it is given. */
function wire(context: ServiceContext, config: Config, database: ClusterDatabase) {
  const { clusterId, clock, events, log, identity } = context
  const party = (deviceName: string, dn: string): CallParty => partyOn(database, { cluster: clusterId, deviceName, dn })
  const ils = () => context.find('ils')
  const dialPlan = createDialPlan(database, clock, log)
  const digitAnalysis = () => dialPlan.current()
  const metrics = createCallManagerMetrics(context.metrics, {
    registeredPhones: () => phones.registeredCount,
    activeCalls: () => calls.activeCount,
  })
  const onCompleted = (call: LiveCall, cause: Cause): void => {
    metrics.callCompleted(cause)
    interactions.callBacks.callEnded(call)
  }
  const calls = new Calls({ clusterId, clock, events, onCompleted })
  const occupancy = new LineOccupancy()
  const onLeaving = (deviceName: string): void => control.releasePhone(deviceName)
  const phones = new Phones({ database, events, clock, log, restartMs: config.phoneRestartMs, onLeaving })
  const sipRoutes = () => dialPlan.sipRoutes()
  const destinations = new Destinations({ database, ils, digitAnalysis, sipRoutes })
  const routing = new Routing({ clusterId, database, phones, ils, destinations, digitAnalysis, sipRoutes })
  const ownAddress = () => context.address().https
  const trunk = new InterclusterTrunk({ ...config, identity, clusterId, ownAddress, calls, log })
  const common = { clusterId, database, calls, occupancy, party }
  const interactions = createInteractions({ ...common, events, clock, phones, ils })
  const callers = new CallerFinder({ database, phones, occupancy, primeLine: interactions.primeLine })
  const control: CallControl = new CallControl({ ...config, ...common, ...interactions, callers, routing, trunk, log })
  const dialPlanSince = () => dialPlan.since()
  const where = { clusterId, database, phones, ils, destinations, sipRoutes, party, dialPlanSince }
  const locations = new Locations(where)
  return { phones, calls, control, trunk, metrics, locations, dialPlan, interactions }
}

/** Whoever is logged in on the phone, else its owner, under the name that the line shows to others. */
function partyOn(
  database: Pick<ClusterDatabase, 'logins' | 'devices' | 'lines'>,
  party: { readonly cluster: string; readonly deviceName: string; readonly dn: string },
): CallParty {
  const userId = database.logins.on(party.deviceName)?.userId ?? database.devices.find(party.deviceName)?.owner ?? ''
  const name = database.lines.effective(party.deviceName).find(({ dn }) => dn === party.dn)?.display ?? ''
  return { ...party, ...(userId !== '' && { userId }), ...(name !== '' && { name }) }
}
