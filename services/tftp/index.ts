import { Type } from 'typebox'
import type { Static } from 'typebox'
import { Role } from '../service.ts'
import type { Door, RunningService, Service, ServiceApp, ServiceContext } from '../service.ts'
import type { Tftp } from './api.ts'
import { hostInUrl } from './listening.ts'

const port = (vendor: number) =>
  Type.Integer({
    minimum: 0,
    maximum: 65_535,
    default: 0,
    description: `0 takes any free port; the vendor's is ${vendor}`,
  })

const Config = Type.Object(
  {
    host: Type.String({ minLength: 1, default: '127.0.0.1', description: 'Address to listen on' }),
    advertise: Type.Optional(
      Type.String({ minLength: 1, description: 'Host name or address by which phones reach it; default: host' }),
    ),
    httpPort: port(6970),
    tftpPort: port(69),
    retransmitMs: Type.Integer({
      minimum: 10,
      maximum: 60_000,
      default: 1000,
      description: 'Until an unacknowledged TFTP packet is sent again, milliseconds',
    }),
    mostTransfers: Type.Integer({ minimum: 1, maximum: 10_000, default: 200, description: 'TFTP transfers at once' }),
    mostTransfersPerSource: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 50,
      description: 'TFTP transfers at once for one address',
    }),
  },
  { additionalProperties: false },
)
type Config = Static<typeof Config>

/** Cisco Tftp: the phones' configuration files. While it is deactivated nobody listens. */
export const tftp: Service<'tftp', typeof Config> = {
  name: 'tftp',
  title: 'Cisco Tftp',
  kind: 'feature',
  dependsOn: ['database'],
  configSchema: Config,
  routes: registerTftpRoutes,
  start,
}

async function start(context: ServiceContext, config: Config): Promise<RunningService<Tftp>> {
  // A cluster without it does not load it.
  const [{ openHttpListener }, { openTftpListener }, { createPhoneFiles }] = await Promise.all([
    import('./http-listener.ts'),
    import('./tftp-listener.ts'),
    import('./phone-files.ts'),
  ])
  const { host, advertise = host } = config
  const files = createPhoneFiles({ tables: () => context.use('database'), address: () => context.address() })
  const http = await openHttpListener({ host, port: config.httpPort, files, log: context.log })
  const { httpPort: _, advertise: __, tftpPort, ...rest } = config
  const udp = await openTftpListener({ ...rest, port: tftpPort, files, log: context.log }).catch(async (error) => {
    await http.close()
    throw error
  })
  const address = {
    http: `http://${hostInUrl(advertise)}:${http.port}`,
    tftpHost: advertise,
    tftpPort: udp.port,
  }
  let stopping: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    await Promise.all([http.close(), udp.close()])
  }
  return { api: { address: () => address }, stop: () => (stopping ??= stop()) }
}

const TftpView = Type.Object({
  http: Type.String({ description: 'Base URL', examples: ['http://127.0.0.11:6970'] }),
  tftp: Type.String({ examples: ['tftp://127.0.0.11:69'] }),
})

function registerTftpRoutes(app: ServiceApp, door: Door<Tftp>): void {
  app.get(
    '/api/v1/tftp',
    {
      config: { access: 'role', role: Role.readOnly },
      schema: {
        tags: ['Cisco Tftp'],
        summary: 'Where phones get their configuration files',
        response: { 200: TftpView },
      },
    },
    async () => {
      const { http, tftpHost, tftpPort } = door.api().address()
      return { http, tftp: `tftp://${hostInUrl(tftpHost)}:${tftpPort}` }
    },
  )
}
