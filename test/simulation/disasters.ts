// Disks that are lost or set back. ils-sync heals one such loss at a time (README, limits): a second one before the first is
// noticed may leave nobody who knows, so the simulation waits with it.
import { compareVersions } from '../../ils-sync/core/data/record.ts'
import type { Version } from '../../ils-sync/core/data/record.ts'
import type { Tables } from './disk.ts'
import type { LoginImage, Oracle } from './oracle.ts'
import { areNeighbours } from './members.ts'
import type { SimNode } from './sim-node.ts'

interface Backup {
  readonly image: Tables
  readonly logins: LoginImage
}

export class Disasters {
  readonly #nodes: ReadonlyMap<string, SimNode>
  readonly #oracle: Oracle
  readonly #backups = new Map<string, Backup>()
  /** A node that runs on an older disk → the newest that others know of it. Ends with its next epoch. */
  readonly #doubted = new Map<string, Version>()

  constructor(nodes: ReadonlyMap<string, SimNode>, oracle: Oracle) {
    this.#nodes = nodes
    this.#oracle = oracle
  }

  backup(node: SimNode): void {
    this.#backups.set(node.id, { image: node.disk.image(), logins: this.#oracle.loginsAt(node.id) })
  }

  /** A restored node that went elsewhere before it has met anybody may find nobody there who knows what it lost. */
  mayMove(node: SimNode): boolean {
    this.#settle()
    return !this.#doubted.has(node.id)
  }

  /** False when it has to be left out. The node is down afterwards. */
  wipe(node: SimNode): boolean {
    this.#settle()
    if (this.#doubted.size > 0) return false
    node.crash()
    node.replaceDisk(undefined)
    this.#oracle.diskReplaced(node.id)
    return true
  }

  /** As `wipe`, to the last backup. */
  restore(node: SimNode): boolean {
    this.#settle()
    const backup = this.#backups.get(node.id)
    if (backup === undefined || this.#doubted.size > 0) return false
    const known = this.#newestKnown(node)
    const neighbours = [...this.#nodes.values()].filter((other) => areNeighbours(node, other))
    const forgotten = neighbours.some(({ disk }) => compareVersions(disk.durableVersion(node.id), known) < 0)
    if (forgotten) return false
    node.crash()
    node.replaceDisk(backup.image)
    this.#oracle.diskReplaced(node.id, backup.logins)
    if (compareVersions(known, node.disk.durableVersion(node.id)) > 0) this.#doubted.set(node.id, known)
    return true
  }

  #settle(): void {
    for (const [id, { epoch }] of this.#doubted) {
      const own = this.#nodes.get(id)?.disk.durableVersion(id)
      if (own !== undefined && own.epoch > epoch) this.#doubted.delete(id)
    }
  }

  #newestKnown(node: SimNode): Version {
    let newest: Version = { epoch: -1, usn: 0 }
    for (const { driver, disk } of this.#nodes.values()) {
      for (const version of [driver?.state.replica.version(node.id), disk.durableVersion(node.id)]) {
        if (version && compareVersions(version, newest) > 0) newest = { epoch: version.epoch, usn: version.usn }
      }
    }
    return newest
  }
}
