// What the Services button shows. The page's texts, but for the names of the services, are our choice (docs/fidelity.md).
import type { DeviceRepository, PhoneService } from '../database/api.ts'
import { phoneXmlLimits, serializePhoneMenu, serializePhoneText } from '../wire/phone-xml/index.ts'
import type { MenuRequest } from './api.ts'

const select = { name: 'Select', url: 'SoftKey:Select', position: 1 }
const exit = { name: 'Exit', url: 'SoftKey:Exit', position: 2 }

/** The services in force on the phone: its own, or those of the profile of whoever is logged in. */
export function servicesMenu(devices: Pick<DeviceRepository, 'effective'>, request: MenuRequest): string {
  const { deviceName, type, secure } = request
  const phone = devices.effective(deviceName)
  if (!phone)
    return notice(type, deviceName === '' ? 'The phone did not say its name.' : 'This phone is not known here.')
  const items = phone.phoneServices.filter((service) => service.type === type).flatMap((one) => item(one, request))
  if (items.length === 0) return notice(type, 'No services are configured.')
  return serializePhoneMenu({
    title: type,
    prompt: secure ? 'Select a secure service' : 'Select a service',
    items: items.slice(0, phoneXmlLimits.menuItems),
    softKeys: [select, exit],
  })
}

/** None for a service that is not made of pages, or whose address no phone takes. */
function item(service: PhoneService, { deviceName, secure }: MenuRequest): readonly { name: string; url: string }[] {
  if (service.category !== 'XML Service') return []
  // A phone fills in the name as well; who follows the address as it stands would send everything from the # on nowhere.
  const address = (secure && service.secureUrl) || service.url
  const url = address.replaceAll('#DEVICENAME#', encodeURIComponent(deviceName)).trim()
  return url === '' || /[\s\p{Cc}]/u.test(url) || [...url].length > phoneXmlLimits.url
    ? []
    : [{ name: service.name, url }]
}

function notice(title: string, text: string): string {
  return serializePhoneText({ title, prompt: '', text, softKeys: [exit] })
}
