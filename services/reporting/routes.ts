import { Type } from 'typebox'
import { phoneFeatures } from '../database/phone-models.ts'
import { Role } from '../service.ts'
import type { ServiceApp } from '../service.ts'
import { allProducts, phoneFeatureList, serializePhoneFeatureList } from './phone-feature-list.ts'
import type { PhoneFeatureRow } from './phone-feature-list.ts'

const path = '/api/v1/reports'
const tags = ['reports']

const reports = [
  {
    name: 'phone-feature-list',
    title: 'Unified CM Phone Feature List',
    description: 'Which phone models have which features',
    path: `${path}/phone-feature-list`,
  },
]
const ReportView = Type.Object({
  name: Type.String(),
  title: Type.String({ description: 'As Cisco Unified Reporting calls it' }),
  description: Type.String(),
  path: Type.String(),
})
const RowView = Type.Unsafe<PhoneFeatureRow>(
  Type.Object({
    product: Type.String({ examples: ['Cisco 8845'] }),
    protocols: Type.Array(Type.String(), { examples: [['SIP']] }),
    feature: Type.String({ examples: ['Extension Mobility'] }),
  }),
)
const Query = Type.Object(
  {
    product: Type.Optional(
      Type.String({ maxLength: 128, default: allProducts, description: 'A model; All', examples: ['Cisco 8845'] }),
    ),
    feature: Type.Optional(
      Type.String({ maxLength: 128, description: `One of: ${phoneFeatures.join(', ')}; all when left out` }),
    ),
    format: Type.Optional(Type.Enum(['json', 'csv'], { default: 'json' })),
  },
  { additionalProperties: false },
)

/** The system reports. */
export function registerReportRoutes(app: ServiceApp): void {
  const config = { access: 'role', role: Role.readOnly } as const

  app.get(
    path,
    { config, schema: { tags, summary: 'All reports', response: { 200: Type.Array(ReportView) } } },
    async () => reports,
  )
  app.get(
    `${path}/phone-feature-list`,
    {
      config,
      schema: {
        tags,
        summary: 'Unified CM Phone Feature List; as CSV with format=csv',
        querystring: Query,
        response: { 200: Type.Union([Type.Array(RowView), Type.String()]) },
      },
    },
    async (request, reply) => {
      const rows = phoneFeatureList(request.query)
      if (request.query.format !== 'csv') return [...rows]
      return reply
        .type('text/csv; charset=utf-8; header=present')
        .serializer((text: unknown) => String(text))
        .send(serializePhoneFeatureList(rows))
    },
  )
}
