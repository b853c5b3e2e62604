/** Why a start was refused for a reason that a person can put right. */
export const StartupRefusalCode = {
  config: 'CLUSTER_CONFIG_INVALID',
  listen: 'CLUSTER_CANNOT_LISTEN',
  insecureDefaults: 'CLUSTER_INSECURE_DEFAULTS',
} as const
export type StartupRefusalCode = (typeof StartupRefusalCode)[keyof typeof StartupRefusalCode]

/** The message is one sentence for people: what is wrong and what to do. */
export class StartupRefusal extends Error {
  readonly code: StartupRefusalCode
  constructor(code: StartupRefusalCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StartupRefusal'
    this.code = code
  }
}

/** Areas whose errors carry a code and a sentence for people; anything else that stops a start is a bug and shows its stack. */
const areas = /^(?:CLUSTER|CONFIGURATION|CERTIFICATES|DATABASE|ILS)_/u
const filesystem = new Set(['ENOENT', 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR'])

/** Whether a service refuses its configuration: no later attempt would end differently. */
export function isMisconfiguration(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^[A-Z]+_CONFIG/u.test(String(error.code))
}

/** The sentence to print for an error that stopped a start; undefined for a bug. */
export function refusalSentence(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error ? String(error.code) : ''
  if (areas.test(code)) return oneLine(error.message)
  if (!filesystem.has(code)) return undefined
  return `${oneLine(error.message)}: check the folders in the configuration and who may write to them`
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/gu, ' ')
}
