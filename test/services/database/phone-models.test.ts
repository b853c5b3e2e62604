import t from 'tap'
import { findPhoneModel, isPhysicalPhone, phoneModels } from '../../../services/database/phone-models.ts'

t.test('desk phones are physical, programs are not, and an unknown model is taken for a phone', async (t) => {
  t.ok(isPhysicalPhone('Cisco 8845'))
  t.ok(isPhysicalPhone('cisco 7821'))
  t.notOk(isPhysicalPhone('Cisco IP Communicator'))
  t.notOk(isPhysicalPhone('CISCO UNIFIED CLIENT SERVICES FRAMEWORK'))
  t.ok(isPhysicalPhone('Cisco 9999'))
  t.ok(isPhysicalPhone(''))
})

t.test('no model stands in the table twice', async (t) => {
  t.equal(new Set(phoneModels.map(({ model }) => model.toLowerCase())).size, phoneModels.length)
  t.match(findPhoneModel('cisco 8845'), { model: 'Cisco 8845' })
})
