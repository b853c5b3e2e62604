import * as fc from 'fast-check'
import t from 'tap'
import {
  decodeNetascii,
  decodePacket,
  encodeNetascii,
  encodePacket,
  ErrorCode,
  negotiateOptions,
  Opcode,
  PacketError,
} from '../../../../services/wire/tftp/index.ts'
import type { Packet } from '../../../../services/wire/tftp/index.ts'

const bytes = (...parts: readonly (string | number)[]) =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === 'number' ? [part] : [...part].map((character) => character.codePointAt(0) ?? 0),
    ),
  )

t.test('packets have the bytes of RFC 1350 §5 and RFC 2347', async (t) => {
  const packets: [Packet, Uint8Array][] = [
    [
      { opcode: Opcode.readRequest, file: 'SEP000000010001.cnf.xml', mode: 'octet', options: new Map() },
      bytes(0, 1, 'SEP000000010001.cnf.xml', 0, 'octet', 0),
    ],
    [
      { opcode: Opcode.writeRequest, file: 'a', mode: 'netascii', options: new Map([['tsize', '9']]) },
      bytes(0, 2, 'a', 0, 'netascii', 0, 'tsize', 0, '9', 0),
    ],
    [{ opcode: Opcode.data, block: 258, data: bytes('<device>') }, bytes(0, 3, 1, 2, '<device>')],
    [{ opcode: Opcode.acknowledgement, block: 65_535 }, bytes(0, 4, 255, 255)],
    [{ opcode: Opcode.error, code: ErrorCode.fileNotFound, message: 'no file' }, bytes(0, 5, 0, 1, 'no file', 0)],
    [
      {
        opcode: Opcode.optionAck,
        options: new Map([
          ['blksize', '1428'],
          ['tsize', '3633'],
        ]),
      },
      bytes(0, 6, 'blksize', 0, '1428', 0, 'tsize', 0, '3633', 0),
    ],
  ]
  for (const [packet, wire] of packets) {
    t.same(encodePacket(packet), wire)
    t.same(decodePacket(wire), packet)
  }
})

t.test('mode and option names are read in any case', async (t) => {
  t.same(decodePacket(bytes(0, 1, 'f', 0, 'OCTET', 0, 'BlkSize', 0, '512', 0)), {
    opcode: Opcode.readRequest,
    file: 'f',
    mode: 'octet',
    options: new Map([['blksize', '512']]),
  })
})

t.test('what is no packet is refused', async (t) => {
  const garbage = {
    nothing: bytes(),
    'one byte': bytes(0),
    'no such opcode': bytes(0, 7, 'a', 0),
    'a request without a mode': bytes(0, 1, 'f', 0),
    'a request for no file': bytes(0, 1, 0, 'octet', 0),
    'a text without an end': bytes(0, 1, 'f', 0, 'octet'),
    'mode mail': bytes(0, 1, 'f', 0, 'mail', 0),
    'bytes beyond ASCII in a name': bytes(0, 1, 'f\u00e9', 0, 'octet', 0),
    'a control character in a name': bytes(0, 1, 'f\n', 0, 'octet', 0),
    'an option without a value': bytes(0, 1, 'f', 0, 'octet', 0, 'tsize', 0),
    'an option twice': bytes(0, 1, 'f', 0, 'octet', 0, 'tsize', 0, '0', 0, 'TSIZE', 0, '1', 0),
    'an acknowledgement cut off': bytes(0, 4, 1),
  }
  for (const [what, wire] of Object.entries(garbage)) t.throws(() => decodePacket(wire), PacketError, what)
})

t.test('an error is read whatever its text: the transfer is over anyhow', async (t) => {
  t.match(decodePacket(bytes(0, 5, 0, 99, 'd\u00e9j\u00e0')), { code: 99, message: 'dj' })
  t.match(decodePacket(bytes(0, 5, 0, 0)), { code: 0, message: '' })
})

t.test('what no packet can carry is not encoded', async (t) => {
  const request = { opcode: Opcode.readRequest, mode: 'octet', options: new Map() } as const
  t.throws(() => encodePacket({ ...request, file: 'a\0b' }), RangeError)
  t.throws(() => encodePacket({ ...request, file: 'é' }), RangeError)
  t.throws(() => encodePacket({ opcode: Opcode.acknowledgement, block: 65_536 }), RangeError)
})

t.test('any bytes are a packet or a PacketError, and a packet survives the wire', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (input) => {
      try {
        const packet = decodePacket(input)
        if (packet.opcode !== Opcode.error) t.same(decodePacket(encodePacket(packet)), packet)
      } catch (error) {
        if (!(error instanceof PacketError)) throw error
      }
    }),
    { seed: 1350, numRuns: 2000 },
  )
})

t.test('netascii marks line ends and gives back what it was given', async (t) => {
  t.same(encodeNetascii(bytes('a\nb\rc')), bytes('a\r\nb\r\0c'))
  t.same(decodeNetascii(bytes('a\r\rb')), bytes('a\r\rb'), 'a lone CR is nobody’s line end')
  fc.assert(
    fc.property(fc.uint8Array(), (text) => {
      t.same(decodeNetascii(encodeNetascii(text)), text)
    }),
    { seed: 764 },
  )
})

const offer = { mode: 'octet', size: 3633, largestBlockSize: 1448 } as const
const negotiated = (asked: Readonly<Record<string, string>>) => negotiateOptions(new Map(Object.entries(asked)), offer)

t.test('options of RFC 2348 and RFC 2349 count, in their order', async (t) => {
  t.same(negotiated({ tsize: '0', blksize: '1024', timeout: '3' }), {
    blockSize: 1024,
    timeoutSeconds: 3,
    options: new Map([
      ['tsize', '3633'],
      ['blksize', '1024'],
      ['timeout', '3'],
    ]),
  })
  t.match(negotiated({ blksize: '65464' }), { blockSize: 1448, options: new Map([['blksize', '1448']]) })
})

t.test('an option that is unknown or out of its range is not answered', async (t) => {
  const plain = { blockSize: 512, timeoutSeconds: undefined, options: new Map() }
  for (const asked of [
    { windowsize: '4' },
    { blksize: '7' },
    { blksize: '65465' },
    { blksize: '1e3' },
    { timeout: '0' },
    { timeout: '256' },
    { timeout: '11' },
    { tsize: '-1' },
    {},
  ] as Record<string, string>[]) {
    t.same(negotiated(asked), plain, JSON.stringify(asked))
  }
})
