import type { Command } from 'commander'
import { oneCluster } from '../lab-client.ts'
import { paint, printResult, run, talksToLab } from './verb.ts'
import type { CommonOptions } from './verb.ts'

interface ImportOptions extends CommonOptions {
  readonly cluster?: string
  readonly routeString?: string
}

/** `roamline catalog import <name> <file.csv>` */
export function addCatalog(program: Command): void {
  const catalog = program
    .command('catalog')
    .description('imported global dial plan catalogs: numbers of a call control that is not in the ILS network')
  const command = catalog
    .command('import')
    .description('import a catalog into a hub cluster, all of the file or nothing')
    .argument('<name>', 'name of the catalog')
    .argument('<file>', 'CSV in UTF-8; GET /api/v1/global-dial-plan/catalogs/sample.csv shows one')
    .option('--route-string <text>', 'under which other clusters reach what is in it; needed for a new catalog')
    .option('--cluster <name>', 'hub cluster to write to; may be left out when only one runs')
  const example = 'npx roamline catalog import partner partner.csv --route-string partner.example --cluster cluster1'
  talksToLab(command, example).action((name: string, file: string, options: ImportOptions) =>
    run(options.json, () => importInto(name, file, options)),
  )
}

async function importInto(name: string, file: string, options: ImportOptions): Promise<void> {
  const { routeString, json } = options
  const cluster = await oneCluster(options)
  const { importCatalog } = await import('../import-catalog.ts')
  const imported = await importCatalog(cluster, { name, file, ...(routeString !== undefined && { routeString }) })
  printResult(imported, json, ({ name: known, entries, routeString: route }) =>
    paint('green', `${known}: ${entries} entries under ${route} at ${cluster.name}`),
  )
}
