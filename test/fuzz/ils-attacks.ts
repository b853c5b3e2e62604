// What is done to an ILS network by whoever reaches its wire, and by a member that bends what it says: seeded.
import { createEnvelopeCodec, createMac } from '../../ils-sync/core/wire/envelope.ts'
import { limits } from '../../ils-sync/core/limits.ts'
import { serializeFrame } from '../../ils-sync/core/wire/message.ts'
import { openKey } from '../../ils-sync/core/session/open-key.ts'
import type { MessageType } from '../../ils-sync/core/wire/message.ts'
import type { Letter } from '../ils-sync/conversation.ts'
import type { Random } from '../simulation/random.ts'
import { call, goOn } from './ils-impersonation.ts'
import { honest, places } from './ils-world.ts'
import type { World } from './ils-world.ts'

export interface Attack {
  readonly story: string
  readonly to: string
  readonly bytes: Buffer
  /** More than once for a flood. */
  readonly times?: number
}

type Maker = (world: World, random: Random) => Omit<Attack, 'story'> | undefined

/** The next message of this seed. */
export function nextAttack(world: World): Attack {
  for (;;) {
    const [story, make] = world.random.pick(attacks)
    const made = make(world, world.random)
    if (made !== undefined) return { story, ...made }
  }
}

const nobody = ['cluster9', 'hub9', '__proto__', 'constructor', 'x'.repeat(50)]
const anybody = (random: Random) => random.pick([...Object.keys(places), ...nobody])
const addressee = (random: Random) => random.pick(honest)
/** Answers to invented names are nobody's. */
function recorded({ talk }: World, random: Random): Letter {
  for (;;) {
    const letter = random.pick(talk.sent) as Letter
    if (talk.nodes.has(letter.to)) return letter
  }
}
const nonce = (random: Random) => random.bytes(18).toString('base64url')
const huge = [0, 1, 2 ** 31, 2 ** 32, 2 ** 51 - 1, 2 ** 51, 2 ** 52, 2 ** 53 - 1, 2 ** 53, 1e300, -1, 0.5]

/** The name of a session is no secret: it stands in every header. */
function sessionBetween({ talk }: World, from: string, to: string): string | undefined {
  return talk.nodes.get(to)?.driver.state.links.get(from)?.live?.id
}

function payloadOf(type: MessageType, random: Random): string {
  const batch = batchOf(random.pick(honest), random)
  switch (type) {
    case 'hello':
      return JSON.stringify(introduction(random))
    case 'welcome':
      return JSON.stringify({ ...introduction(random), answer: nonce(random) })
    case 'refused':
      return JSON.stringify({
        reason: random.pick(['session', 'session', 'certificate', 'duplicate', 'x']),
        peerId: 'p',
      })
    case 'beat':
      return JSON.stringify({ digest: nonce(random), at: random.pick([0, 1, 1_700_000_000_000, 2 ** 53 - 1]) })
    case 'push':
      return `{"batches":[${batch}]}`
    case 'pull':
      return `{"id":${random.between(0, 9)},"vector":[${vectorOf(random)}]}`
    default:
      return `{"id":${random.between(0, 9)},"batches":[${batch}],"more":${random.chance(0.5)},"vector":[${vectorOf(random)}],"left":0}`
  }
}

function introduction(random: Random) {
  const mode = random.pick(['password', 'certificates', 'both'])
  const key = random.chance(0.7) ? { key: random.bytes(32).toString('base64url') } : {}
  const proof = random.chance(0.5) ? { certificate: random.bytes(300).toString('base64'), proof: nonce(random) } : {}
  return {
    nonce: nonce(random),
    role: random.pick(['hub', 'spoke']),
    peerId: nonce(random),
    at: 1,
    mode,
    ...key,
    ...proof,
  }
}

function vectorOf(random: Random): string {
  const origins = [...honest, 'mallory', 'cluster9'].filter(() => random.chance(0.5))
  return origins.map((origin) => `["${origin}",${random.pick(huge)},${random.pick(huge)}]`).join(',')
}

function batchOf(origin: string, random: Random, epoch: number = random.pick(huge)): string {
  const [from, to] = [random.pick([0, 0, 1, 5]), random.pick([1, 5, 9, 2 ** 53 - 1])]
  const usns = random.chance(0.8) ? [from + 1, from + 2] : [from + 2, from + 1, to + 1]
  const head = random.chance(0.7) ? to : random.pick([to + 1000, 0, 2 ** 53 - 1])
  const facts = `"origin":"${origin}","epoch":${epoch},"from":${from},"to":${to},"head":${head}`
  return `{${facts},${columnsOf(random, usns)}}`
}

/** As many in each column as there are numbers, mostly. */
function columnsOf(random: Random, usns: readonly number[]): string {
  const some = () => (random.chance(0.95) ? usns : usns.slice(1))
  const column = (name: string, items: readonly string[]) => `"${name}":[${items.join(',')}]`
  const kindRuns = some().map(
    () => `[${JSON.stringify(random.pick(kinds))},${random.chance(0.95) ? 1 : random.pick(huge)}]`,
  )
  return [
    column('usns', usns.map(String)),
    column('kinds', kindRuns),
    column(
      'keys',
      some().map(() => JSON.stringify(random.pick(keys))),
    ),
    column(
      'values',
      some().map(() => valueOf(random)),
    ),
  ].join(',')
}

const kinds = ['note', 'note', 'location', 'superuser', 'peer-info', 'constructor', '__proto__', 'k'.repeat(65), '']
const keys = ['bob', 'alice', 'kally', '__proto__', 'constructor', 'toString', '\0', 'k'.repeat(257), '']

function valueOf(random: Random): string {
  const depth = random.pick([10, 99, 101, 3000, 20_000])
  return random.pick([
    'null',
    '1',
    '{"loggedIn":true,"loginClock":"9999999999999-9-mallory","deviceNames":[]}',
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    `${'['.repeat(depth)}${']'.repeat(depth)}`,
    `"${'x'.repeat(random.pick([10, limits.valueCharacters]))}"`,
  ])
}

/** Signed with keys of the forger's own, under names of others, in sessions that are or are not. */
const forged: Maker = (world, random) => {
  const [to, from] = [addressee(random), anybody(random)]
  const type = random.pick(['hello', 'welcome', 'refused', 'beat', 'push', 'pull', 'page'] as const)
  const key = random.bytes(32)
  const codec = createEnvelopeCodec(key, from)
  const body = serializeFrame(
    { network: 'n', to, n: random.pick([0, 1, 1000, 2 ** 53 - 1]) },
    type,
    payloadOf(type, random),
  )
  if (body.length > limits.handshakeBytes) return undefined
  const session = random.chance(0.7)
    ? sessionBetween(world, from, to)
    : random.bytes(16).toString('base64url').slice(0, 22)
  const into = random.pick(['H', 'R', 'S'] as const)
  if (into !== 'S') return { to, bytes: codec.seal(into, body) }
  return {
    to,
    bytes: codec.seal({ id: session ?? 'x'.repeat(22), mac: createMac(random.chance(0.5) ? key : world.key) }, body),
  }
}

/** Whoever has the network's key: everybody, by certificates; who was told the password, by both. It must not be enough. */
const withoutProof: Maker = (world, random) => {
  if (world.mode === 'password') return undefined
  const [to, from] = [addressee(random), anybody(random)]
  const type = random.pick(['hello', 'welcome', 'refused'] as const)
  const said = JSON.parse(payloadOf(type, random)) as Record<string, unknown>
  const live = world.talk.nodes.get(to)?.driver.state.links.get(from)
  const called = type === 'refused' && random.chance(0.7) ? {} : { nonce: live?.call?.nonce ?? nonce(random) }
  const known = {
    session: live?.live?.id,
    peerId: live?.live?.peerId ?? 'p',
    mode: random.chance(0.8) ? world.mode : 'password',
  }
  const payload = JSON.stringify({ ...said, ...known, ...called })
  const into = type === 'refused' ? 'R' : 'H'
  return {
    to,
    bytes: createEnvelopeCodec(world.key, from).seal(into, serializeFrame({ network: 'n', to }, type, payload)),
  }
}

const garbled: Maker = (world, random) => {
  const { to, bytes } = recorded(world, random)
  const bent = Buffer.from(bytes)
  for (let count = random.between(1, 8); count > 0; count--) {
    const at = random.between(0, random.chance(0.5) ? Math.min(130, bent.length - 1) : bent.length - 1)
    bent[at] = (bent[at] as number) ^ (1 << random.between(0, 7))
  }
  return { to, bytes: bent }
}

const giant: Maker = (world, random) => {
  const { to, bytes } = recorded(world, random)
  const size = random.pick([
    limits.handshakeBytes,
    limits.messageBytes - bytes.length,
    limits.messageBytes,
    2 * limits.messageBytes,
  ])
  return { to, bytes: Buffer.concat([bytes, Buffer.alloc(size, random.pick([0, 32, 91, 125]))]) }
}

const spliced: Maker = (world, random) => {
  const [one, other] = [recorded(world, random), recorded(world, random)]
  const head = one.bytes.subarray(0, one.bytes.indexOf(10) + 1)
  return { to: one.to, bytes: Buffer.concat([head, other.bytes.subarray(other.bytes.indexOf(10) + 1)]) }
}

const otherVersion: Maker = (world, random) => {
  const { to, bytes } = recorded(world, random)
  const version = random.pick(['ILS/1', 'ILS/3', 'ILS/02', 'ILS/999999', 'ILS/2.0', 'ils/2'])
  return { to, bytes: Buffer.from(bytes.toString('latin1').replace('ILS/2', version), 'latin1') }
}

/** Members of two networks with one password, or whoever has the key of certificates. */
const ofAnotherNetwork: Maker = (world, random) => {
  const [to, from] = [addressee(random), random.pick(honest)]
  const type = random.pick(['hello', 'welcome', 'refused'] as const)
  const network = random.pick(['other', '', 'N', 'n ', '__proto__'])
  const body = serializeFrame({ network, to }, type, payloadOf(type, random))
  return { to, bytes: createEnvelopeCodec(world.key, from).seal(type === 'refused' ? 'R' : 'H', body) }
}

/** As whoever relies on certificates alone would sign it, which anybody can. */
const otherMode: Maker = (world, random) => {
  const [to, from] = [addressee(random), anybody(random)]
  if (world.mode === 'certificates') return undefined
  return {
    to,
    bytes: createEnvelopeCodec(openKey('n'), from).seal(
      'H',
      serializeFrame({ network: 'n', to }, 'hello', payloadOf('hello', random)),
    ),
  }
}

/** A genuine handshake of the past, as fast as the wire carries them. */
const flood: Maker = (world, random) => {
  const { to, bytes } = random.pick(world.handshakes)
  return random.chance(0.1) ? { to, bytes, times: 40 } : undefined
}

const answerOfThePast: Maker = (world, random) => {
  const waiting = honest.flatMap((name) =>
    [...world.node(name).driver.state.links.values()].flatMap(({ peer, call: open }) => (open ? [{ name, peer }] : [])),
  )
  if (waiting.length === 0) return undefined
  const { name, peer } = random.pick(waiting)
  const answers = world.handshakes.filter(
    ({ from, to, message }) => from === peer && to === name && message?.type === 'welcome',
  )
  return answers.length === 0 ? undefined : random.pick(answers)
}

const misaddressed: Maker = (world, random) => {
  const { to, bytes } = recorded(world, random)
  return { to: random.pick(honest.filter((name) => name !== to)), bytes }
}

/** Mallory's own session, but nothing that belongs there. */
const outOfPlace: Maker = (world, random) => {
  const frame = random.pick([{ network: 'other' }, { to: 'cluster1' }, { to: '' }])
  const bytes = world.asMallory('push', payloadOf('push', random), frame)
  return bytes && { to: 'hub', bytes }
}

const ofMallory =
  (type: MessageType, payload: (random: Random, world: World) => string): Maker =>
  (world, random) => {
    const text = payload(random, world)
    if (text.length > limits.messageBytes / 2) return undefined
    const frame = random.chance(0.05) ? { n: random.pick([0, 1]) } : {}
    const bytes = world.asMallory(type, text, frame)
    return bytes && { to: 'hub', bytes }
  }

/** What would follow on what the hub holds of that origin, often enough. */
function asIf(origin: string, random: Random, world: World): string {
  const held = world.node('hub').driver.state.replica.version(origin)
  if (held === undefined || random.chance(0.3)) return batchOf(origin, random)
  const { epoch, usn } = held
  if (random.chance(0.3)) return batchOf(origin, random, epoch)
  const [later, from, to] = random.chance(0.7) ? [epoch, usn, usn + 1] : [epoch + 1, 0, 1]
  const value = random.pick(['null', '1', '"of mallory"'])
  return `{"origin":"${origin}","epoch":${later},"from":${from},"to":${to},"head":${to},"usns":[${to}],"kinds":[["note",1]],"keys":["n1"],"values":[${value}]}`
}

const attacks: readonly (readonly [string, Maker])[] = [
  ['replayed', (world, random) => recorded(world, random)],
  ['replayed', (world, random) => recorded(world, random)],
  ['a replayed handshake', (world, random) => random.pick(world.handshakes)],
  ['a replayed handshake', (world, random) => random.pick(world.handshakes)],
  ['an answer of the past to a call', answerOfThePast],
  ['impersonates', call],
  ['goes on as whom it impersonates', goOn],
  ['reflected', (world, random) => reflect(recorded(world, random))],
  ['misaddressed', misaddressed],
  ['cut short', (world, random) => cut(recorded(world, random), random)],
  ['garbled', garbled],
  ['garbled', garbled],
  ['spliced', spliced],
  ['forged', forged],
  ['forged', forged],
  ['forged', forged],
  ['without proof', withoutProof],
  ['of another version', otherVersion],
  ['of another mode', otherMode],
  ['a flood', flood],
  ['of another network', ofAnotherNetwork],
  ['noise', (_, random) => ({ to: addressee(random), bytes: random.bytes(random.between(0, 60)) })],
  ['giant', (world, random) => (random.chance(0.1) ? giant(world, random) : undefined)],
  ['out of place', outOfPlace],
  [
    'speaks for another',
    ofMallory('push', (random, world) => `{"batches":[${asIf(random.pick(honest), random, world)}]}`),
  ],
  [
    'speaks for another in a page',
    ofMallory('page', (random, world) => {
      const batches = [
        asIf('mallory', random, world),
        asIf(random.pick(['cluster1', 'cluster9', 'hub2']), random, world),
      ]
      return `{"id":1,"batches":[${batches.join(',')}],"more":false,"vector":[],"left":0}`
    }),
  ],
  ['mallory of itself', ofMallory('push', (random, world) => `{"batches":[${asIf('mallory', random, world)}]}`)],
  ['mallory of itself, in any epoch', ofMallory('push', (random) => `{"batches":[${batchOf('mallory', random)}]}`)],
  ['mallory claims', ofMallory('pull', (random) => payloadOf('pull', random))],
  [
    'mallory answers what was not asked',
    ofMallory('page', (random) => payloadOf('page', random).replace(/"batches":\[.*\],"more"/u, '"batches":[],"more"')),
  ],
  ['mallory beats', ofMallory('beat', (random) => payloadOf('beat', random))],
  ['mallory opens a session in a session', ofMallory('hello', (random) => payloadOf('hello', random))],
  ['mallory nests', ofMallory('push', (random) => nested(random))],
]

function reflect({ from, bytes }: Letter): Omit<Attack, 'story'> {
  return { to: from, bytes }
}

function cut({ to, bytes }: Letter, random: Random): Omit<Attack, 'story'> {
  return { to, bytes: bytes.subarray(0, random.between(0, bytes.length - 1)) }
}

function nested(random: Random): string {
  const depth = random.chance(0.05) ? 100_000 : random.pick([50, 5000])
  return random.pick([
    `${'['.repeat(depth)}${']'.repeat(depth)}`,
    `{"batches":${'['.repeat(depth)}${']'.repeat(depth)}}`,
    `{"batches":[],"more":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`,
  ])
}
