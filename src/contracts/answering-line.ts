import type { Millis } from '../base/clock.js';

/** A session as far as a line has to know it. */
export interface AnsweringSession {
  /** Whether its association is open, or about to be. */
  readonly state: 'idle' | 'pending' | 'associated';
  /** Whether a transfer in blocks is under way. */
  readonly transferring: boolean;
  /** The next APDU to send right after the answer given last, until there is none: blocks of a stream. */
  following(): Uint8Array | undefined;
}

/** What answers on one line: `ServerLine` is one. */
export interface AnsweringLine {
  /**
   * Takes an APDU that `client` sent to `server`.
   * @param unconfirmed whether it came without a connection: nothing goes back.
   * @param room how many octets may go back at once, where that is bounded.
   * @param lineTime when it came in the time of the line; `now` unless the meter's time runs otherwise.
   * @returns the answer; undefined where none is due.
   */
  handle(
    client: number,
    server: number,
    apdu: Uint8Array,
    now: Millis,
    unconfirmed?: boolean,
    room?: number,
    lineTime?: Millis,
  ): Uint8Array | undefined;
  /**
   * The data link of a client was disconnected, or with no client named the whole line.
   * @param server of several meters behind the line the one that the client has lost; all of them unless given.
   */
  released(client?: number, server?: number): void;
  /** The session of a client with a logical device; undefined when it offers that client none. */
  session(client: number, server: number): AnsweringSession | undefined;
  /** Whether a client has an association. */
  readonly associated: boolean;
  /** Whether one of them has shown that it knows a secret. */
  readonly proved: boolean;
}
