// The values that seeds are made of.
import { Type } from 'typebox'
import type { TObject, TProperties } from 'typebox'

/** Unknown keys are typing errors. */
export function strict<Properties extends TProperties>(properties: Properties): TObject<Properties> {
  return Type.Object(properties, { additionalProperties: false })
}

export const Name = Type.String({ minLength: 1, maxLength: 128 })
export const Names = Type.Array(Name)
export const Text = Type.String({ maxLength: 255 })
export const Secret = Type.String({ minLength: 1, maxLength: 128 })

/** As people write it; `1000-001` is stored as `1000001`. */
export const DialledNumber = Type.String({ minLength: 1, maxLength: 80 })
