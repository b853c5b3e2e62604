// `roamline ils …` against a pretended lab.
import t from 'tap'
import type { IlsCluster, IlsConfiguration, IlsStatus } from '../../services/ils/api.ts'
import type { IlsAnswer, SeenClusters } from '../../scripts/ils-answers.ts'
import { roamline, startForegroundProcess } from './fixtures/cli.ts'

const verbs = ['status', 'view', 'showpeerinfo', 'configure', 'synchronize']

t.test('every one of them has help with an example, and --json', async (t) => {
  for (const verb of verbs) {
    const { code, stdout } = await roamline('ils', verb, '--help')
    t.equal(code, 0)
    t.match(stdout, /--json/u, verb)
    t.match(stdout, /Example:\n {2}\$ npx roamline ils /u, verb)
  }
})

t.test('what is not understood leaves with 2 and says what is', async (t) => {
  t.match(await roamline('ils', 'fly'), { code: 2, stderr: /unknown command 'fly'/u })
  t.match(await roamline('ils', 'configure'), { code: 2, stderr: /missing required argument 'cluster'/u })
  t.match(await roamline('ils', 'configure', 'c', '--role', 'king'), { code: 2, stderr: /standalone, hub, spoke/u })
  t.match(await roamline('ils', 'configure', 'c', '--every', '0'), { code: 2, stderr: /from 1 to 1440/u })
  t.match(await roamline('ils', 'status', '--data', t.testdir({})), { code: 1, stderr: /^No lab runs on/u })
})

t.test('ILS of a running lab, on the command line', async (t) => {
  const data = t.testdir({})
  await startForegroundProcess(t, data)
  const on = (...arguments_: string[]) => roamline('ils', ...arguments_, '--data', data)
  const json = async <T>(...arguments_: string[]) => JSON.parse((await on(...arguments_, '--json')).stdout) as T

  await t.test('status is one table of all who are asked, clusters and hubs, and what they have learned', async (t) => {
    const { code, stdout } = await on('status')
    t.equal(code, 0)
    t.notMatch(stdout, '\u001B', 'no colours into a pipe, and none that peers wrote')
    t.match(stdout, /hub, Hub Cluster .*cluster2/u)
    t.match(
      stdout,
      /cluster1, Spoke Cluster of hub .*cluster2 .*Spoke Cluster .*Synchronizing .*never .*7 .*3 USNs, 12 s .*cluster2\.lab/u,
    )
    t.match(stdout, /hub .*Hub Cluster .*Unreachable .*2026-11-21T07:00:00Z/u)
    t.match(stdout, /cluster3 .*not active on cluster3/u)
    t.match(stdout, /^cluster1 has learned 2 superusers, .*10 of at most 10 learned objects, 4 not written, 1 hidden/mu)
    t.match(stdout, /^cluster1 synchronizes with hub: 5 of 9 records$/mu)
    t.match(stdout, /^cluster1: ILSHubClusterUnreachable \(hub\): no$/mu)
    const answers = await json<IlsAnswer<IlsStatus>[]>('status')
    t.strictSame(
      answers.map(({ asked, answer }) => [asked, answer?.peers.length]),
      [
        ['hub', 2],
        ['cluster1', 2],
        ['cluster2', 2],
        ['cluster3', undefined],
      ],
    )
  })

  await t.test('one of them can be asked alone, and its refusal is the verb’s', async (t) => {
    t.match(await on('status', 'cluster2'), { code: 0, stdout: /cluster2, Spoke Cluster of hub/u })
    t.match(await on('status', 'cluster3'), { code: 1, stdout: '', stderr: /not active on cluster3/u })
    t.match(await on('status', 'moon'), { code: 1, stderr: /no cluster or hub "moon"; there are: hub, cluster1/u })
  })

  await t.test('view shows the services of every cluster, as one of them knows it', async (t) => {
    const { stdout } = await on('view')
    t.match(stdout, /^Cluster View of cluster1\n/u)
    t.match(stdout, /cluster .*EMCC .*TFTP .*RSVP Agent .*Extension Mobility/u)
    t.match(stdout, /cluster1 .*Spoke Cluster of hub .*Local .*Bob \[31m .*one\.lab .*– .*no .*– .*yes/u)
    t.match(await json<SeenClusters>('view', '--at', 'hub'), {
      asked: 'hub',
      clusters: [{ clusterId: 'cluster1' }, {}],
    })
  })

  await t.test(
    'B5 utils ils showpeerinfo: showpeerinfo takes a Cluster ID or the host name of a publisher, or shows all',
    async (t) => {
      const { stdout } = await on('showpeerinfo', 'one.lab')
      t.match(stdout, /^Cluster ID: +cluster1\nPeer ID: +a1\n/u)
      t.match(stdout, /^Nodes: +one\.lab \(publisher\), two\.lab$/mu)
      t.match(stdout, /^Deactivated: +Cisco Tftp$/mu)
      t.match((await on('showpeerinfo')).stdout, /Cluster ID: +cluster1\n[^]*\n\nCluster ID: +hub\n/u)
      t.match(await json<IlsCluster[]>('showpeerinfo', 'one.lab'), [{ clusterId: 'cluster1' }])
      t.match(await on('showpeerinfo', 'moon'), { code: 1, stderr: /knows of no cluster "moon"/u })
    },
  )

  await t.test('configure shows, changes, and passes refusals on', async (t) => {
    t.match(await on('configure', 'cluster1'), {
      code: 0,
      stdout: /Role: +Spoke Cluster\n.*Registration Server: +hub\n/u,
    })
    t.match(
      await json<IlsConfiguration>(
        'configure',
        'cluster1',
        '--role',
        'spoke',
        '--hub',
        '',
        '--every',
        '5',
        '--exchange',
        'off',
      ),
      { registrationServer: '', synchronizeClustersEveryMinutes: 5, exchangeGlobalDialPlan: false },
    )
    t.match(await on('configure', 'cluster1', '--role', 'standalone'), {
      code: 0,
      stdout: /Role: +Standalone Cluster\n[^]*Not told, so they go on to show cluster1, as Unreachable: hub\n/u,
    })
    t.match(await on('configure', 'cluster1', '--role', 'hub'), {
      code: 1,
      stderr: 'A hub cannot register with itself\n',
    })
    t.match(await on('configure', 'hub'), { code: 0 })
    t.match(await on('configure', 'hub', '--role', 'spoke'), { code: 1, stderr: /hub is a hub process/u })
  })

  await t.test('synchronize says whom everybody asks, and fails where nobody can be asked', async (t) => {
    t.match(await on('synchronize'), {
      code: 0,
      stdout: /^hub asks hub\ncluster1 asks hub\ncluster2 asks nobody; unreachable: hub\ncluster3: .*not active/mu,
    })
    t.match(await on('synchronize', 'cluster2'), { code: 1, stdout: 'cluster2 asks nobody; unreachable: hub\n' })
  })
})
