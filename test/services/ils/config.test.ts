import t from 'tap'
import { Value } from 'typebox/value'
import { IlsConfig, checkConfig } from '../../../services/ils/config.ts'
import { parseHubConfig } from '../../../services/ils/hub/config.ts'
import { ils } from '../../../services/ils/index.ts'

const spoke = { ...Value.Create(IlsConfig), role: 'spoke', hub: 'hub', password: 'secret' } as IlsConfig

t.test('a spoke with a hub and a password is accepted', async (t) => {
  t.doesNotThrow(() => checkConfig('cluster1', spoke))
  t.doesNotThrow(() => checkConfig('x'.repeat(50), { ...spoke, role: 'hub' }))
  t.doesNotThrow(() => checkConfig('cluster1', { ...spoke, role: 'standalone', password: '' }))
})

t.test('B1 Cluster ID: Cluster IDs that ILS does not work with are refused', async (t) => {
  for (const id of ['StandAloneCluster', 'x'.repeat(51), 'cluster 1', 'clüster', '', 'a_b']) {
    t.throws(() => checkConfig(id, spoke), { code: 'ILS_CONFIG' }, JSON.stringify(id))
  }
})

t.test('a spoke without a hub, with itself as hub, or without a password is refused with one sentence', async (t) => {
  const { hub: _, ...hubless } = spoke
  const wrong: readonly (readonly [IlsConfig, RegExp])[] = [
    [hubless, /hub/u],
    [{ ...spoke, hub: 'cluster1' }, /own hub/u],
    [{ ...spoke, hub: 'not a name' }, /Cluster ID/u],
    [{ ...spoke, password: '' }, /password/u],
    [{ ...spoke, role: 'hub', hubs: ['a b'] }, /Cluster ID/u],
  ]
  for (const [config, message] of wrong)
    t.throws(() => checkConfig('cluster1', config), { code: 'ILS_CONFIG', message })
})

t.test('the schema has defaults for everything, and bounds', async (t) => {
  t.match(Value.Create(IlsConfig), {
    role: 'standalone',
    heartbeatMs: 1000,
    synchronizeClustersEveryMinutes: 10,
    catchUpGraceMs: 5000,
  })
  for (const wrong of [
    { heartbeatMs: 1 },
    { synchronizeClustersEveryMinutes: 1441 },
    { role: 'king' },
    { unknown: 1 },
  ]) {
    t.notOk(Value.Check(IlsConfig, { ...spoke, ...wrong }), JSON.stringify(wrong))
  }
})

t.test('B1 Publisher: ILS runs on publishers only, under the name that Service Activation shows', async (t) => {
  t.match(ils, {
    title: 'Cisco Intercluster Lookup Service',
    kind: 'feature',
    publisherOnly: true,
    dependsOn: ['database'],
  })
})

t.test("a hub's configuration is checked, and no password quoted", async (t) => {
  const good = { dataDirectory: '/tmp/x', ils: { password: 'secret' } }
  t.match(parseHubConfig(good), { name: 'hub', listen: { host: '127.0.0.1', httpPort: 0 }, ils: { heartbeatMs: 1000 } })
  const wrong: Record<string, unknown> = {
    'not an object': null,
    'no data folder': { ils: { password: 'secret' } },
    'no password': { dataDirectory: '/tmp/x' },
    'an unknown key': { ...good, colour: 'red' },
    'an unknown key of ILS': { ...good, ils: { ...good.ils, colour: 'red' } },
    'a port that is none': { ...good, listen: { httpPort: 70_000 } },
    'a password that is no text': { ...good, ils: { password: 12_345_678 } },
    'a name that is no ID': { ...good, name: 'the hub' },
  }
  for (const [what, config] of Object.entries(wrong)) {
    t.throws(() => parseHubConfig(config), { code: 'ILS_CONFIG' }, what)
  }
  const quoted = () => parseHubConfig({ ...good, ils: { password: 12_345_678 } })
  t.throws(quoted, { message: /^(?!.*12345678).*ils\.password/u })
})
