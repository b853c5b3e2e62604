// Floor of the EM API: a bare Fastify that reads the same forms and the same XML (saxes) and answers the same bytes; it checks, stores
// and publishes nothing.
import Fastify from 'fastify'
import { SaxesParser } from 'saxes'
import { success } from './em-api-documents.ts'

const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false })
let values: Record<string, string> = {}
let text = ''
parser.on('error', (error) => {
  throw error
})
parser.on('opentag', () => void (text = ''))
parser.on('text', (chunk) => void (text += chunk))
parser.on('closetag', ({ name }) => {
  values[name] = text
  text = ''
})

/** The one field of the form. */
function documentOf(body: string): string {
  const [name, value = ''] = body.split('=', 2)
  if (name !== 'xml') throw new Error('there is no field xml')
  return decodeURIComponent(value.replaceAll('+', ' '))
}

const app = Fastify({ logger: false })
app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
  done(null, body),
)
app.post('/emservice/EMServiceServlet', async (request, reply) => {
  values = {}
  parser.write(documentOf(request.body as string)).close()
  reply.header('content-type', 'text/xml; charset=utf-8')
  return values['deviceName'] === undefined ? '' : success
})
const http = await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${JSON.stringify({ ready: true, http })}\n`)
process.once('SIGTERM', () => process.exit(0))
