import t from 'tap'
import { Transfer } from '../../../services/tftp/transfer.ts'
import { negotiateOptions, Opcode } from '../../../services/wire/tftp/index.ts'
import type { Packet } from '../../../services/wire/tftp/index.ts'

/** A transfer whose packets and timers are held in the hand. */
function transferOf(size: number, options: Readonly<Record<string, string>> = {}) {
  const file = Uint8Array.from({ length: size }, (_, at) => at % 251)
  const asked = new Map(Object.entries(options))
  const sent: Packet[] = []
  const ends: boolean[] = []
  let timer: { readonly work: () => void; readonly ms: number } | undefined
  const transfer = new Transfer({
    file,
    negotiated: negotiateOptions(asked, { mode: 'octet', size, largestBlockSize: 1448 }),
    retransmitMs: 1000,
    attempts: 5,
    schedule: (work, ms) => {
      timer = { work, ms }
      const mine = timer
      return () => {
        if (timer === mine) timer = undefined
      }
    },
    send: (packet) => sent.push(packet),
    onEnd: (complete) => ends.push(complete),
  })
  return {
    file,
    sent,
    ends,
    transfer,
    acknowledge: (block: number) => transfer.receive({ opcode: Opcode.acknowledgement, block }),
    /** The time until a packet is sent again has passed. */
    timeOut() {
      const due = timer
      timer = undefined
      due?.work()
    },
    timerMs: () => timer?.ms,
    /** `DATA 1 512`, `OACK`, … */
    story: () =>
      sent.map((packet) =>
        packet.opcode === Opcode.data
          ? `DATA ${packet.block} ${packet.data.length}`
          : packet.opcode === Opcode.optionAck
            ? 'OACK'
            : `ERROR ${packet.opcode === Opcode.error ? packet.code : ''}`,
      ),
  }
}

t.test('a file travels in blocks, each after the acknowledgement of the one before', async (t) => {
  const { transfer, acknowledge, story, ends, sent, file, timerMs } = transferOf(1100)
  transfer.start()
  t.strictSame(story(), ['DATA 1 512'])
  acknowledge(1)
  acknowledge(2)
  t.strictSame(story(), ['DATA 1 512', 'DATA 2 512', 'DATA 3 76'])
  t.strictSame(ends, [])
  acknowledge(3)
  t.strictSame(ends, [true])
  t.equal(timerMs(), undefined, 'nothing is waited for any more')
  const arrived = sent.flatMap((packet) => (packet.opcode === Opcode.data ? [packet.data] : []))
  t.ok(Buffer.concat(arrived).equals(file), 'every byte in its place')
})

t.test('a file that is a multiple of the block size ends with an empty block, an empty file is one', async (t) => {
  const full = transferOf(1024)
  full.transfer.start()
  for (const block of [1, 2, 3]) full.acknowledge(block)
  t.strictSame(full.story(), ['DATA 1 512', 'DATA 2 512', 'DATA 3 0'])
  t.strictSame(full.ends, [true])
  const empty = transferOf(0)
  empty.transfer.start()
  empty.acknowledge(1)
  t.strictSame(empty.story(), ['DATA 1 0'])
  t.strictSame(empty.ends, [true])
})

t.test('options are acknowledged first, as block 0', async (t) => {
  const { transfer, acknowledge, story, timerMs } = transferOf(1500, { blksize: '1024', timeout: '7' })
  transfer.start()
  t.strictSame(story(), ['OACK'])
  t.equal(timerMs(), 7000, 'the client says how long to wait')
  acknowledge(0)
  acknowledge(1)
  t.strictSame(story(), ['OACK', 'DATA 1 1024', 'DATA 2 476'])
})

t.test('a packet without acknowledgement is sent again, and after five times the client is given up', async (t) => {
  const { transfer, acknowledge, story, timeOut, timerMs, ends } = transferOf(600)
  transfer.start()
  t.equal(timerMs(), 1000)
  timeOut()
  acknowledge(1)
  for (let time = 0; time < 4; time++) timeOut()
  t.strictSame(story(), ['DATA 1 512', 'DATA 1 512', ...Array(5).fill('DATA 2 88')])
  t.strictSame(ends, [])
  timeOut()
  t.strictSame(ends, [false])
  t.equal(story().length, 7)
})

t.test('an acknowledgement that comes twice is answered once (the sorcerer’s apprentice)', async (t) => {
  const { transfer, acknowledge, story } = transferOf(2000)
  transfer.start()
  acknowledge(1)
  acknowledge(1)
  acknowledge(0)
  acknowledge(3)
  t.strictSame(story(), ['DATA 1 512', 'DATA 2 512'])
})

t.test('block numbers wrap after 65,535', async (t) => {
  const { transfer, acknowledge, sent, ends } = transferOf(8 * 65_540 + 3, { blksize: '8' })
  transfer.start()
  for (let block = 0; block <= 65_541; block++) acknowledge(block % 65_536)
  t.match(sent.at(-1), { block: 5, data: { length: 3 } })
  t.strictSame(ends, [true])
})

t.test('an error of the client ends the transfer, and so does what no reader sends', async (t) => {
  const refused = transferOf(600)
  refused.transfer.start()
  refused.transfer.receive({ opcode: Opcode.error, code: 8, message: 'no options please' })
  t.strictSame(refused.ends, [false])
  const strange = transferOf(600)
  strange.transfer.start()
  strange.transfer.receive({ opcode: Opcode.data, block: 1, data: Uint8Array.of(1) })
  t.strictSame(strange.story(), ['DATA 1 512', 'ERROR 4'])
  t.strictSame(strange.ends, [false])
})

t.test('a transfer that was stopped says nothing any more', async (t) => {
  const { transfer, acknowledge, story, ends, timeOut } = transferOf(600)
  transfer.start()
  transfer.stop()
  transfer.stop()
  transfer.start()
  acknowledge(1)
  timeOut()
  t.strictSame(story(), ['DATA 1 512'])
  t.strictSame(ends, [false])
})
