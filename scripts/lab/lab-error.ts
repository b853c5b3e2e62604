/** Areas of what can go wrong around a lab, for programs. */
export type LabErrorCode =
  | 'LAB_ALREADY_RUNNING'
  | 'LAB_NOT_RUNNING'
  | 'LAB_PROCESS_START'
  | 'LAB_PROCESS_STATE'
  | 'LAB_PROCESS_UNKNOWN'
  | 'LAB_REDIS'
  | 'LAB_USAGE'

/** Something a person can put right; the message is for them, no stack is wanted. */
export class LabError extends Error {
  readonly code: LabErrorCode
  constructor(code: LabErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LabError'
    this.code = code
  }
}
