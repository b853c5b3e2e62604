// em-wire 1.10, client by client: each sends as it does and reads as it does, by inject and over a real socket.
import t from 'tap'
import type { Test } from 'tap'
import { loneCluster } from '../../../fixtures/lone-cluster.ts'
import type { LoneCluster } from '../../../fixtures/lone-cluster.ts'
import * as read from './client-readers.ts'
import { appInfo, loginOf, logoutOf, query, request, send, servlet } from './em-api-door.ts'

const phone = 'SEP000000010001'
const second = 'SEP000000010002'
const form = 'application/x-www-form-urlencoded'

/** Sends one body and resolves with the text of the answer. */
type Send = (body: string, headers?: Readonly<Record<string, string>>) => Promise<string>

const ways: Readonly<Record<string, (cluster: LoneCluster) => Promise<Send>>> = {
  'by inject': async (cluster) => async (payload, headers) =>
    (await send(cluster, { payload, headers: { 'content-type': form, ...headers } })).text,
  'over a socket': async (cluster) => {
    const base = await cluster.app.listen({ host: '127.0.0.1', port: 0 })
    return async (body, headers) => {
      const answer = await fetch(`${base}${servlet}`, {
        method: 'POST',
        body,
        headers: { 'content-type': form, ...headers },
      })
      return answer.text()
    }
  },
}

/** As Python's requests and Java's URLEncoder encode. */
const encoded = (document: string) => new URLSearchParams({ xml: document }).toString()

/** One test per way, each on a cluster of its own. */
function forEachWay(title: string, run: (t: Test, sendBody: Send, cluster: LoneCluster) => Promise<void>): void {
  for (const [way, open] of Object.entries(ways)) {
    t.test(`em-wire 1.10 ${title}, ${way}`, async (t) => {
      const cluster = await loneCluster(t)
      await run(t, await open(cluster), cluster)
    })
  }
}

forEachWay('ePlusPS, Python requests: logs in and prints the text', async (t, sendBody) => {
  const text = await sendBody(encoded(request(loginOf('bob', phone))), {
    'user-agent': 'python-requests/2.31.0',
    'accept-encoding': 'gzip, deflate',
    accept: '*/*',
  })
  t.equal(text, '<?xml version="1.0"?>\n<response>\n<success/>\n</response>\n')
})

forEachWay('sgulci, C# HttpWebRequest: raw bodies, and a substring says whether it worked', async (t, sendBody) => {
  const ask = async (document: string) =>
    read.readAsHttpWebRequest(await sendBody(`xml=${document}`, { accept: 'text/xml' }))
  const empty = { success: false, error: undefined, deviceName: undefined, userId: undefined, lastLogin: undefined }
  t.same(await ask(request(loginOf('bob', phone))), { ...empty, success: true })
  t.same(await ask(query('<userDevicesQuery><userID>bob</userID></userDevicesQuery>')), { ...empty, deviceName: phone })
  t.same(await ask(query(`<deviceUserQuery><deviceName>${phone}</deviceName></deviceUserQuery>`)), {
    ...empty,
    userId: 'bob',
  })
  t.same(await ask(request(loginOf('bob', second))), { ...empty, error: 'User logged in elsewhere' })
  t.same(await ask(request(logoutOf(phone))), { ...empty, success: true })
  t.match(await ask(query(`<deviceUserQuery><deviceName>${phone}</deviceName></deviceUserQuery>`)), {
    lastLogin: 'bob',
  })
  t.match(await ask(request(loginOf('bob', phone), appInfo('success', 'success'))), { success: false })
})

forEachWay('AnkBurov, Java URLConnection: a form with a line end, answers read line by line', async (t, sendBody) => {
  const ask = async (document: string) => read.readLineByLine(await sendBody(`${encoded(`\n${document}\n`)}\r\n`))
  t.equal(await ask(request(logoutOf(phone))), 'other')
  t.equal(await ask(request(loginOf('bob', phone))), 'success')
  t.equal(await ask(request(logoutOf(phone))), 'success')
  t.equal(await ask(request(logoutOf(phone), appInfo('emproxy', 'wrong'))), 'authentication')
})

forEachWay('CUAE, C# XmlSerializer: namespaces in, typed members in their order out', async (t, sendBody) => {
  const xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
  const ask = async (document: string) => {
    const typed = document.replace(/^<(request|query)>/u, `<$1 ${xsi}>`)
    return read.readTyped(await sendBody(encoded(typed), { connection: 'close' }))
  }
  t.same(await ask(request(loginOf('bob', phone, '<exclusiveDuration><indefinite /></exclusiveDuration>'))), {
    success: true,
  })
  t.same(await ask(request(loginOf('bob', second))), { code: 25, text: 'User logged in elsewhere' })
  const devices = [phone, second, 'SEP0'].map((name) => `<deviceName>${name}</deviceName>`).join('')
  t.match(await ask(query(`<deviceUserQuery>${devices}</deviceUserQuery>`)), {
    devices: [
      { name: phone, members: ['userID bob', 'none', 'emccDevice no'] },
      { name: second, members: ['none', 'none', 'emccDevice no'] },
      { name: 'SEP0', members: ['doesNotExist'] },
    ],
  })
  t.match(await ask(query('<userDevicesQuery><userID>BOB</userID><userID>x@y</userID></userDevicesQuery>')), {
    users: [
      { id: 'BOB', members: [`deviceName ${phone}`] },
      { id: 'x%40y', members: ['doesNotExist'] },
    ],
  })
})

forEachWay('Node xml2js: the object that its callers get', async (t, sendBody) => {
  const ask = async (document: string) => read.readAsXml2js(read.parseXml(await sendBody(encoded(document))))
  t.same(await ask(request(loginOf('bob', phone))), { success: [''] })
  t.same(await ask(request(loginOf('bob', phone), appInfo('nobody'))), {
    failure: [{ error: [{ $: { code: '3' }, _: 'Application Authentication Error: Could not authenticate' }] }],
  })
  t.same(await ask(query('<userDevicesQuery><userID>bob</userID></userDevicesQuery>')), {
    userDevicesResults: [{ user: [{ $: { id: 'bob' }, deviceName: [phone] }] }],
  })
  t.same(await ask(query('<deviceProfileQuery><userID>bob</userID></deviceProfileQuery>')), {
    deviceProfileResults: [
      {
        user: [
          { $: { id: 'bob' }, deviceProfile: [{ deviceProfileName: ['bob-profile'], isDefaultDeviceProfile: ['f'] }] },
        ],
      },
    ],
  })
  t.same(await ask(query('<checkUser><userID>bob</userID></checkUser>')), {
    checkUserResults: [{ user: [{ $: { id: 'bob' }, exists: ['bob'] }] }],
  })
})

forEachWay('Node xml-js and Python 2 ElementTree: where a user is, by member and by slice', async (t, sendBody) => {
  const whereIsBob = encoded(query('<userDevicesQuery><userID>bob</userID></userDevicesQuery>'))
  t.same(read.readAsXmlJsCompact(await sendBody(whereIsBob)), { id: 'bob', deviceName: undefined })
  await sendBody(encoded(request(loginOf('bob', phone))))
  const answer = await sendBody(whereIsBob)
  t.same(read.readAsXmlJsCompact(answer), { id: 'bob', deviceName: phone })
  t.equal(read.readBySlice(answer), phone)
})

forEachWay('C# RestSharp and the vendor’s old sample: substrings, and errorMessage or error', async (t, sendBody) => {
  const whoIsThere = encoded(query(`<deviceUserQuery><deviceName>${phone}</deviceName></deviceUserQuery>`))
  t.same(read.readBySubstring(await sendBody(whoIsThere), phone), { known: true, loggedIn: false })
  const authorization = `Basic ${btoa('emproxy:whatever')}`
  t.equal(read.readAsSdkSample(await sendBody(encoded(request(loginOf('bob', phone))), { authorization })), 'success')
  t.same(read.readBySubstring(await sendBody(whoIsThere), phone), { known: true, loggedIn: true })
  t.equal(read.readAsSdkSample(await sendBody(encoded(request(logoutOf(second))))), 'No user logged in')
})
