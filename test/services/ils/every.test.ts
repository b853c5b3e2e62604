import t from 'tap'
import { every } from '../../../services/ils/every.ts'
import { waitFor } from '../../fixtures/wait-for.ts'

t.test('it goes on until it is called off, by a clock of a test as by the machine’s', async (t) => {
  const asked: [number, () => void][] = []
  const clock = {
    now: () => 0,
    after(ms: number, wake: () => void) {
      const one: [number, () => void] = [ms, wake]
      asked.push(one)
      return () => void asked.splice(asked.indexOf(one), 1)
    },
  }
  let times = 0
  const end = every(clock, 60_000, () => times++)
  for (let i = 0; i < 3; i++) asked.shift()?.[1]()
  t.equal(times, 3)
  t.same(
    asked.map(([ms]) => ms),
    [60_000],
  )
  end()
  t.same(asked, [])
  const endReal = every({ now: Date.now }, 1, () => times++)
  await waitFor('three more', () => times >= 6)
  endReal()
})
