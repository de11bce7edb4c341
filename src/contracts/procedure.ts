/** One APDU to send, and whether an answer is awaited. */
export interface Exchange {
  /** Nothing is sent when it is empty: the last payload was not the answer, and the procedure waits on for the next one. */
  readonly apdu: Uint8Array;
  /** False for unconfirmed services: the driver then feeds an empty array at once. */
  readonly reply: boolean;
  /** Without a reply: another APDU follows at once, by this procedure or the next, and what the link can do in one turn may wait for it. */
  readonly more?: boolean;
  /**
   * In milliseconds: when no payload comes for so long, the procedure is fed an empty array and asks again itself. Left out, a meter
   * that keeps silent is the driver's to judge.
   */
  readonly patience?: number;
  /** For the sentence of a time-out: why the last payload was not the answer, or what is missing of one that has begun, in words. */
  readonly aside?: string;
}

/**
 * A client procedure without I/O: it yields APDUs to send and is fed the payloads that come back. The driver owns the line and the
 * time-outs; what the peer sent, right or wrong, is judged here. A procedure that throws has left the session in a sane state.
 */
export type Procedure<T> = Generator<Exchange, T, Uint8Array>;
