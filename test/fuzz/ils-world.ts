// A small ILS network that goes about its work while it is tormented: two hubs, three clusters of people, and mallory, who is a member
// of the network and bends what it says.
import { hash } from 'node:crypto'
import { createEnvelopeCodec } from '../../ils-sync/core/wire/envelope.ts'
import { serializeFrame } from '../../ils-sync/core/wire/message.ts'
import type { MessageType } from '../../ils-sync/core/wire/message.ts'
import { openKey } from '../../ils-sync/core/session/open-key.ts'
import type { Authentication, Membership, PeerCertificates } from '../../ils-sync/core/state.ts'
import { createMemoryStore } from '../../ils-sync/store/memory.ts'
import { Conversation, heartbeatMs, networkKey } from '../ils-sync/conversation.ts'
import type { Letter, TalkingNode } from '../ils-sync/conversation.ts'
import type { Random } from '../simulation/random.ts'

export const places: Readonly<Record<string, Membership>> = {
  hub: { role: 'hub', hubs: ['hub2'] },
  hub2: { role: 'hub', hubs: ['hub'] },
  cluster1: { role: 'spoke', hub: 'hub' },
  cluster2: { role: 'spoke', hub: 'hub' },
  cluster3: { role: 'spoke', hub: 'hub2' },
  mallory: { role: 'spoke', hub: 'hub' },
}
export const honest = ['hub', 'hub2', 'cluster1', 'cluster2', 'cluster3'] as const

/** The class of a message, in its header. */
const inSession = 'S'.charCodeAt(0)

/** What a message may change: anything, only what mallory may decide for itself, or nothing at all. */
export type Verdict = 'anything' | 'of mallory' | 'nothing'

export interface WorldOptions {
  readonly mode: Authentication['mode']
  readonly random: Random
  /** One for each node. */
  readonly certificates: ReadonlyMap<string, PeerCertificates>
}

export class World {
  readonly talk = new Conversation()
  readonly mode: Authentication['mode']
  readonly random: Random
  readonly key: Uint8Array
  /** Times that a node's disk was written. */
  readonly writes = new Map<string, number>()
  /** All calls, answers and refusals between nodes that there are. */
  readonly handshakes: Letter[] = []
  readonly #certificates: ReadonlyMap<string, PeerCertificates>
  /** What may still change something: addressee and message, once. Kept by what was sent, not by what the core makes of it. */
  readonly #due = new Map<string, Verdict>()
  #posted = 0

  constructor({ mode, random, certificates }: WorldOptions) {
    this.mode = mode
    this.random = random
    this.#certificates = certificates
    this.key = mode === 'certificates' ? openKey('n') : networkKey
    for (const name of Object.keys(places)) this.start(name)
    for (let beats = 0; beats < 4; beats++) this.pass()
  }

  node(name: string): TalkingNode {
    return this.talk.nodes.get(name) as TalkingNode
  }

  /** Starts a node, again if it runs: on what is on its disk. */
  start(name: string): void {
    const before = this.talk.nodes.get(name)?.store
    const certificates = this.#certificates.get(name)
    const authentication: Authentication =
      this.mode === 'password' || certificates === undefined
        ? { mode: this.mode, key: this.key }
        : { mode: this.mode, key: this.key, certificates }
    const settings = { self: name, membership: places[name] as Membership, authentication, random: this.random.bytes }
    const node = this.talk.join(settings, before ?? createMemoryStore([], this.random.bytes(16).toString('hex')))
    if (before !== undefined) return
    const apply = node.store.apply.bind(node.store)
    node.store.apply = (change) => {
      this.writes.set(name, (this.writes.get(name) ?? 0) + 1)
      apply(change)
    }
  }

  /** Half a heartbeat, with what is said in it; now and then something of it is lost, or comes twice. */
  pass(): void {
    this.talk.nowMs += heartbeatMs / 2
    this.talk.wallMs += heartbeatMs / 2
    for (const node of this.talk.nodes.values()) node.tick()
    this.deliverAll()
  }

  deliverAll(): void {
    const { talk, random } = this
    for (let letter = this.#take(); letter; letter = this.#take()) {
      if (random.chance(0.02)) continue
      this.judge(letter.to, letter.bytes)
      talk.deliver(letter)
    }
  }

  #take() {
    this.#enter()
    return this.talk.letters.shift()
  }

  /** What nodes have sent may change something, once and where it was sent to. */
  #enter(): void {
    const { sent } = this.talk
    for (; this.#posted < sent.length; this.#posted++) {
      const letter = sent[this.#posted]
      if (letter === undefined) continue
      this.#due.set(nameOf(letter.to, letter.bytes), 'anything')
      if (letter.bytes[6] !== inSession && Object.hasOwn(places, letter.to)) this.handshakes.push(letter)
    }
  }

  /** Takes the right to change something away. */
  judge(to: string, bytes: Buffer): Verdict {
    this.#enter()
    const name = nameOf(to, bytes)
    const verdict = this.#due.get(name) ?? 'nothing'
    this.#due.delete(name)
    return verdict
  }

  /** Of mallory, in its session with the hub, correctly signed. Undefined when it has none. `payload` is JSON, or what should be. */
  asMallory(
    type: MessageType,
    payload: string,
    frame: { network?: string; to?: string; n?: number } = {},
  ): Buffer | undefined {
    const live = this.node('mallory').driver.state.links.get('hub')?.live
    if (live === undefined) return undefined
    live.sent += 1
    const address = { network: 'n', to: 'hub', n: live.sent, ...frame }
    const bytes = createEnvelopeCodec(this.key, 'mallory').seal(live, serializeFrame(address, type, payload))
    const proper = address.network === 'n' && address.to === 'hub'
    if (proper) this.#due.set(nameOf('hub', bytes), 'of mallory')
    return bytes
  }

  /** Everything that a message which is worth nothing must leave as it is; with `except`, but for what concerns that node. */
  fingerprint(name: string, except?: string): string {
    const { replica, own, links } = this.node(name).driver.state
    const vector = [...replica.vector()].filter(
      ([origin]) => except === undefined || (origin !== except && origin !== name),
    )
    const sessions = [...links.values()]
      .filter(({ live, peer }) => live !== undefined && peer !== except)
      .map(({ peer, role, initiator, live, pulled, status, call }) => {
        const facts = [peer, role, live?.id, live?.received]
        return except === undefined ? [...facts, initiator, live?.sent, pulled, status, call?.nonce] : facts
      })
    const mine = except === undefined ? [own.epoch, own.usn, own.exposed, this.writes.get(name), replica.digest()] : []
    return JSON.stringify([vector.map(([origin, { epoch, usn }]) => [origin, epoch, usn]), sessions, mine])
  }
}

function nameOf(to: string, bytes: Buffer): string {
  return `${to} ${hash('sha256', bytes, 'base64url')}`
}
