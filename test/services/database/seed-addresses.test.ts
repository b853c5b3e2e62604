import t from 'tap'
import { applySeed, createCredentialHasher, followSeededUrls } from '../../../services/database/index.ts'
import type { ClusterSeed } from '../../../services/database/index.ts'
import { noon, openTestDatabase, phone1 } from './fixtures/test-database.ts'

const hasher = createCredentialHasher({ pepper: Buffer.from('pepper'), memoryKiB: 8, passes: 1 })
const name = 'Extension Mobility'
const path = '/emapp/EMAppServlet?device=#DEVICENAME#'

/** The seed of a lab whose cluster is at this address. */
function seedAt(host: string, more: Partial<ClusterSeed> = {}): ClusterSeed {
  const service = { name, url: `http://${host}:8080${path}`, secureUrl: `https://${host}:8443${path}` }
  return { phoneServices: [service], phones: [{ name: phone1, phoneServices: [name] }], ...more }
}

async function seeded(test: Parameters<typeof openTestDatabase>[0]) {
  const database = openTestDatabase(test)
  await applySeed(database, hasher, seedAt('127.0.0.11'), noon)
  const urls = () => {
    const { url, secureUrl } = database.phoneServices.find(name) ?? {}
    return [url, secureUrl]
  }
  const stamp = () => database.devices.effective(phone1)?.versionStamp
  return { database, urls, stamp }
}

t.test('phone services of the seed follow a cluster that has moved, and the phones’ files with them', async (t) => {
  const { database, urls, stamp } = await seeded(t)
  const before = stamp()
  await followSeededUrls(database, seedAt('127.0.0.1'))
  t.strictSame(urls(), [`http://127.0.0.1:8080${path}`, `https://127.0.0.1:8443${path}`])
  t.not(stamp(), before)
  t.strictSame(database.devices.effective(phone1)?.phoneServices, [database.phoneServices.find(name)])
  await followSeededUrls(database, seedAt('[::1]'))
  t.match(urls(), [`http://[::1]:8080${path}`])
})

t.test('a cluster that has not moved writes nothing', async (t) => {
  const { database, stamp } = await seeded(t)
  const before = [stamp(), database.sql.prepare('SELECT total_changes() AS n').get()]
  await followSeededUrls(database, seedAt('127.0.0.11'))
  t.strictSame([stamp(), database.sql.prepare('SELECT total_changes() AS n').get()], before)
})

t.test('what an administrator wrote stays, also when the cluster moves twice', async (t) => {
  const { database, urls } = await seeded(t)
  const own = `http://another.example:8080${path}`
  await database.write(() => database.phoneServices.update(name, { url: own }))
  await followSeededUrls(database, seedAt('127.0.0.1'))
  t.strictSame(urls(), [own, `https://127.0.0.1:8443${path}`], 'each URL for itself')
  await followSeededUrls(database, seedAt('127.0.0.2'))
  t.strictSame(urls(), [own, `https://127.0.0.2:8443${path}`])
  await database.write(() => database.phoneServices.remove(name))
  await followSeededUrls(database, seedAt('127.0.0.3'))
  t.equal(database.phoneServices.find(name), undefined, 'a service that was deleted does not come back')
})

t.test('an edited lab file changes nothing else of a URL, and adds no service', async (t) => {
  const { database, urls } = await seeded(t)
  const edited = [
    { name, url: 'http://127.0.0.1:8080/other' },
    { name: 'News', url: 'http://127.0.0.1/news' },
  ]
  await followSeededUrls(database, seedAt('127.0.0.1', { phoneServices: edited }))
  t.match(urls(), [`http://127.0.0.11:8080${path}`, `https://127.0.0.11:8443${path}`])
  t.equal(database.phoneServices.find('News'), undefined)
})

t.test('data of a release that did not remember where it was follows too', async (t) => {
  const { database, urls } = await seeded(t)
  database.sql.exec(`DELETE FROM rl_property WHERE name = 'seed.phoneServices'`)
  await followSeededUrls(database, seedAt('127.0.0.1'))
  t.match(urls(), [`http://127.0.0.1:8080${path}`])
})
