// Sends a catalog's CSV file to a hub cluster, with the catalog itself where it is not there yet.
import type { Catalog } from '../services/database/api.ts'
import { foldName } from '../services/database/row-memory.ts'
import { openCsv } from './bulk-file.ts'
import type { ClusterClient } from './cluster-client.ts'
import { LabError } from './lab/lab-error.ts'

/** A file, and of what catalog. */
export interface CatalogToImport {
  readonly name: string
  readonly file: string
  /** A new catalog needs one; one that is there gets this one, if any. */
  readonly routeString?: string
}

const path = '/api/v1/global-dial-plan/catalogs'

/**
 * Rejects with LabError for a file that cannot be read or a new catalog without a route string, with ApiProblem for what the cluster
 * refuses; a catalog that was added for a file that is refused is taken away again.
 */
export async function importCatalog(cluster: ClusterClient, wanted: CatalogToImport): Promise<Catalog> {
  const { name, file, routeString } = wanted
  const csv = await openCsv(file)
  const one = `${path}/${encodeURIComponent(name)}`
  const catalogs = await cluster.get<readonly Catalog[]>(path)
  const existing = catalogs.find((catalog) => foldName(catalog.name) === foldName(name))
  if (existing === undefined) return importNew(cluster, wanted, csv)
  if (routeString === undefined) return cluster.postCsv<Catalog>(`${one}/entries`, csv)
  // First, for it can be undone when the file is refused; what the file replaces could not.
  await cluster.patch<Catalog>(one, { routeString })
  return importOrUndo(cluster, { one, csv, undo: () => cluster.patch(one, { routeString: existing.routeString }) })
}

async function importNew(cluster: ClusterClient, wanted: CatalogToImport, csv: Blob): Promise<Catalog> {
  const { name, routeString } = wanted
  if (routeString === undefined) {
    throw new LabError(
      'LAB_USAGE',
      `${cluster.name} has no catalog ${name} yet: say its route string with --route-string.`,
    )
  }
  const { name: added } = await cluster.post<Catalog>(path, { name, routeString })
  const one = `${path}/${encodeURIComponent(added)}`
  return importOrUndo(cluster, { one, csv, undo: () => cluster.delete(one) })
}

interface Import {
  /** Path of the catalog. */
  readonly one: string
  readonly csv: Blob
  readonly undo: () => Promise<unknown>
}

async function importOrUndo(cluster: ClusterClient, { one, csv, undo }: Import): Promise<Catalog> {
  try {
    return await cluster.postCsv<Catalog>(`${one}/entries`, csv)
  } catch (error) {
    // What went wrong first is what people should read.
    await undo().catch(() => {})
    throw error
  }
}
