// Nodes whose messages a test carries by hand: it sees each one, and may lose, repeat, keep or change it.
import { randomBytes } from 'node:crypto'
import { createEnvelopeCodec } from '../../ils-sync/core/wire/envelope.ts'
import { parseMessage } from '../../ils-sync/core/wire/message.ts'
import type { Message } from '../../ils-sync/core/wire/message.ts'
import type { Alarm, Notice } from '../../ils-sync/core/notice.ts'
import { openKey } from '../../ils-sync/core/session/open-key.ts'
import type { IlsRecord, JsonValue } from '../../ils-sync/core/data/record.ts'
import type { CoreOptions } from '../../ils-sync/core/state.ts'
import { Driver, found } from '../../ils-sync/driver.ts'
import { createMemoryStore } from '../../ils-sync/store/memory.ts'
import type { MemoryStore } from '../../ils-sync/store/memory.ts'

export const heartbeatMs = 1000
export const networkKey = Buffer.from('the key of the network')
/** What letters outside of a session are signed with: the network's key, or nothing that is secret. */
const readers = [networkKey, openKey('n')].map((key) => createEnvelopeCodec(key, 'reader'))

export interface Letter {
  readonly from: string
  readonly to: string
  readonly bytes: Buffer
  /** As the addressee would read it; undefined for a refusal in a key that is not the network's. */
  readonly message: Message | undefined
}

export type NodeSettings = Pick<CoreOptions, 'self' | 'membership'> &
  Partial<CoreOptions> & {
    /** Writes of what was learned wait for `letGathered`. */
    readonly holdGathering?: boolean
  }

/** All nodes share one clock, which moves only when it is told to. */
export class Conversation {
  readonly nodes = new Map<string, TalkingNode>()
  /** Under way. */
  letters: Letter[] = []
  /** Everything that was ever sent. */
  readonly sent: Letter[] = []
  nowMs = 0
  wallMs = 1_700_000_000_000

  /** A running node, its transport up. `store` makes it a restart. */
  join(settings: NodeSettings, store: MemoryStore = createMemoryStore()): TalkingNode {
    const node = new TalkingNode(this, settings, store)
    this.nodes.set(node.id, node)
    node.driver.run({ type: 'tick' })
    node.driver.run({ type: 'up' })
    return node
  }

  post(from: string, to: string, bytes: Buffer): void {
    const letter = { from, to, bytes, message: this.#read(to, bytes) }
    this.letters.push(letter)
    this.sent.push(letter)
  }

  /** With the network's key, or that of the session, which the sender has. */
  #read(to: string, bytes: Buffer): Message | undefined {
    for (const reader of readers) {
      const opened = reader.open(bytes, (from, session) => {
        const live = this.nodes.get(from)?.driver.state.links.get(to)?.live
        return live?.id === session ? live.mac : undefined
      })
      if (opened.ok) return parseMessage(opened.body)
    }
    return undefined
  }

  deliver({ to, bytes }: Pick<Letter, 'to' | 'bytes'>): void {
    this.nodes.get(to)?.receive(bytes)
  }

  /** Delivers until nobody has anything to say. Letters that `keep` refuses are lost. */
  settle(keep: (letter: Letter) => boolean = () => true): void {
    for (let letter = this.letters.shift(); letter; letter = this.letters.shift())
      if (keep(letter)) this.deliver(letter)
  }

  /** Lets time go by in steps of half a heartbeat, delivering what is said. */
  pass(ms: number, keep?: (letter: Letter) => boolean): void {
    for (let passed = 0; passed < ms; passed += heartbeatMs / 2) {
      this.nowMs += heartbeatMs / 2
      this.wallMs += heartbeatMs / 2
      for (const node of this.nodes.values()) node.tick()
      this.settle(keep)
    }
  }

  /** Types of the messages between two nodes since then, in order. */
  said(from: string, to: string, since = 0): (string | undefined)[] {
    return this.sent
      .slice(since)
      .filter((letter) => letter.from === from && letter.to === to)
      .map(({ message }) => message?.type)
  }
}

export class TalkingNode {
  readonly id: string
  readonly store: MemoryStore
  readonly driver: Driver
  readonly notices: Notice[] = []
  /** While true, writes wait for `commit`. */
  holdCommits = false
  /** While true, writes do not even begin until `letWritten`. */
  holdWrites = false
  /** What the store could not do; without such a list that is thrown. */
  storeErrors: unknown[] | undefined
  #queued: (() => void)[] = []
  #held: (() => void)[] = []
  #effects: (() => void)[] = []
  #deferred: (() => void)[] = []
  #gathered: (() => void) | undefined

  constructor(conversation: Conversation, settings: NodeSettings, store: MemoryStore) {
    this.id = settings.self
    this.store = store
    found(store, settings.self, conversation.wallMs)
    const core: CoreOptions = {
      network: 'n',
      peerId: store.peerId(),
      authentication: { mode: 'password', key: networkKey },
      heartbeatMs,
      synchronizeEveryMs: 0,
      random: randomBytes,
      wall: () => conversation.wallMs,
      ...settings,
    }
    this.driver = new Driver({
      core,
      store,
      write: (work) => this.write(work),
      gather: (action) => {
        if (settings.holdGathering) this.#gathered = action
        else action()
      },
      afterCommit: (effect) => this.#effects.push(effect),
      send: (to, bytes) => conversation.post(this.id, to, bytes),
      defer: (action) => this.#deferred.push(action),
      now: () => conversation.nowMs,
      onNotice: (notice) => this.notices.push(notice),
      onStoreError: (error) => {
        if (this.storeErrors === undefined) throw error
        this.storeErrors.push(error)
      },
    })
  }

  /** Writes what has gathered; false when nothing has. */
  letGathered(): boolean {
    const action = this.#gathered
    this.#gathered = undefined
    action?.()
    return action !== undefined
  }

  tick(): void {
    this.driver.run({ type: 'tick' })
    this.endTurn()
  }

  receive(bytes: Uint8Array): void {
    this.driver.run({ type: 'message', bytes })
    this.endTurn()
  }

  /** Lets the writes begin that were held back. */
  letWritten(): void {
    this.holdWrites = false
    for (const work of this.#queued.splice(0)) this.write(work)
    this.endTurn()
  }

  /** One transaction; its effects at once, or when it is told to commit. */
  write(work: () => void): void {
    if (this.holdWrites) return void this.#queued.push(work)
    work()
    const effects = this.#effects.splice(0)
    const commit = () => {
      for (const effect of effects) effect()
    }
    if (this.holdCommits) this.#held.push(commit)
    else commit()
  }

  /** Records changes in one transaction, and ends the turn. */
  change(...changes: (readonly [kind: string, key: string, value: JsonValue])[]): void {
    this.write(() => {
      for (const [kind, key, value] of changes) this.driver.run({ type: 'change', kind, key, value })
    })
    this.endTurn()
  }

  /** A transaction that fails after its change: nothing of it is kept. */
  failingChange(kind: string, key: string, value: JsonValue): void {
    const before = this.store.fork()
    this.driver.run({ type: 'change', kind, key, value })
    this.#effects = []
    for (const { origin, version, records } of before.load())
      this.store.apply({ type: 'replace', origin, version, records })
    this.endTurn()
  }

  commit(): void {
    for (const commit of this.#held.splice(0)) commit()
    this.endTurn()
  }

  endTurn(): void {
    for (let action = this.#deferred.shift(); action; action = this.#deferred.shift()) action()
  }

  find(origin: string, kind: string, key: string): IlsRecord | undefined {
    return this.driver.state.replica.find(origin, kind, key)
  }

  status(peer: string): string | undefined {
    return this.driver.state.links.get(peer)?.status
  }

  refusals(): string[] {
    return this.notices.flatMap((notice) => (notice.type === 'refused' ? [notice.reason] : []))
  }

  alarms(): Alarm[] {
    return this.notices.flatMap((notice) => (notice.type === 'alarm' ? [notice.alarm] : []))
  }

  /** Everything that a message must not change when it is refused. */
  snapshot(): string {
    const { replica, own, links } = this.driver.state
    const sessions = [...links.values()].map(({ peer, live }) => [peer, live?.id, live?.received])
    return JSON.stringify([replica.digest(), [...replica.vector()], own.epoch, own.usn, sessions, this.store.load()])
  }
}

/** A hub and spokes that know everything of one another. */
export function network(spokes: readonly string[] = ['cluster1', 'cluster2']) {
  const talk = new Conversation()
  const hub = talk.join({ self: 'hub', membership: { role: 'hub' } })
  const nodes = spokes.map((self) => talk.join({ self, membership: { role: 'spoke', hub: 'hub' } }))
  talk.settle()
  talk.pass(2 * heartbeatMs)
  return { talk, hub, nodes }
}
