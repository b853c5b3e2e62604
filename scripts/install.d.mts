// Types of install.mjs, which has to run before anything could check or strip them.

export type PackageSet = 'prod' | 'dev'
export interface Stamp {
  readonly lock: string
  readonly set: PackageSet
}
interface LockEntry {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly devOptional?: boolean
  readonly link?: boolean
}
export interface Lockfile {
  readonly packages: Readonly<Record<string, LockEntry>>
}
export const projectRoot: string
export class InstallError extends Error {}
export function installMissing(wanted: PackageSet, root?: string): Promise<void>
export function isInstalled(wanted: PackageSet, root?: string): boolean
export function serves(stamp: Stamp | undefined, lockHash: string, wanted: PackageSet): boolean
export function holds(present: Partial<Lockfile>, asked: Lockfile, wanted: PackageSet): boolean
