// `SEP<MAC>.cnf.xml`: what a phone is told when it starts.
export type {
  BlfSpeedDialButton,
  ConfiguredButton,
  ConfiguredLocale,
  ConfiguredModule,
  ConfiguredService,
  ConfiguredUrls,
  DndAlert,
  IntercomButton,
  LineButton,
  PhoneConfiguration,
  ServiceButton,
  ServiceProvisioning,
  SpeedDialButton,
} from './configuration.ts'
export { PhoneConfigurationError } from './element.ts'
export { parsePhoneConfiguration } from './parse.ts'
export { serializePhoneConfiguration } from './serialize.ts'
