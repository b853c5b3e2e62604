import type { ClusterDatabase, EffectiveConfiguration, Line } from '../../database/api.ts'
import { Problem } from '../../problem.ts'
import { normalizeDirectoryNumber } from '../../wire/directory-number.ts'
import { normalizeDestination } from '../destination.ts'
import type { Phones, RegisteredPhone } from '../phones.ts'

/** A phone at which somebody can press buttons. */
export interface PresentPhone {
  readonly phone: RegisteredPhone
  readonly shown: EffectiveConfiguration
}

export interface PhoneFinderOptions {
  readonly database: { readonly devices: Pick<ClusterDatabase['devices'], 'effective'> }
  readonly phones: Pick<Phones, 'find'>
}

/** Finds phones by name, for whoever presses their buttons. */
export class PhoneFinder {
  readonly #options: PhoneFinderOptions

  constructor(options: PhoneFinderOptions) {
    this.#options = options
  }

  /** What the phone would show, registered or not. Throws Problem 404. */
  configured(deviceName: string): EffectiveConfiguration {
    const shown = this.#options.database.devices.effective(deviceName.trim())
    if (shown !== undefined) return shown
    throw new Problem({
      status: 404,
      title: 'Phone unknown',
      detail: `There is no phone ${deviceName} in this cluster.`,
    })
  }

  /** Throws Problem: 404 unknown, 409 not registered. */
  present(deviceName: string): PresentPhone {
    const shown = this.configured(deviceName)
    const phone = this.#options.phones.find(shown.deviceName)
    if (phone !== undefined) return { phone, shown }
    throw conflict('Phone not registered', `The phone ${shown.deviceName} is not registered.`)
  }
}

/** The line on that button; throws Problem 404. */
export function lineAt({ shown }: Pick<PresentPhone, 'shown'>, index: number): Line {
  const line = shown.lines.find((one) => one.index === index)
  if (line !== undefined) return line
  const detail = `The phone ${shown.deviceName} shows no line on button ${index}.`
  throw new Problem({ status: 404, title: 'Line unknown', detail })
}

/** The stored form of a number that somebody typed; throws Problem 422. */
export function dialledNumber(field: string, text: string): string {
  const dn = normalizeDirectoryNumber(text)
  if (dn !== undefined) return dn
  const detail = `"${field}" is "${text}": give digits, *, #, A to D, with a + in front if need be, 64 at most.`
  throw new Problem({ status: 422, title: 'Number cannot be dialled', detail })
}

/** As `dialledNumber`, and a directory URI will do. */
export function dialledDestination(field: string, text: string): string {
  return normalizeDestination(text) ?? dialledNumber(field, text)
}

/** 409: what is asked cannot be done as things are. */
export function conflict(title: string, detail: string): Problem {
  return new Problem({ status: 409, title, detail })
}
