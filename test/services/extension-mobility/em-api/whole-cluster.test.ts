// The EM API behind a whole cluster's doors: what only the host can show.
import { readFileSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import type { Test } from 'tap'
import { createCluster } from '../../../../cluster-node/create-cluster.ts'
import { seatCrowd, seats } from '../../../../scripts/benchmark/crowd.ts'
import { appInfo, loginOf, query, request, servlet } from './em-api-door.ts'

const [bob, alice] = seats(2) as [{ userId: string; deviceName: string }, { userId: string; deviceName: string }]
const emproxy = appInfo('emproxy', 'roamline')

async function startCluster(t: Test) {
  const folder = t.testdir()
  const logged: string[] = []
  await seatCrowd(join(folder, 'cluster1'), [bob, alice])
  const cluster = createCluster(
    {
      name: 'cluster1',
      dataDirectory: join(folder, 'cluster1'),
      secretsDirectory: join(folder, 'secrets'),
      listen: { httpPort: 0, httpsPort: 0 },
      log: { level: 'trace' },
      services: { ils: { active: false } },
      seed: {
        applicationUsers: [{ userId: 'lobby', password: 'roamline', groups: ['Standard CCM Read Only'] }],
      },
    },
    { logDestination: { write: (line) => void logged.push(line) } },
  )
  t.teardown(() => cluster.close())
  const { http, https } = await cluster.start()
  const ask = async (document: string) => {
    const body = new URLSearchParams({ xml: document })
    const answer = await fetch(`${http}${servlet}`, { method: 'POST', body })
    return { status: answer.status, text: await answer.text() }
  }
  return { cluster, folder, http, https, logged, ask }
}

t.test('em-wire 1.1 service stopped: HTTP 503, and the same address answers again when it is started', async (t) => {
  const { cluster, ask } = await startCluster(t)
  const document = request(loginOf(bob.userId, bob.deviceName), emproxy)
  await cluster.services.setActive('Cisco Extension Mobility', false)
  t.match(await ask(document), { status: 503 })
  await cluster.services.setActive('Cisco Extension Mobility', true)
  t.match(await ask(document), { status: 200, text: /<success\/>/u })
})

t.test('em-wire 1.2: the proxy group and Standard CCM Super Users may, other application users may not', async (t) => {
  const { ask, logged } = await startCluster(t)
  const login = (info: string) => ask(request(loginOf(bob.userId, bob.deviceName), info))
  t.match(await login(emproxy), { text: /<success\/>/u })
  t.match(await login(appInfo('administrator', 'roamline')), { text: /<success\/>/u })
  t.match(await login(appInfo('lobby', 'roamline')), { text: /<error code="10">/u })
  t.match(await login(appInfo('lobby', 'wrong')), { text: /<error code="3">/u })
  t.match(await login(appInfo('EMPROXY', 'roamline')), { text: /<success\/>/u }, 'user IDs have no case')
  t.notMatch(logged.join(''), /appCertificate|xml=/u)
})

t.test('em-wire 1.1 URLs: the servlet is behind the HTTPS door too, and GET is answered there', async (t) => {
  const { folder, https } = await startCluster(t)
  const document = query(`<checkUser><userID>${bob.userId}</userID></checkUser>`, emproxy)
  const url = `${https}${servlet}?xml=${encodeURIComponent(document)}`
  const ca = readFileSync(join(folder, 'secrets', 'lab-ca', 'ca.pem'))
  const answer = await new Promise<string>((resolve, reject) => {
    httpsRequest(url, { ca }, (response) => resolve(text(response)))
      .on('error', reject)
      .end()
  })
  t.match(answer, new RegExp(`<exists>${bob.userId}</exists>`, 'u'))
})

t.test('em-wire 1.1 denied verbs: a CONNECT gets no tunnel and no document', async (t) => {
  const { http } = await startCluster(t)
  const answer = await new Promise<string>((resolve, reject) => {
    let received = ''
    const socket = connect(Number(new URL(http).port), '127.0.0.1', () =>
      socket.write(`CONNECT ${servlet} HTTP/1.1\r\nHost: x\r\n\r\n`),
    )
    socket.on('data', (chunk) => void (received += chunk.toString()))
    socket.on('close', () => resolve(received))
    socket.on('error', reject)
  })
  t.notMatch(answer, /^HTTP\/1\.1 200/u)
})
