import type { EndUser } from '../database/api.ts'
import { foldName } from '../database/row-memory.ts'
import type { ServiceContext } from '../service.ts'

/**
 * Inside the work: "Configuring a user as superuser automatically initiates ILS sync" (Feature Configuration Guide). Told for a user
 * who was or is a superuser; ILS reads what became of them from the tables.
 */
export function tellIls(context: ServiceContext, before: EndUser | undefined, after: EndUser | undefined): void {
  const userId = after?.userId ?? before?.userId
  if (userId === undefined || !(before?.superuser || after?.superuser)) return
  context.find('ils')?.superuserChanged(userId)
}

/** The superusers who control a device profile; whoever else does is nothing to ILS. */
export function superusersWith(context: ServiceContext, profileName: string): readonly EndUser[] {
  const wanted = foldName(profileName)
  const controls = (user: EndUser): boolean => user.deviceProfiles.some((name) => foldName(name) === wanted)
  return context.use('database').endUsers.superusers().filter(controls)
}
