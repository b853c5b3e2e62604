import { findPhoneModel, phoneFeatures, phoneModels } from '../database/phone-models.ts'
import type { PhoneFeature, PhoneModel } from '../database/phone-models.ts'
import { Problem } from '../problem.ts'
import { serializeRecord } from '../wire/csv.ts'

/** Product = All, as on the report's page. */
export const allProducts = 'All'

/** One line of the report: a feature that a model has. */
export interface PhoneFeatureRow {
  readonly product: string
  readonly protocols: readonly string[]
  readonly feature: PhoneFeature
}

/** What is asked for; a member left out asks for all. */
export interface PhoneFeatureQuery {
  readonly product?: string | undefined
  readonly feature?: string | undefined
}

/** Which models have which features, by model. Throws Problem (404) for a model or a feature that the report does not know. */
export function phoneFeatureList({ product = allProducts, feature }: PhoneFeatureQuery): readonly PhoneFeatureRow[] {
  const wanted = feature === undefined ? phoneFeatures : [findFeature(feature)]
  return findModels(product).flatMap(({ model, protocols, features }) =>
    wanted.filter((one) => features.includes(one)).map((one) => ({ product: model, protocols, feature: one })),
  )
}

/** The report as CSV. */
export function serializePhoneFeatureList(rows: readonly PhoneFeatureRow[]): string {
  const records = rows.map(({ product, protocols, feature }) => [product, protocols.join(' '), feature])
  return [['product', 'protocols', 'feature'], ...records].map(serializeRecord).join('')
}

function findModels(product: string): readonly PhoneModel[] {
  if (product.toLowerCase() === allProducts.toLowerCase()) return phoneModels
  const found = findPhoneModel(product)
  if (found !== undefined) return [found]
  throw unknown('product', product, [allProducts, ...phoneModels.map(({ model }) => model)])
}

function findFeature(name: string): PhoneFeature {
  const wanted = name.toLowerCase()
  const found = phoneFeatures.find((feature) => feature.toLowerCase() === wanted)
  if (found !== undefined) return found
  throw unknown('feature', name, phoneFeatures)
}

function unknown(what: string, given: string, known: readonly string[]): Problem {
  const detail = `The report knows no ${what} ${JSON.stringify(given)}; there are: ${known.join(', ')}.`
  return new Problem({ status: 404, title: 'Not found', detail })
}
