// What a seed says of phone services contains the cluster's own addresses. A lab that is started elsewhere than before brings others.
import type { ClusterDatabase, PhoneService } from './api.ts'
import type { ClusterSeed } from './seed-schema.ts'

const property = 'seed.phoneServices'
const members = ['url', 'secureUrl'] as const

type Urls = Pick<PhoneService, (typeof members)[number]>
type UrlsByName = Readonly<Record<string, Urls>>

/** Inside the write that applies the seed: remembers which URLs came with it. */
export function rememberSeededUrls({ sql }: Pick<ClusterDatabase, 'sql'>, seed: ClusterSeed): void {
  const text = JSON.stringify(urlsOf(seed))
  sql.prepare('INSERT OR REPLACE INTO rl_property (name, value) VALUES (?, ?)').run(property, text)
}

/**
 * For a database that was filled earlier. A phone service's URL that is still the seed's follows it to another host or port; one that
 * somebody has changed stays, and so does everything else of a URL. Writes nothing where nothing has moved.
 */
export async function followSeededUrls(database: ClusterDatabase, seed: ClusterSeed): Promise<void> {
  const row = database.sql.prepare('SELECT value FROM rl_property WHERE name = ?').get(property)
  const before = row === undefined ? undefined : String(row['value'])
  const now = urlsOf(seed)
  if (before === JSON.stringify(now)) return
  const earlier: UrlsByName = before === undefined ? {} : (JSON.parse(before) as UrlsByName)
  await database.write(() => {
    for (const [name, urls] of Object.entries(now)) follow(database, name, { earlier: earlier[name], urls })
    rememberSeededUrls(database, seed)
  })
}

/** Data of a release that did not remember the seed's URLs: nobody has changed them, as far as can be told. */
function follow(
  { phoneServices }: ClusterDatabase,
  name: string,
  seeded: { earlier: Urls | undefined; urls: Urls },
): void {
  const service = phoneServices.find(name)
  if (service === undefined) return
  const moved = members.filter((member) => {
    const stored = service[member]
    const isSeeds = stored === (seeded.earlier?.[member] ?? stored)
    return isSeeds && stored !== seeded.urls[member] && pathOf(stored) === pathOf(seeded.urls[member])
  })
  if (moved.length === 0) return
  phoneServices.update(name, Object.fromEntries(moved.map((member) => [member, seeded.urls[member]])))
}

function urlsOf({ phoneServices = [] }: ClusterSeed): UrlsByName {
  return Object.fromEntries(phoneServices.map(({ name, url, secureUrl = '' }) => [name, { url, secureUrl }]))
}

/** Everything behind host and port. */
function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/?#]*/u, '')
}
