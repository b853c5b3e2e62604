/** Bounds that every node keeps, so that no peer can make another grow. */
export const limits = {
  /** A longer message is refused unread. */
  messageBytes: 1024 * 1024,
  /** Of a handshake or refusal, which anybody can make a node look at. */
  handshakeBytes: 32 * 1024,
  /** Of one page. */
  pageRecords: 500,
  /** Of JSON, which is at most three times as many bytes. */
  pageCharacters: 256 * 1024,
  /** Pages that answer one pull. The receiver asks for the next ones when the first of them arrives, so it sets the pace. */
  pagesPerPull: 16,
  /** A push of more than this leaves the rest to the repair path. */
  pushCharacters: 320 * 1024,
  /** Of a single record, which is refused at its origin. */
  kindCharacters: 64,
  keyCharacters: 256,
  valueCharacters: 64 * 1024,
  valueDepth: 100,
  /** Held of one origin: a million learned objects (the vendor's maximum) and all that a cluster says besides. */
  originRecords: 1_200_000,
  originCharacters: 512 * 1024 * 1024,
  /** Epochs begin as a wall clock, which is a thousand times less, and rise by up to 2 ** 24: no claim of a peer makes one unsafe. */
  epoch: 2 ** 52,
  /**
   * Taken from a spoke that claims to hold so much of another origin: the year 2527. Beyond it the origin could not rise again when it
   * has lost its store for good.
   */
  claimedEpoch: 2 ** 44,
  /** Known to one node. A message must have room for a page, and for two vectors of so many with the longest names and numbers. */
  origins: 1000,
  /** In a vector of a peer's, who may know others. */
  vectorOrigins: 10_000,
  /** So many tombstones, and more of them than of other records, are worth a new epoch without them. */
  tombstones: 1000,
  /** Neighbours of one hub, those that have fallen silent included: whoever has the password can call under any name. */
  links: 10_000,
  /** Links that were made for a call and never had a session; a recorded call makes one as well. */
  unprovenLinks: 256,
  /** Origins of which more is known to exist than is held; of further ones the lag is not told. */
  heads: 1000,
  /** Records prepared to be found with a tick and with a write to disk; about ten milliseconds. */
  indexedPerTick: 20_000,
  /** Handshakes that one peer may have open. */
  pendingSessions: 4,
  /** Claimed senders about whom alarms are raised within one poll; further ones are only counted. */
  claimedSendersPerPoll: 16,
  /** Handshakes of one claimed sender that are looked at within one poll; an honest one needs six. */
  handshakesPerPoll: 16,
  /** The same of all senders together that are no neighbours yet. */
  strangersPerPoll: 512,
  /** Claimed senders who are told within half a heartbeat that their session is not known; others find out by the silence. */
  refusedSessions: 256,
} as const

/** A peer that was not heard for this many heartbeats is unreachable; also the poll after which an alarm may repeat. */
export const heartbeatsPerPoll = 3
