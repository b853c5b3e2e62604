// Catalogs of any size in writes of a few milliseconds, between which others have their turns: what comes in does not count before all
// of it is there, and what does not count any more goes when there is time.
import type { ClusterDatabase } from './api.ts'
import type { Catalog, CatalogEntry } from './dial-plan-api.ts'

/** Of one write. */
const pieceEntries = 2000

export interface CatalogImport {
  readonly name: string
  readonly entries: readonly CatalogEntry[]
  /** Carries out the write that makes them count, which `finish` does inside it. */
  readonly commit: (finish: () => Catalog) => Promise<Catalog>
}

type Database = Pick<ClusterDatabase, 'globalDialPlan' | 'write'>

/**
 * All of them or none, whenever anybody looks and whenever the process dies. Rejects with DatabaseError as `importCatalog` throws it, or
 * with what `commit` rejects with, and then nothing has changed.
 */
export async function importInPieces(database: Database, { name, entries, commit }: CatalogImport): Promise<Catalog> {
  const { globalDialPlan } = database
  const content = await database.write(() => globalDialPlan.beginCatalogImport(name))
  try {
    for (let at = 0; at < entries.length; at += pieceEntries) {
      const piece = entries.slice(at, at + pieceEntries)
      await database.write(() => globalDialPlan.stageCatalogEntries(content, piece))
    }
    return await commit(() => globalDialPlan.finishCatalogImport(name, content))
  } finally {
    globalDialPlan.endCatalogImport(content)
    await clearInPieces(database)
  }
}

/** Takes away what an import has replaced, what was removed, and what has failed. What it leaves the next import or start takes away. */
export async function clearInPieces(database: Database): Promise<void> {
  const { globalDialPlan } = database
  try {
    while (await database.write(() => globalDialPlan.clearCatalogs(pieceEntries)));
  } catch {
    // Nobody misses it: the database is being closed, or cannot write, of which it has told by itself.
  }
}
