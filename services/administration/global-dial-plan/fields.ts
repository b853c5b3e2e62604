// Members that several resources of the global dial plan share.
import { Type } from 'typebox'
import type { PatternFailover } from '../../database/api.ts'

export const root = '/api/v1/global-dial-plan'
export const tags = ['global-dial-plan']

/** Unknown members are typing errors. */
export const strict = { additionalProperties: false }

/** PSTN Failover of a pattern. */
export const failover = Type.Unsafe<PatternFailover>(
  Type.Object(
    {
      use: Type.Enum(["Don't Use PSTN Failover", 'Use Pattern as PSTN Failover', 'Strip Digits and Prepend Digits'], {
        description: 'What others dial over the PSTN when the way to this cluster fails',
      }),
      stripDigits: Type.Optional(
        Type.Integer({ minimum: 0, maximum: 64, description: 'Digits taken away in front of what was dialled' }),
      ),
      prependDigits: Type.Optional(
        Type.String({ maxLength: 65, description: 'Digits put in front of what is left', examples: ['+1408'] }),
      ),
    },
    strict,
  ),
)

/** With what is left out filled in. */
export function readFailover(given: PatternFailover): PatternFailover {
  if (given.use !== 'Strip Digits and Prepend Digits') return { use: given.use }
  const { use, stripDigits = 0, prependDigits = '' } = given
  return { use, stripDigits, prependDigits }
}
