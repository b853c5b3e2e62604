export { CertificatesError, CertificatesErrorCode } from './errors.ts'
export { loadIdentity } from './lab-ca.ts'
export type { IdentityPlace } from './lab-ca.ts'
