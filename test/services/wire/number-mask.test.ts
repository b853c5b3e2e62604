import t from 'tap'
import { fillMask, normalizeMask } from '../../../services/wire/number-mask.ts'

t.test('each X of a mask is the digit at its place from the right', async (t) => {
  t.equal(fillMask('8XXX', '1000001'), '8001')
  t.equal(fillMask('+1408555XXXX', '1000001'), '+14085550001')
  t.equal(fillMask('XXXXXXX', '1000001'), '1000001')
  t.equal(fillMask('5XX00', '1234'), '51200')
  t.equal(fillMask('+1 (408) 555-xxxx', '1000001'), '+14085550001', 'as people write it')
  t.equal(fillMask('85550000', '1000001'), '85550000', 'a mask without X is the number itself')
})

t.test('a mask that gives nothing to dial gives nothing', async (t) => {
  t.equal(fillMask('8XXXXX', '0001'), undefined, 'more X than digits')
  t.equal(fillMask('8Y', '0001'), undefined)
  t.equal(fillMask('8+XX', '0001'), undefined)
  t.equal(fillMask('', '0001'), undefined)
  t.equal(fillMask('X'.repeat(65), '1'.repeat(65)), undefined)
  t.equal(normalizeMask('8-xx (x)'), '8XXX')
})
