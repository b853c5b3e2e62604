import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { Type } from 'typebox'
import type { Catalog } from '../../database/api.ts'
import { clearInPieces, importInPieces } from '../../database/catalog-import.ts'
import { foldName } from '../../database/row-memory.ts'
import { Problem } from '../../problem.ts'
import { Role } from '../../service.ts'
import type { Door, ServiceApp, ServiceContext } from '../../service.ts'
import { asProblem, notFound } from '../change.ts'
import { listOf, name, nothing, text } from '../fields.ts'
import { catalogFile, largestCatalog, readCatalog, sampleEntries } from './catalog-file.ts'
import { changeDialPlan } from './dial-plan-change.ts'
import { root, strict, tags } from './fields.ts'

const path = `${root}/catalogs`
const sampleName = 'sample.csv'

const catalogName = name('Name of the catalog', 'partner')
const routeString = Type.String({
  minLength: 1,
  maxLength: 253,
  description: 'Route String under which other clusters reach what is in it',
  examples: ['partner.roamline.example'],
})
const changeable = { description: text('Free text', 'Numbers of our partner'), routeString }
const CatalogView = Type.Unsafe<Catalog>(
  Type.Object({
    name: catalogName,
    ...changeable,
    entries: Type.Integer({ description: 'URIs, numbers and patterns' }),
  }),
)
const NewCatalog = Type.Object(
  { name: catalogName, routeString, description: Type.Optional(changeable.description) },
  strict,
)
const CatalogChanges = Type.Partial(Type.Object(changeable), strict)
const OneCatalog = Type.Object({ name: text('Catalog', 'partner') })
const read = { access: 'role', role: Role.readOnly } as const
const write = { access: 'role', role: Role.administer } as const

/** Imported Global Dial Plan Catalogs: numbers of a call control that is not in the ILS network. */
export function registerCatalogRoutes(app: ServiceApp, { context }: Door<object>): void {
  registerReading(app, context)
  app.post(
    path,
    { config: write, schema: { tags, summary: 'Add a catalog', body: NewCatalog, response: { 201: CatalogView } } },
    async (request, reply) => {
      const wanted = { description: '', ...request.body }
      refuseSampleName(wanted.name)
      const catalog = await changeCatalog(context, () => context.use('database').globalDialPlan.insertCatalog(wanted))
      return reply
        .code(201)
        .header('location', `${path}/${encodeURIComponent(catalog.name)}`)
        .send(catalog)
    },
  )
  app.patch(
    `${path}/:name`,
    {
      config: write,
      schema: {
        tags,
        summary: 'Change a catalog',
        params: OneCatalog,
        body: CatalogChanges,
        response: { 200: CatalogView },
      },
    },
    async (request) =>
      changeCatalog(context, () => {
        const { name: known } = findCatalog(context, request.params.name)
        return context.use('database').globalDialPlan.updateCatalog(known, request.body)
      }),
  )
  app.delete(
    `${path}/:name`,
    {
      config: write,
      schema: { tags, summary: 'Delete a catalog and all that is in it', params: OneCatalog, response: nothing },
    },
    async (request, reply) => {
      await changeCatalog(context, () => {
        const catalog = findCatalog(context, request.params.name)
        context.use('database').globalDialPlan.removeCatalog(catalog.name)
        return catalog
      })
      await clearInPieces(context.use('database'))
      return reply.code(204).send(null)
    },
  )
  // In a scope of its own: no other resource reads CSV.
  app.register(async (scope) => registerImport(scope as unknown as ServiceApp, context))
}

/** What is asked for under this name is not a catalog. */
function refuseSampleName(given: string): void {
  if (foldName(given) !== sampleName) return
  const detail = `${sampleName} is the file that shows how a catalog is written; give the catalog another name.`
  throw new Problem({ status: 422, title: 'Not a possible value', detail })
}

function registerReading(app: ServiceApp, context: ServiceContext): void {
  app.get(
    path,
    { config: read, schema: { tags, summary: 'All catalogs', response: { 200: listOf(CatalogView) } } },
    async () => context.use('database').globalDialPlan.catalogs(),
  )
  app.get(
    `${path}/${sampleName}`,
    { config: read, schema: { tags, summary: 'A file with one entry of each type', produces: ['text/csv'] } },
    async (_request, reply) => reply.type(csv).send([...catalogFile(sampleEntries)].join('')),
  )
  app.get(
    `${path}/:name`,
    { config: read, schema: { tags, summary: 'One catalog', params: OneCatalog, response: { 200: CatalogView } } },
    async (request) => findCatalog(context, request.params.name),
  )
  app.get(
    `${path}/:name/entries`,
    {
      config: read,
      schema: { tags, summary: 'What is in it, as it can be imported', params: OneCatalog, produces: ['text/csv'] },
    },
    async (request, reply) => {
      const { globalDialPlan } = context.use('database')
      const entries = globalDialPlan.catalogEntries(findCatalog(context, request.params.name).name)
      return reply.type(csv).send(Readable.from(inPieces(catalogFile(entries))))
    },
  )
}

/** Lines of a file that leave together; others have their turn before the next ones. */
const pieceLines = 1000

async function* inPieces(lines: Iterable<string>): AsyncGenerator<string> {
  let piece: string[] = []
  for (const line of lines) {
    if (piece.push(line) < pieceLines) continue
    yield piece.join('')
    piece = []
    await setImmediate()
  }
  yield piece.join('')
}

const csv = 'text/csv; charset=utf-8; header=present'

function registerImport(app: ServiceApp, context: ServiceContext): void {
  app.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  for (const method of ['PUT', 'POST'] as const) {
    app.route({
      method,
      url: `${path}/:name/entries`,
      config: write,
      bodyLimit: largestCatalog,
      schema: {
        tags,
        summary: 'Import a file, all of it or nothing, in place of what is in the catalog; only on a hub',
        consumes: ['text/csv'],
        params: OneCatalog,
        body: Type.Unsafe<unknown>({
          description: 'CSV (RFC 4180) in UTF-8, at most 32 MiB; `sample.csv` shows header and columns',
        }),
        response: { 200: CatalogView },
      },
      handler: async (request) => importFile(context, request.params.name, request.body),
    })
  }
}

async function importFile(context: ServiceContext, id: string, body: unknown): Promise<Catalog> {
  requireHub(context)
  findCatalog(context, id)
  if (!Buffer.isBuffer(body)) {
    const detail = 'The body must be a CSV file, sent with the content type text/csv.'
    throw new Problem({ status: 415, title: 'Unsupported Media Type', detail })
  }
  const entries = await readCatalog(body)
  // The role and the catalog may have gone while the file was read, and again while it came in.
  requireHub(context)
  const { name: known } = findCatalog(context, id)
  const commit = (finish: () => Catalog) =>
    changeCatalog(context, () => {
      requireHub(context)
      return finish()
    })
  try {
    return await importInPieces(context.use('database'), { name: known, entries, commit })
  } catch (error) {
    throw asProblem(error)
  }
}

/** Third-party catalogs can be imported only into a hub cluster (System Configuration Guide). */
function requireHub(context: ServiceContext): void {
  const role = context.find('ils')?.configuration().role
  if (role === 'hub') return
  const what = role === undefined ? 'ILS does not run here' : `this is a ${role} cluster`
  const detail = `A catalog can be imported only into a hub cluster, and ${what}.`
  throw new Problem({ status: 409, title: 'Not a hub', detail })
}

function changeCatalog(context: ServiceContext, work: () => Catalog): Promise<Catalog> {
  return changeDialPlan(context, work, (catalog) => ({ part: 'catalog', name: catalog.name }))
}

function findCatalog(context: ServiceContext, id: string): Catalog {
  const wanted = foldName(id)
  const found = context
    .use('database')
    .globalDialPlan.catalogs()
    .find((one) => foldName(one.name) === wanted)
  if (found === undefined) throw notFound('catalog', id)
  return found
}
