// Types of launch.mjs, which has to run before anything could check or strip them.
import type { PackageSet } from './install.mjs'

export interface Entry {
  readonly script: string
  readonly before: readonly string[]
  readonly set: PackageSet
}
export interface NodeChoice {
  readonly version: string
  readonly executable: string
  readonly packaged: string
  readonly exists?: (path: string) => boolean
}
export const oldestNode: readonly [number, number]
export const entries: Readonly<Record<string, Entry>>
export function isNewEnough(version: string, oldest?: readonly [number, number]): boolean
export function chooseNode(choice: NodeChoice): string | undefined
export function launch(name: string, arguments_: readonly string[]): Promise<number>
export function main(name: string, arguments_: readonly string[]): Promise<void>
