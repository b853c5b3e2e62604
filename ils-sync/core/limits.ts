/** Bounds that every node keeps, so that no peer can make another grow. */
export const limits = {
  /** A longer message is refused unread. */
  messageBytes: 1024 * 1024,
  /** A page asks for the next one when it is full: the receiver sets the pace. */
  pageRecords: 500,
  /** Of JSON, which is at most three times as many bytes. */
  pageCharacters: 256 * 1024,
  /** A push of more than this leaves the rest to the repair path. */
  pushCharacters: 320 * 1024,
  /** Of a single record, which is refused at its origin. */
  kindCharacters: 64,
  keyCharacters: 256,
  valueCharacters: 64 * 1024,
  /** Handshakes that one peer may have open. */
  pendingSessions: 4,
  /** Claimed senders about whom alarms are raised within one poll; further ones are only counted. */
  claimedSendersPerPoll: 16,
} as const

/** A peer that was not heard for this many heartbeats is unreachable; also the poll after which an alarm may repeat. */
export const heartbeatsPerPoll = 3
