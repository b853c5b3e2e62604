// Sends a catalog's CSV file to a hub cluster, with the catalog itself where it is not there yet.
import type { Catalog } from '../services/database/api.ts'
import { openCsv } from './bulk-file.ts'
import { orUndefined } from './cluster-client.ts'
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
  const existing = await orUndefined(cluster.get<Catalog>(one))
  if (existing === undefined) return importNew(cluster, wanted, csv)
  const imported = await cluster.postCsv<Catalog>(`${one}/entries`, csv)
  return routeString === undefined ? imported : cluster.patch<Catalog>(one, { routeString })
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
  try {
    return await cluster.postCsv<Catalog>(`${one}/entries`, csv)
  } catch (error) {
    // What went wrong first is what people should read.
    await cluster.delete(one).catch(() => {})
    throw error
  }
}
