import { pino } from 'pino'
import t from 'tap'
import { AlarmName, alarmTexts } from '../../../ils-sync/core/notice.ts'
import type { Notice } from '../../../ils-sync/core/notice.ts'
import { createNoticeLog } from '../../../services/ils/notice-log.ts'
import { createRecentAlarms } from '../../../services/ils/recent-alarms.ts'

function alarm(name: AlarmName, peer: string): Notice {
  return { type: 'alarm', alarm: { name, severity: 'Alert', text: alarmTexts[name], peer } }
}

function noticeLog() {
  const published: [string, Readonly<Record<string, unknown>>][] = []
  const counted: string[] = []
  const lines: string[] = []
  const log = createNoticeLog({
    log: pino({}, { write: (line: string) => void lines.push(line) }),
    metrics: { refused: (reason) => counted.push(reason), alarm: (name) => counted.push(name) },
    heartbeatMs: 1000,
    publish: (type, facts) => published.push([type, facts]),
  })
  return { log, published, counted, lines }
}

t.test('every alarm is an event by its exact name', async (t) => {
  const { log, published } = noticeLog()
  for (const name of Object.values(AlarmName)) log.notice(alarm(name, 'hub'))
  t.same(
    published.map(([type, { name, severity, peer }]) => [type, name, severity, peer]),
    [
      ['alarm', 'ILSHubClusterUnreachable', 'Alert', 'hub'],
      ['alarm', 'ILSPwdAuthenticationFailed', 'Alert', 'hub'],
      ['alarm', 'ILSTLSAuthenticationFailed', 'Alert', 'hub'],
      ['alarm', 'ILSDuplicateClusterId', 'Alert', 'hub'],
    ],
  )
})

t.test('a flood of alarms or refusals is counted, and told only now and then', async (t) => {
  const { log, published, counted } = noticeLog()
  for (let i = 0; i < 500; i++) {
    log.notice(alarm(AlarmName.passwordAuthenticationFailed, `cluster${i}`))
    log.notice({ type: 'refused', reason: 'authentication', claimed: `cluster${i}` })
  }
  t.equal(counted.length, 1000)
  // Of each kind ten a second; a slow machine may take more than one for this.
  t.ok(published.length >= 20 && published.length <= 100, `${published.length} events`)
  t.ok(log.warnings().length <= 32, 'and no more is remembered than somebody can read')
})

t.test('why a message was refused is told where somebody knows', async (t) => {
  const { log, published } = noticeLog()
  log.notice({ type: 'refused', reason: 'certificate', claimed: 'hub', detail: 'its certificate names nobody' })
  log.notice({ type: 'refused', reason: 'malformed' })
  t.match(published, [
    ['ilsRefused', { reason: 'certificate', claimed: 'hub', detail: 'its certificate names nobody' }],
    ['ilsRefused', { reason: 'malformed', claimed: undefined }],
  ])
})

t.test('a wire that is down is a warning until it is up', async (t) => {
  const { log } = noticeLog()
  log.wire({ code: 'ILS_REDIS_UNREACHABLE', message: 'nobody listens at redis:6379' })
  t.same(log.warnings(), ['ILS is cut off: nobody listens at redis:6379'])
  log.wire(undefined)
  t.same(log.warnings(), [])
})

t.test('an alarm is a warning as long as it is raised again', async (t) => {
  let now = 0
  const recent = createRecentAlarms(60_000, () => now)
  recent.notice(alarm(AlarmName.duplicateClusterId, 'cluster1'))
  recent.notice(alarm(AlarmName.hubUnreachable, 'hub'))
  now = 59_000
  recent.notice(alarm(AlarmName.duplicateClusterId, 'cluster1'))
  t.match(recent.warnings(), [/ILSHubClusterUnreachable \(hub\)/u, /ILSDuplicateClusterId \(cluster1\): Two clusters/u])
  now = 61_000
  t.equal(recent.warnings().length, 1)
  now = 200_000
  t.same(recent.warnings(), [])
})

t.test('a hub that is back is no warning any more, what others did in its name is', async (t) => {
  const recent = createRecentAlarms(60_000)
  recent.notice(alarm(AlarmName.hubUnreachable, 'hub'))
  recent.notice(alarm(AlarmName.passwordAuthenticationFailed, 'hub'))
  recent.notice({ type: 'peer', peer: 'hub', role: 'hub', status: 'Up to Date' })
  t.match(recent.warnings(), [/ILSPwdAuthenticationFailed/u])
  t.equal(recent.warnings().length, 1)
})

t.test('a peer whose clock goes to and fro fills neither the log nor the status', async (t) => {
  const { log, lines } = noticeLog()
  for (let i = 0; i < 500; i++) {
    for (const well of [false, true]) log.notice({ type: 'clock', peer: 'cluster2', offsetMs: 7_200_000, well })
  }
  t.ok(lines.length >= 20 && lines.length <= 100, `${lines.length} lines`)
  for (let i = 0; i < 500; i++) log.notice({ type: 'clock', peer: `made-up-${i}`, offsetMs: 7_200_000, well: false })
  t.equal(log.warnings().length, 32)
  log.notice({ type: 'peer', peer: 'made-up-0', role: 'spoke', status: 'Left' })
  t.equal(log.warnings().length, 31, 'the clock of one that has left concerns nobody')
})
