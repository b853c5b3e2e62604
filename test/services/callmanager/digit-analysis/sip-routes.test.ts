import t from 'tap'
import { searchOrder } from '../../../../services/callmanager/digit-analysis/digit-analysis.ts'
import { SipRoutes } from '../../../../services/callmanager/digit-analysis/sip-routes.ts'

const routes = (...patterns: readonly (readonly [pattern: string, partition?: string])[]) =>
  new SipRoutes(patterns.map(([pattern, partition = '']) => ({ pattern, partition, trunk: `${partition}:${pattern}` })))
const inOrder = (...partitions: readonly string[]) => searchOrder(new Map([['css', partitions]]), 'css', '')

function trunkOf(table: SipRoutes, name: string, ...partitions: readonly string[]): string | undefined {
  const found = table.match(name, inOrder(...partitions))
  return found === 'barred' ? found : found?.trunk
}

t.test('the longest SIP route pattern that matches decides', async (t) => {
  const table = routes(['cluster1.lab.example'], ['*.lab.example'], ['*.example'])
  t.equal(trunkOf(table, 'cluster1.lab.example'), ':cluster1.lab.example')
  t.equal(trunkOf(table, 'cluster2.lab.example'), ':*.lab.example')
  t.equal(trunkOf(table, 'a.b.lab.example'), ':*.lab.example', 'the star stands for any labels')
  t.equal(trunkOf(table, 'lab.example'), ':*.example', 'for one at least')
  t.equal(trunkOf(table, 'example'), undefined)
  t.equal(trunkOf(table, 'notlab.example2'), undefined)
  t.equal(trunkOf(table, 'Cluster1.LAB.example'), ':cluster1.lab.example', 'letters are alike')
  t.equal(trunkOf(table, ''), undefined, 'a cluster without a route string')
})

t.test('partitions: what the caller may not reach is not there, and the order decides between equals', async (t) => {
  const table = routes(['a.example', 'One'], ['a.example', 'Two'], ['*.example', 'Two'])
  t.equal(trunkOf(table, 'a.example', 'Two', 'One'), 'Two:a.example')
  t.equal(trunkOf(table, 'a.example', 'One'), 'One:a.example')
  t.equal(trunkOf(table, 'b.example', 'Two'), 'Two:*.example')
  t.equal(trunkOf(table, 'b.example', 'One'), 'barred')
  t.equal(trunkOf(table, 'b.test', 'One'), undefined)
  t.match(table.match('a.example'), { partition: 'One' }, 'from a trunk every partition counts')
})
