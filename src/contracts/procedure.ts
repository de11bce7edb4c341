/** One APDU to send, and whether an answer is awaited. */
export interface Exchange {
  /** The APDU. When it is empty nothing is sent: the last payload was not the answer, and the procedure waits for the next one. */
  readonly apdu: Uint8Array;
  /** Whether an answer is awaited. False for unconfirmed services: the driver then feeds an empty array at once. */
  readonly reply: boolean;
  /** True when another APDU without an answer follows at once: the link may wait for it and send both in one turn. */
  readonly more?: boolean;
  /** Whether answers to earlier requests are still awaited: what comes meanwhile is an answer to one of them. */
  readonly beside?: boolean;
  /**
   * In milliseconds: when no payload comes for so long, the driver feeds an empty array and the procedure asks again itself. Where it is left
   * out, the time-out of the driver applies.
   */
  readonly patience?: number;
  /** Words for the message of a time-out: why the last payload was not the answer, or what is missing of an incomplete one. */
  readonly aside?: string;
  /**
   * The driver waits for this before it goes on, and feeds an empty array; nothing is sent. When it rejects, the procedure fails with its
   * reason and the link stays up.
   */
  readonly until?: Promise<void>;
}

/**
 * A client procedure without I/O: it yields APDUs to send and is fed the payloads that come back. The driver owns the line and the time-outs;
 * the procedure judges what the peer sent. When a procedure throws, the session stays usable.
 */
export type Procedure<T> = Generator<Exchange, T, Uint8Array>;
