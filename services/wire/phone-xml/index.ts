export { choosePageCharset } from './charset.ts'
export type { PageCharset } from './charset.ts'
export { PhoneXmlLimitError } from './limits.ts'
export { phoneXmlLimits } from './objects.ts'
export type {
  InputFlags,
  PhoneDirectory,
  PhoneError,
  PhoneExecute,
  PhoneInput,
  PhoneInputItem,
  PhoneMenu,
  PhonePage,
  PhoneResponse,
  PhoneSoftKey,
  PhoneStatus,
  PhoneText,
} from './objects.ts'
export { parsePhonePage } from './parse.ts'
export {
  serializePhoneDirectory,
  serializePhoneError,
  serializePhoneExecute,
  serializePhoneInput,
  serializePhoneMenu,
  serializePhoneResponse,
  serializePhoneStatus,
  serializePhoneText,
} from './serialize.ts'
export { PhoneXmlError } from './tree.ts'
