// What a directory number is to other clusters: alternate numbers, directory URIs, the failover that is advertised.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { AdvertisedFailover } from '../../database/api.ts'
import type {
  AdvertisedNumber,
  AlternateNumber,
  ClusterDatabase,
  DirectoryNumber,
  DirectoryUri,
} from '../../database/api.ts'
import { Problem } from '../../problem.ts'
import type { ServiceContext } from '../../service.ts'
import { notFound } from '../change.ts'
import { readDirectoryNumber, text } from '../fields.ts'
import { changeDialPlan } from './dial-plan-change.ts'
import { strict } from './fields.ts'

const mask = Type.String({
  minLength: 1,
  maxLength: 80,
  description: 'Number Mask: each X is the digit of the directory number at that place from the right',
  examples: ['8555XXXX'],
})
const partition = text(
  'Add to Local Route Partition: dialled here too, empty = <None>; absent = only others dial it',
  '',
)
const advertise = Type.Boolean({ description: 'Advertise Globally via ILS' })
const AlternateView = Type.Object({
  mask,
  number: Type.String({ description: 'The mask filled in', examples: ['85550001'] }),
  partition: Type.Optional(partition),
  advertise,
})
const alternateInput = Type.Object(
  { mask, partition: Type.Optional(partition), advertise: Type.Optional(advertise) },
  strict,
)
const AlternateInput = Type.Union([alternateInput, Type.Null()], { description: 'null takes it away' })
const uri = Type.String({ minLength: 1, maxLength: 255, description: 'user@host', examples: ['bob@roamline.example'] })
const uriPartition = text('Partition of the URI; empty = <None>', '')
const advertisedFailover = Type.Enum(Object.values(AdvertisedFailover), {
  description: 'Advertised Failover Number: which number others dial over the PSTN when the way to this cluster fails',
})

/** Members of a line as it is told. */
export const advertisedMembers = {
  enterpriseAlternateNumber: Type.Optional(AlternateView),
  e164AlternateNumber: Type.Optional(AlternateView),
  advertisedFailover,
  directoryUris: Type.Array(Type.Object({ uri, partition: uriPartition, advertise }), {
    description: 'Directory URIs; the first is the primary one',
  }),
}

/** What can be changed of a line. */
export const NumberChanges = Type.Object(
  {
    enterpriseAlternateNumber: Type.Optional(AlternateInput),
    e164AlternateNumber: Type.Optional(AlternateInput),
    advertisedFailover: Type.Optional(advertisedFailover),
    directoryUris: Type.Optional(
      Type.Array(
        Type.Object({ uri, partition: Type.Optional(uriPartition), advertise: Type.Optional(advertise) }, strict),
        { maxItems: 5, description: 'Replaces all URIs; five at most, the first is the primary one' },
      ),
    ),
  },
  strict,
)
export type NumberChanges = Static<typeof NumberChanges>

/** A directory number as it is told. */
export interface LineState extends DirectoryNumber {
  readonly enterpriseAlternateNumber?: AlternateNumber
  readonly e164AlternateNumber?: AlternateNumber
  readonly advertisedFailover: AdvertisedFailover
  readonly directoryUris: readonly DirectoryUri[]
}

/** With what each is to other clusters. */
export function lineStates(database: ClusterDatabase, numbers: readonly DirectoryNumber[]): readonly LineState[] {
  const { globalDialPlan } = database
  const [only, ...others] = numbers
  if (only && others.length === 0) return [lineState(only, globalDialPlan.number(only.dn, only.partition))]
  const advertised = new Map<string, AdvertisedNumber>()
  for (const one of globalDialPlan.numbers()) advertised.set(keyOf(one), one)
  return numbers.map((number) => lineState(number, advertised.get(keyOf(number))))
}

function lineState(number: DirectoryNumber, advertised: AdvertisedNumber | undefined): LineState {
  const { enterpriseAlternateNumber: enterprise, e164AlternateNumber: e164 } = advertised ?? {}
  return {
    ...number,
    ...(enterprise && { enterpriseAlternateNumber: enterprise }),
    ...(e164 && { e164AlternateNumber: e164 }),
    advertisedFailover: advertised?.advertisedFailover ?? AdvertisedFailover.none,
    directoryUris: advertised?.directoryUris ?? [],
  }
}

function keyOf({ dn, partition: of }: Pick<DirectoryNumber, 'dn' | 'partition'>): string {
  return `${dn}\t${of}`
}

/** Rejects with Problem (404, 409, 422). Without `inPartition` the number must be in one partition only. */
export function changeLine(
  context: ServiceContext,
  id: string,
  inPartition: string | undefined,
  changes: NumberChanges,
): Promise<LineState> {
  const dn = readDirectoryNumber(id)
  const database = context.use('database')
  const work = () => {
    const number = findNumber(database, dn, inPartition)
    return lineState(number, database.globalDialPlan.changeNumber(dn, number.partition, changes))
  }
  return changeDialPlan(context, work, ({ partition: of }) => ({ part: 'number', dn, partition: of }))
}

function findNumber(database: ClusterDatabase, dn: string, inPartition: string | undefined): DirectoryNumber {
  const found = database.lines.find(dn)
  const [number, ...others] = inPartition === undefined ? found : found.filter((one) => one.partition === inPartition)
  if (number === undefined) throw notFound('directory number', `${dn}${inPartition ? ` in ${inPartition}` : ''}`)
  if (others.length === 0) return number
  const names = found.map((one) => one.partition || '<None>').join(', ')
  const detail = `${dn} is in several partitions (${names}): say which with ?partition=, which is empty for <None>.`
  throw new Problem({ status: 409, title: 'Several directory numbers', detail })
}
