import { serializePhoneConfiguration } from '../wire/phone-configuration/index.ts'
import { describePhone } from './describe-phone.ts'
import type { ClusterAddress, PhoneTables } from './describe-phone.ts'

/** The files that Cisco Tftp has. They are built when somebody asks and kept nowhere. */
export interface Files {
  /** UTF-8 with line feeds; undefined when there is no such file. */
  read(name: string): Buffer | undefined
}

export interface PhoneFilesOptions {
  tables(): PhoneTables
  address(): ClusterAddress
}

/** A device name as the tables take it: no separator of paths and nothing that needs to be decoded, so there is nothing to escape to. */
const configurationFile = /^([A-Za-z0-9._-]{1,128})\.cnf\.xml$/iu

/** `<device name>.cnf.xml`, without regard to case; for most phones that is `SEP<MAC>.cnf.xml`. */
export function createPhoneFiles({ tables, address }: PhoneFilesOptions): Files {
  return {
    read(name) {
      const [, deviceName] = configurationFile.exec(name) ?? []
      if (deviceName === undefined) return undefined
      const configuration = describePhone(deviceName, tables(), address())
      return configuration && Buffer.from(serializePhoneConfiguration(configuration))
    },
  }
}
