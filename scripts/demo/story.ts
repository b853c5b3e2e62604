// The story of the documents, step by step. Each step is a fact that is asked of the clusters themselves, none is taken from the step before.
import type { ClusterClient } from '../cluster-client.ts'
import { ClusterUnreachable } from '../cluster-client.ts'
import type { Call } from '../../services/callmanager/api.ts'
import type { RunningLab } from '../lab/runner.ts'
import { LogoutWitness } from './logout-witness.ts'
import { fact, until } from './fact.ts'

/** One step: resolves with what was seen when it held, rejects with DemoFailure when it did not. */
export interface Step {
  readonly title: string
  run(): Promise<string>
}

/** Who and what the story is about; the default lab's people. */
export interface Stage {
  readonly lab: RunningLab
  cluster(name: string): ClusterClient
  /** The process to kill instead of the home cluster: then the story must fail. */
  readonly victim: string
}

const home = 'cluster1'
const visited = 'cluster2'
const elsewhere = 'cluster3'
const bob = { userId: 'bob', pin: '12345', dn: '1000001', dialled: '1000-001', desk: 'SEP000000010001' }
const kally = { dn: '3000001', dialled: '3000-001' }
const hostPhone = 'SEP000000020002'
const neighbourPhone = 'SEP000000010002'

/** All steps, in order; each relies on the ones before having held. */
export function story(stage: Stage): Step[] {
  const witness = new LogoutWitness(stage.cluster(home), bob.desk)
  return [
    { title: 'Kally (cluster3) calls 1000-001 and reaches Bob at home', run: () => reachesBobAt(stage, home) },
    { title: `${home}, Bob's home, is killed with SIGKILL`, run: () => killHome(stage) },
    { title: 'Kally calls 1000-001 and reaches nobody', run: () => reachesNobody(stage) },
    { title: 'Bob logs in at cluster2 with the same user ID and PIN', run: () => logIn(stage) },
    { title: 'cluster3 is told by ILS where Bob is now', run: () => believes(stage, elsewhere, visited) },
    { title: 'Kally calls 1000-001 and reaches Bob at cluster2', run: () => reachesBobAt(stage, visited) },
    { title: 'Bob calls 3000-001 from there and reaches Kally', run: () => reachesKally(stage) },
    { title: `${home} returns on the same data`, run: () => returns(stage, witness) },
    { title: "cluster1 logs Bob's old session out by itself", run: () => oldSessionEnds(stage, witness) },
    { title: 'A phone at cluster1 calls 1000-001 and reaches Bob at cluster2', run: () => homeRoutesOn(stage) },
    { title: 'Bob logs out at cluster2', run: () => logOut(stage) },
    { title: 'Kally calls 1000-001 and reaches Bob at home again', run: () => reachesBobAtHomeAgain(stage) },
  ]
}

async function dial(cluster: ClusterClient, from: string, to: string): Promise<Call> {
  const call = await cluster.call(from, to)
  if (call.state === 'connected') await cluster.hangUp(call.id)
  return call
}

function reached({ state, cause, causeText, to }: Call): string {
  if (state !== 'connected') return `the call failed: ${causeText} (cause ${cause})`
  return `reached ${to.userId || 'nobody'} on ${to.deviceName} at ${to.cluster}`
}

async function reachesBobAt({ cluster }: Stage, where: string): Promise<string> {
  const call = await dial(cluster(elsewhere), kally.dn, bob.dialled)
  const phone = where === home ? bob.desk : hostPhone
  fact(call.state === 'connected' && call.to.cluster === where && call.to.deviceName === phone, reached(call))
  fact(call.to.userId === bob.userId, reached(call))
  return reached(call)
}

async function killHome({ lab, cluster, victim }: Stage): Promise<string> {
  const { processes } = lab.status()
  const pid = processes.find(({ name }) => name === victim)?.pid
  await lab.kill(victim)
  const answer = await cluster(home)
    .get('/health/live')
    .then(
      () => 'answers',
      (error: unknown) => error,
    )
  fact(answer instanceof ClusterUnreachable, `${home} still answers: ${victim} was killed instead`)
  return `process ${pid} is gone`
}

async function reachesNobody({ cluster }: Stage): Promise<string> {
  const call = await dial(cluster(elsewhere), kally.dn, bob.dialled)
  fact(call.state === 'failed', reached(call))
  return reached(call)
}

async function logIn({ cluster }: Stage): Promise<string> {
  const login = await cluster(visited).login({ deviceName: hostPhone, userId: bob.userId, pin: bob.pin })
  fact(login.userId === bob.userId && login.deviceName === hostPhone, `the login is ${JSON.stringify(login)}`)
  return `on ${login.deviceName} with ${login.deviceProfile}`
}

async function believes({ cluster }: Stage, asked: string, where: string): Promise<string> {
  const { location, waitedMs } = await until(`${asked} does not believe ${bob.dn} at ${where}`, async () => {
    const answer = await cluster(asked).where(bob.dn)
    const holds = answer?.cluster === where
    return { holds, found: { location: answer }, seen: `it says ${answer?.cluster ?? 'nothing'}` }
  })
  return `at ${location?.cluster}, ${location?.source}, seen after ${waitedMs.toFixed(0)} ms`
}

async function reachesKally({ cluster }: Stage): Promise<string> {
  const call = await dial(cluster(visited), hostPhone, kally.dialled)
  fact(call.state === 'connected' && call.to.cluster === elsewhere, reached(call))
  fact(call.from.dn === bob.dn, `the caller's number is ${call.from.dn}`)
  return reached(call)
}

async function returns({ lab, cluster, victim }: Stage, witness: LogoutWitness): Promise<string> {
  witness.watch()
  await lab.restart(victim)
  await until(`${home} is not ready`, async () => {
    await cluster(home).get('/health/ready')
    return { holds: true, found: {}, seen: '' }
  })
  return 'ready'
}

async function oldSessionEnds({ cluster }: Stage, witness: LogoutWitness): Promise<string> {
  const { waitedMs } = await until(`${bob.desk} is still logged in`, async () => {
    const logins = await cluster(home).logins()
    const old = logins.find(({ deviceName }) => deviceName === bob.desk)
    return { holds: old === undefined, found: {}, seen: `${old?.userId} is logged in there` }
  })
  const reason = await witness.reason()
  fact(reason === 'roamedAway', `the reason of the logout is ${reason}`)
  return `${bob.desk}: ${reason}, seen after ${waitedMs.toFixed(0)} ms`
}

async function homeRoutesOn({ cluster }: Stage): Promise<string> {
  const call = await dial(cluster(home), neighbourPhone, bob.dialled)
  fact(call.state === 'connected' && call.to.cluster === visited && call.to.deviceName === hostPhone, reached(call))
  return reached(call)
}

async function logOut({ cluster }: Stage): Promise<string> {
  await cluster(visited).logout(hostPhone)
  const logins = await cluster(visited).logins()
  fact(!logins.some(({ userId }) => userId === bob.userId), 'he is still logged in there')
  return `${hostPhone} is free again`
}

async function reachesBobAtHomeAgain(stage: Stage): Promise<string> {
  const told = await believes(stage, elsewhere, home)
  const call = await dial(stage.cluster(elsewhere), kally.dn, bob.dialled)
  fact(call.state === 'connected' && call.to.cluster === home && call.to.deviceName === bob.desk, reached(call))
  return `${told}; on ${call.to.deviceName}`
}
