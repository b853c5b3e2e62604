import type { DialPlanChange } from '../../ils/api.ts'
import type { ServiceContext } from '../../service.ts'
import { announce, commit } from '../change.ts'

/** Nothing that a phone shows is another one now. */
const noPhones: readonly string[] = []

/** This cluster never routes by the patterns that it advertises, nor by the catalogs that it imports. */
const onlyForOthers: ReadonlySet<DialPlanChange['part']> = new Set(['pattern', 'catalog'])

/** Carries out `work`, which changes what this cluster advertises or how it uses what it learns; tells ILS, and CallManager where it routes by it. */
export function changeDialPlan<T>(
  context: ServiceContext,
  work: () => T,
  changed: (value: T) => DialPlanChange,
): Promise<T> {
  return commit(context, () => {
    const value = work()
    const change = changed(value)
    context.find('ils')?.dialPlanChanged(change)
    if (!onlyForOthers.has(change.part)) announce(context, noPhones)
    return value
  })
}

/** As `changeDialPlan`, for what this cluster neither advertises nor learns. */
export function changeRouting<T>(context: ServiceContext, work: () => T): Promise<T> {
  return commit(context, () => {
    const value = work()
    announce(context, noPhones)
    return value
  })
}
