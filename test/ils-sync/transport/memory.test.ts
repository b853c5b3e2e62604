import t from 'tap'
import { createMemoryNetwork } from '../../../ils-sync/transport/memory.ts'
import { runTransportTests } from './run-transport-tests.ts'

t.test('the memory transport is a transport', async (t) => {
  const network = createMemoryNetwork()
  const ids: string[] = []
  runTransportTests(t, {
    create(nodeId) {
      ids.push(nodeId)
      return network.transport(nodeId)
    },
    async break() {
      for (const id of ids) network.cut(id)
    },
    async mend() {
      for (const id of ids) network.mend(id)
    },
  })
})
