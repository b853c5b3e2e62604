import t from 'tap'
import { createServiceRuntime } from '../../cluster-node/service-runtime.ts'
import type { ServiceRuntime } from '../../cluster-node/service-runtime.ts'
import type { ServiceConfig } from '../../cluster-node/config.ts'
import type { Logger, Service, ServiceContext } from '../../services/service.ts'
import { fakeService } from './fixtures/fake-parts.ts'
import type { Diary } from './fixtures/fake-parts.ts'

interface House {
  readonly activation?: Map<string, boolean>
  readonly publisher?: boolean
  readonly configs?: Record<string, ServiceConfig>
}

function runtimeOf(catalogue: readonly Service[], house: House = {}): ServiceRuntime & { events: string[] } {
  const { activation = new Map<string, boolean>(), publisher = true, configs = {} } = house
  const events: string[] = []
  const runtime = createServiceRuntime({
    cluster: 'cluster1',
    publisher,
    catalogue,
    configs,
    activation: {
      get: (title) => activation.get(title),
      set: async (title, active) => void activation.set(title, active),
    },
    events: {
      publish(type, facts) {
        const said = typeof facts === 'function' ? facts() : facts
        events.push(`${type} ${String(said?.['service'])}`)
      },
      subscribe: () => () => {},
    },
    log: { error() {} } as unknown as Logger,
    context: () => ({}) as ServiceContext,
  })
  return Object.assign(runtime, { events })
}

const problem = (status: number, message: RegExp) => ({ name: 'Problem', message, facts: { status } })

t.test('services start after what they depend on and stop before it', async (t) => {
  const diary: Diary = []
  const runtime = runtimeOf([
    fakeService('extension-mobility', diary, { dependsOn: ['callmanager'] }),
    fakeService('callmanager', diary, { dependsOn: ['database'] }),
    fakeService('database', diary, { kind: 'network' }),
  ])
  await runtime.startAll()
  t.same(diary.splice(0), ['start database', 'start callmanager', 'start extension-mobility'])
  await runtime.stopAll()
  t.same(diary, ['stop extension-mobility', 'stop callmanager', 'stop database'])
  await runtime.stopAll()
  t.equal(diary.length, 3, 'stopping twice stops once')
})

t.test('a circle of dependencies and a dependency that is not there are refused', async (t) => {
  const circle = [
    fakeService('ils', [], { dependsOn: ['callmanager'] }),
    fakeService('callmanager', [], { dependsOn: ['ils'] }),
  ]
  t.throws(() => runtimeOf(circle), /ils → callmanager → ils/u)
  t.throws(() => runtimeOf([fakeService('ils', [], { dependsOn: ['database'] })]), /not in the catalogue/u)
})

t.test(
  'a decision of Service Activation outlives the process, the configuration decides only the first time',
  async (t) => {
    const activation = new Map<string, boolean>()
    const off = { activation, configs: { ils: { active: false } } }
    const first = runtimeOf([fakeService('ils', [], { title: 'Cisco ILS' })], off)
    await first.startAll()
    t.match(first.list(), [{ name: 'ils', active: false }])
    t.match(await first.setActive('cisco ils', true), { name: 'ils', title: 'Cisco ILS', active: true })
    t.same(first.events, ['serviceActivated Cisco ILS'])
    await first.stopAll()

    const second = runtimeOf([fakeService('ils', [], { title: 'Cisco ILS' })], off)
    await second.startAll()
    t.match(second.list(), [{ active: true }])
    await second.setActive('ils', false)
    t.same(second.events, ['serviceActivated Cisco ILS', 'serviceDeactivated Cisco ILS'])
    const third = runtimeOf([fakeService('ils', [], { title: 'Cisco ILS' })], { activation })
    await third.startAll()
    t.match(third.list(), [{ active: false }])
  },
)

t.test('what is asked for and is so already changes nothing', async (t) => {
  const diary: Diary = []
  const runtime = runtimeOf([fakeService('ils', diary)])
  await runtime.startAll()
  await runtime.setActive('ils', true)
  t.same(diary, ['start ils'])
})

t.test('refusals name the reason', async (t) => {
  const diary: Diary = []
  const runtime = runtimeOf(
    [
      fakeService('database', diary, { kind: 'network', title: 'A Cisco DB' }),
      fakeService('callmanager', diary, { title: 'Cisco CallManager' }),
      fakeService('extension-mobility', diary, { title: 'Cisco EM', dependsOn: ['callmanager'] }),
      fakeService('ils', diary, { title: 'Cisco ILS', publisherOnly: true }),
    ],
    { publisher: false },
  )
  await runtime.startAll()
  await t.rejects(runtime.setActive('isl', true), problem(404, /no service isl, only database, callmanager/u))
  await t.rejects(runtime.setActive('database', false), problem(409, /A Cisco DB is a network service/u))
  await t.rejects(runtime.setActive('callmanager', false), problem(409, /Cisco EM needs Cisco CallManager/u))
  await t.rejects(
    runtime.setActive('ils', true),
    problem(409, /only be activated on a publisher, and cluster1 is not one/u),
  )
  t.match(runtime.waitingFor(), [/Cisco ILS could not be started: .* publisher/u], 'and readiness says so')

  await runtime.setActive('extension-mobility', false)
  await runtime.setActive('callmanager', false)
  await t.rejects(runtime.setActive('extension-mobility', true), problem(409, /Cisco EM needs Cisco CallManager/u))
  await runtime.setActive('callmanager', true)
  t.match(await runtime.setActive('extension-mobility', true), { active: true })
  t.match(runtime.inactive('ils')?.facts, {
    status: 503,
    detail: /Cisco ILS is not active on cluster1: activate it with PUT/u,
  })
})

t.test('a network service that may be stopped runs again after a restart, whatever was decided', async (t) => {
  const activation = new Map<string, boolean>()
  const emapp = (): Service => fakeService('emapp', [], { title: 'Cisco EMApp', kind: 'network', stoppable: true })
  const first = runtimeOf([emapp()], { activation })
  await first.startAll()
  t.match(await first.setActive('emapp', false), { active: false })
  t.match(first.inactive('emapp')?.facts, {
    status: 503,
    detail: 'Cisco EMApp is not active on cluster1: start it with PUT /api/v1/services/emapp {"active":true}',
  })
  t.match(await first.setActive('Cisco EMApp', true), { active: true })
  t.same(
    first.events,
    ['serviceActivated Cisco EMApp', 'serviceDeactivated Cisco EMApp', 'serviceActivated Cisco EMApp'],
    'and who listens is told each time',
  )
  await first.setActive('emapp', false)
  t.same([...activation], [], 'nothing of it is kept')
  const second = runtimeOf([emapp()], { activation })
  await second.startAll()
  t.match(second.list(), [{ active: true }])
})

t.test('a network service that others need cannot be stopped before them', async (t) => {
  const runtime = runtimeOf([
    fakeService('tftp', [], { title: 'Cisco Tftp', kind: 'network', stoppable: true }),
    fakeService('emapp', [], { title: 'Cisco EMApp', kind: 'network', stoppable: true, dependsOn: ['tftp'] }),
  ])
  await runtime.startAll()
  await t.rejects(runtime.setActive('tftp', false), problem(409, /Cisco EMApp needs Cisco Tftp/u))
  await runtime.setActive('emapp', false)
  t.match(await runtime.setActive('tftp', false), { active: false })
})

t.test('a service that fails to start stays inactive, says so, and can be tried again', async (t) => {
  let broken = true
  const activation = new Map<string, boolean>()
  const starting = (): void => {
    if (broken) throw new Error('the disk burns')
  }
  const runtime = runtimeOf([fakeService('ils', [], { title: 'Cisco ILS', starting })], { activation })
  await runtime.startAll()
  t.match(runtime.waitingFor(), [/Cisco ILS could not be started: the log/u])
  await t.rejects(
    runtime.setActive('ils', true),
    problem(500, /^Cisco ILS could not be started: the log of this cluster says why$/u),
  )
  t.match(runtime.list(), [{ active: false, waitingFor: /could not be started/u }])
  broken = false
  await runtime.setActive('ils', true)
  t.same(runtime.waitingFor(), [])

  broken = true
  await runtime.setActive('ils', false)
  await t.rejects(runtime.setActive('ils', true), problem(500, /./u))
  t.equal(activation.get('Cisco ILS'), false, 'a failed activation is no decision')
})

t.test('a service that failed at boot can be given up', async (t) => {
  const starting = (): never => {
    throw new Error('the disk burns')
  }
  const activation = new Map<string, boolean>()
  const runtime = runtimeOf([fakeService('ils', [], { title: 'Cisco ILS', starting })], { activation })
  await runtime.startAll()
  await runtime.setActive('ils', false)
  t.same(runtime.waitingFor(), [])
  t.equal(activation.get('Cisco ILS'), false)
})

t.test('a network service that fails to start fails the start', async (t) => {
  const starting = (): never => {
    throw new Error('the disk burns')
  }
  await t.rejects(runtimeOf([fakeService('database', [], { kind: 'network', starting })]).startAll(), /the disk burns/u)
})

t.test('activations and deactivations wait for one another', async (t) => {
  const diary: Diary = []
  const starting = (): Promise<unknown> =>
    new Promise((resolve) => setImmediate(resolve)).then(() => diary.push('starting'))
  const runtime = runtimeOf([fakeService('ils', diary, { starting })])
  await Promise.all([
    runtime.setActive('ils', true),
    runtime.setActive('ils', false),
    runtime.setActive('ils', true),
    runtime.setActive('ils', true),
  ])
  t.same(diary, ['starting', 'start ils', 'stop ils', 'starting', 'start ils'])
})

t.test('what a running service waits for is what the cluster waits for', async (t) => {
  let waiting: string | undefined = 'the hub has not answered'
  const runtime = runtimeOf([fakeService('ils', [], { notReady: () => waiting })])
  await runtime.startAll()
  t.same(runtime.waitingFor(), ['the hub has not answered'])
  waiting = undefined
  t.same(runtime.waitingFor(), [])
})
