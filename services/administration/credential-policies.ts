import { Type } from 'typebox'
import type { CredentialPolicy } from '../database/api.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp, ServiceContext } from '../service.ts'
import { commit, notFound } from './change.ts'
import { listOf, name, text } from './fields.ts'

const path = '/api/v1/credential-policies'
const tags = ['credential-policies']

const upTo = (maximum: number, description: string, minimum = 0) => Type.Integer({ minimum, maximum, description })

// The ranges are ours: the documents at hand name the fields only.
const changeable = {
  failedLogonAttempts: upTo(100, 'Wrong attempts after which the account is locked; 0 = never'),
  resetFailedLogonAttemptsMinutes: upTo(1440, 'Minutes after which wrong attempts are forgotten', 1),
  lockoutMinutes: upTo(1440, 'Minutes that a lock lasts; 0 = until an administrator unlocks'),
  minimumLength: upTo(64, 'Characters that a new credential has at least', 1),
  storedHistory: upTo(25, 'How many earlier credentials may not be taken again'),
  checkForTrivial: Type.Boolean({ description: 'Check for Trivial Passwords' }),
  expiresAfterDays: upTo(365, 'Days after which a credential expires; 0 = never'),
}
const PolicyView = Type.Unsafe<CredentialPolicy>(
  Type.Object({ name: name('Credential policy', 'Default Credential Policy'), ...changeable }),
)
const PolicyChanges = Type.Partial(Type.Object(changeable), { additionalProperties: false })
const OnePolicy = Type.Object({ name: text('Credential policy', 'Default Credential Policy') })

/** What a new PIN must be like, and what happens to who guesses. In force at once. */
export function registerCredentialPolicyRoutes(app: ServiceApp, { context }: Door<object>): void {
  const read = { access: 'role', role: Role.readOnly } as const

  app.get(
    path,
    { config: read, schema: { tags, summary: 'All credential policies', response: { 200: listOf(PolicyView) } } },
    async () => context.use('database').credentialPolicies.list(),
  )
  app.get(
    `${path}/:name`,
    {
      config: read,
      schema: { tags, summary: 'One credential policy', params: OnePolicy, response: { 200: PolicyView } },
    },
    async (request) => findPolicy(context, request.params.name),
  )
  app.patch(
    `${path}/:name`,
    {
      config: { access: 'role', role: Role.administer },
      schema: {
        tags,
        summary: 'Change a credential policy',
        params: OnePolicy,
        body: PolicyChanges,
        response: { 200: PolicyView },
      },
    },
    async (request) =>
      commit(context, () => {
        const { name: known } = findPolicy(context, request.params.name)
        return context.use('database').credentialPolicies.update(known, request.body)
      }),
  )
}

function findPolicy(context: ServiceContext, id: string): CredentialPolicy {
  const wanted = id.toLowerCase()
  const policies = context.use('database').credentialPolicies.list()
  const policy = policies.find((one) => one.name.toLowerCase() === wanted)
  if (policy === undefined) throw notFound('credential policy', id)
  return policy
}
