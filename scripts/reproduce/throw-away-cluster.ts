// One cluster in this process, on free ports and a folder that goes away with it: somewhere to break things.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCluster } from '../../cluster-node/create-cluster.ts'

/** What went over the wire, as text that people can read. */
export interface Exchange {
  readonly request: string
  /** HTTP status. */
  readonly status: number
  readonly answer: string
}

/** A cluster with bob, alice and a few phones, asked through its real doors. */
export interface ThrowAwayCluster extends AsyncDisposable {
  /** Base URL. */
  readonly http: string
  /** The phone's page: `EMAppServlet?<query>`; `headers` beside a phone's own. */
  phone(query: string, headers?: Readonly<Record<string, string>>): Promise<Exchange>
  /** The EM API: one XML document. */
  emApi(document: string): Promise<Exchange>
  /** An administrator's JSON; throws when it is refused, because what it arranges is then not arranged. */
  administer(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<void>
}

const password = 'roamline'
const authorization = `Basic ${btoa(`administrator:${password}`)}`

/** What is in every throw-away cluster. Alice is at her own phone, Bob is nowhere. */
const seed = {
  deviceProfiles: [
    { name: 'bob-profile', lines: [{ dn: '1000001' }] },
    { name: 'bob-travel', lines: [{ dn: '1000009' }] },
    { name: 'alice-profile', lines: [{ dn: '1000002' }] },
  ],
  users: [
    { userId: 'bob', pin: '12345', password: 'bob-password', deviceProfiles: ['bob-profile'] },
    { userId: 'alice', pin: '23456', deviceProfiles: ['alice-profile'] },
    { userId: 'kally', pin: '34567' },
  ],
  phones: [
    { name: 'SEP000000010001', extensionMobility: true, loggedIn: 'alice' },
    { name: 'SEP000000010002', extensionMobility: true },
    { name: 'SEP000000010003', extensionMobility: true, ipAddress: '192.0.2.3' },
    { name: 'SEP000000010004', extensionMobility: false },
  ],
  applicationUsers: [{ userId: 'lobby', password, groups: ['Standard CCM Read Only'] }],
}

/** Starts one; disposing it leaves nothing behind. */
export async function startThrowAwayCluster(): Promise<ThrowAwayCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'roamline-reproduce-'))
  const forget = (): void => rmSync(folder, { recursive: true, force: true })
  const cluster = createCluster({
    name: 'cluster1',
    dataDirectory: join(folder, 'cluster1'),
    secretsDirectory: join(folder, 'secrets'),
    listen: { httpPort: 0, httpsPort: 0 },
    // What the faults cause is logged as the errors they are; here they are wanted.
    log: { level: 'silent' },
    services: { ils: { active: false } },
    seed,
  })
  const { http } = await cluster.start().catch((error: unknown) => {
    forget()
    throw error
  })

  async function exchange(method: string, path: string, init: RequestInit, shown = ''): Promise<Exchange> {
    const response = await fetch(`${http}${path}`, { ...init, method })
    return { request: `${method} ${path}${shown}`, status: response.status, answer: await response.text() }
  }

  return {
    http,
    phone: (query, headers = {}) => {
      const extra = Object.entries(headers).map(([name, value]) => `\n${name}: ${value}`)
      return exchange('GET', `/emapp/EMAppServlet${query && `?${query}`}`, { headers }, extra.join(''))
    },
    emApi: (document) => {
      const body = new URLSearchParams({ xml: document })
      return exchange('POST', '/emservice/EMServiceServlet', { body }, `\n\nxml=${document}`)
    },
    async administer(method, path, body) {
      const headers = { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) }
      const init = { headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
      const { request, status, answer } = await exchange(method, path, init)
      if (status >= 400) throw new Error(`${request} was answered with ${status}: ${answer}`)
    },
    async [Symbol.asyncDispose]() {
      await cluster.close()
      forget()
    },
  }
}
