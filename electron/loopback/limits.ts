/** Every bound of the two local servers. */
export const LOOPBACK_LIMITS = {
  /** Largest request body: the largest real one is under 1 KiB. */
  bodyBytes: 64 * 1024,
  /** A request must have come in full after so long. */
  requestTimeoutMs: 10_000,
  /** Silence on an event stream is broken after so long, so that the reader knows that the line lives. */
  heartbeatMs: 5_000,
  /** A reader that takes nothing for so many heartbeats is cut. */
  stalledHeartbeats: 6,
  /** Event streams open at once per server. */
  streams: 16,
  /** Connections open at once per server. */
  connections: 64,
} as const;
