// The EM API: POST /emservice/EMServiceServlet with a form field `xml`, or GET with it in the query. What was asked for and whether it
// was done stands in the XML alone, under HTTP 200; HTTP speaks where the servlet never came to word (405, 413, 415, 503).
import { isEmApiProblem, parseEmApiRequest } from '../../wire/em-api/index.ts'
import type { EmApiProblem } from '../../wire/em-api/index.ts'
import { isFormProblem, parseForm, parseQuery } from '../../wire/form.ts'
import type { Form, FormProblem } from '../../wire/form.ts'
import type { Door, ServiceApp } from '../../service.ts'
import type { ExtensionMobility } from '../api.ts'
import { createCallers } from './callers.ts'
import { carryOut, originOf } from './carry-out.ts'
import { serializeParsingFailure, serializeTrouble } from './failures.ts'

const path = '/emservice/EMServiceServlet'
const tags = ['em-api']
/** Bytes are those of the largest body (HTTP 413 above it); clients send one field, our choice is to stop at a few. */
const formLimits = { fields: 16, bytes: 262_144, rawField: 'xml' }

const description = `A \`request\` (login, logout, logoutAll) or a \`query\` (deviceUserQuery, userDevicesQuery, deviceProfileQuery, checkUser), each with
\`appInfo\`: \`<request><appInfo><appID>emproxy</appID><appCertificate>password</appCertificate></appInfo><logout><deviceName>SEP000000010002</deviceName></logout></request>\`.
The answer is XML with HTTP 200, for failures too: \`<success/>\`, results, or \`<failure><error code="25">\`. The application user needs the role
Standard EM Authentication Proxy Rights; an end user with a password acts for himself.`

/** Registers the EM API. The application is authenticated by what its XML says; HTTP authentication is not looked at. */
export function registerEmApiRoutes(app: ServiceApp, door: Door<ExtensionMobility>): void {
  const callers = createCallers(door)

  async function answer(request: AskedOverHttp): Promise<string> {
    const document = readDocument(request)
    const parsed = typeof document === 'string' ? parseEmApiRequest(document) : document
    if (isEmApiProblem(parsed)) return serializeParsingFailure(parsed)
    try {
      // Awaited only where a password must be hashed first: all others are in this turn's transaction.
      const identified = callers.identify(parsed)
      const caller = identified instanceof Promise ? await identified : identified
      callers.requireRights(caller, parsed.action)
      return await carryOut(door.api(), { caller, action: parsed.action, origin: originOf(parsed, caller, request) })
    } catch (error) {
      return serializeTrouble(error, door.context.log)
    }
  }

  app.register(async (scope) => {
    // Some clients send a wrong content type or none at all. Whatever it is, it is read as a form, and what is no form has no `xml`.
    scope.removeAllContentTypeParsers()
    const keep = (_request: unknown, body: string | Buffer, done: (error: null, body: unknown) => void): void =>
      done(null, body)
    scope.addContentTypeParser(['application/x-www-form-urlencoded', '*'], { parseAs: 'string' }, keep)
    for (const method of ['POST', 'GET'] as const) {
      scope.route({
        method,
        url: path,
        exposeHeadRoute: false,
        config: { access: 'open' },
        schema: {
          tags,
          summary: `EM API: the document is the ${method === 'GET' ? 'query' : 'form'} field \`xml\``,
          description,
          consumes: ['application/x-www-form-urlencoded'],
          produces: ['text/xml'],
        },
        handler: async (request, reply) => {
          reply.header('content-type', 'text/xml; charset=utf-8')
          return answer(request as AskedOverHttp)
        },
      })
    }
  })
}

/** What is looked at of a request. */
interface AskedOverHttp {
  readonly url: string
  readonly body?: unknown
  readonly ip: string
  readonly headers: { readonly via?: string | string[] | undefined }
}

/** The document, in the body's form or the query, as a servlet finds a parameter in either. */
function readDocument({ url, body }: AskedOverHttp): string | EmApiProblem {
  const form = typeof body === 'string' ? parseForm(body, formLimits) : noForm
  const query = url.includes('?') ? parseQuery(url, formLimits) : noForm
  if (isFormProblem(form)) return unreadable(formProblems[form.problem])
  if (isFormProblem(query)) return unreadable(formProblems[query.problem])
  const [inForm, inQuery] = [form.get('xml'), query.get('xml')]
  if (inForm !== undefined && inQuery !== undefined) return unreadable(formProblems.duplicate)
  return inForm ?? inQuery ?? unreadable('there is no form field xml (application/x-www-form-urlencoded)')
}

const noForm: Form = new Map()

const formProblems: Readonly<Record<FormProblem['problem'], string>> = {
  encoding: 'the form is not UTF-8, or a percent escape in it is broken',
  duplicate: 'a form field comes twice',
  tooManyFields: `the form has more than ${formLimits.fields} fields`,
  tooLong: `a form field has more than ${formLimits.bytes} bytes`,
}

function unreadable(problem: string): EmApiProblem {
  return { code: 1, problem }
}
