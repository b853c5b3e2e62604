// The EM API's documents as a client sends them, and the one answer that means that it was done.

/** The one path of the EM API. */
export const servlet = '/emservice/EMServiceServlet'

/** Content type of the form. */
export const formType = 'application/x-www-form-urlencoded'

/** What login and logout are answered with, byte for byte. */
export const success = '<?xml version="1.0"?>\n<response>\n<success/>\n</response>\n'

const appInfo = '<appInfo><appID>emproxy</appID><appCertificate>roamline</appCertificate></appInfo>'

/** A form that logs in. */
export function loginForm({ userId, deviceName }: { readonly userId: string; readonly deviceName: string }): string {
  return form(`<login><deviceName>${deviceName}</deviceName><userID>${userId}</userID></login>`)
}

/** A form that logs out. */
export function logoutForm(deviceName: string): string {
  return form(`<logout><deviceName>${deviceName}</deviceName></logout>`)
}

/** A form that logs everybody out. */
export function logoutAllForm(): string {
  return form('<logoutAll/>')
}

function form(content: string): string {
  return `xml=${encodeURIComponent(`<?xml version="1.0"?><request>${appInfo}${content}</request>`)}`
}
