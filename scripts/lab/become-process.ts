// One process of a lab without a runner: what a container runs. It turns into that process, so that PID 1 gets the signals.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Endpoint } from './addresses.ts'
import { LabError } from './lab-error.ts'
import { loadLab } from './lab-file.ts'
import { nodeArguments, programs } from './node-child.ts'
import { processConfigs } from './process-config.ts'
import type { ProcessConfig } from './process-config.ts'

/** Replaces the program of this process; returns only by throwing LabError or LabFileError. */
export function becomeProcess(name: string, labFile: string, environment: NodeJS.ProcessEnv = process.env): never {
  const { kind, config } = configFor(name, labFile, environment)
  const directory = config['dataDirectory'] as string
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = join(directory, 'config.json')
  // It holds passwords.
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 })
  if (!process.execve) throw new LabError('LAB_USAGE', 'This platform cannot replace a process; use `npm start`.')
  return process.execve(process.execPath, [process.execPath, ...nodeArguments, programs[kind], '--config', file], {
    ...environment,
  })
}

/** The configuration of one process of the lab in these surroundings. Throws LabError when there is no such process or a variable is wrong. */
export function configFor(name: string, labFile: string, environment: NodeJS.ProcessEnv): ProcessConfig {
  const lab = loadLab(labFile)
  const pattern = environment['ROAMLINE_CLUSTER_URL_PATTERN'] ?? 'https://<cluster>:8443'
  const configs = processConfigs(lab, {
    dataDirectory: environment['ROAMLINE_DATA'] ?? '/data',
    secretsDirectory: environment['ROAMLINE_SECRETS'] ?? '/secrets',
    redisUrl: environment['ROAMLINE_REDIS_URL'] ?? 'redis://redis:6379',
    insecureDefaults: ['1', 'true', 'yes'].includes(environment['ROAMLINE_INSECURE_DEFAULTS'] ?? ''),
    endpoint: (processName) => endpointOf(processName, environment),
    clusterUrl: (cluster) => pattern.replaceAll('<cluster>', cluster),
  })
  const found = configs.find((one) => one.name === name)
  if (found) return found
  const known = configs.map((one) => one.name).join(', ')
  throw new LabError('LAB_PROCESS_UNKNOWN', `${labFile} has no process "${name}"; it has: ${known}`)
}

function endpointOf(name: string, environment: NodeJS.ProcessEnv): Endpoint {
  return {
    host: environment['ROAMLINE_HOST'] ?? '0.0.0.0',
    httpPort: portOf('ROAMLINE_HTTP_PORT', 8080, environment),
    httpsPort: portOf('ROAMLINE_HTTPS_PORT', 8443, environment),
    tftpHttpPort: portOf('ROAMLINE_TFTP_HTTP_PORT', 6970, environment),
    // Not 69: a container without capabilities may be refused it.
    tftpPort: portOf('ROAMLINE_TFTP_PORT', 6969, environment),
    advertise: environment['ROAMLINE_ADVERTISE'] ?? name,
  }
}

function portOf(variable: string, standard: number, environment: NodeJS.ProcessEnv): number {
  const text = environment[variable] ?? String(standard)
  const port = Number(text)
  if (/^\d+$/u.test(text) && port >= 0 && port <= 65_535) return port
  throw new LabError('LAB_USAGE', `${variable} must be a port number from 0 to 65535, not "${text}"`)
}
