import type { Millis } from '../base/clock.js';

/** What a line needs to know of a session. */
export interface AnsweringSession {
  /** Whether its association is closed, in the middle of HLS authentication (`pending`), or open. */
  readonly state: 'idle' | 'pending' | 'associated';
  /** Whether a transfer in blocks is under way. */
  readonly transferring: boolean;
  /** The next APDU to send right after the last answer (a block of a stream); undefined when there is none left. */
  following(): Uint8Array | undefined;
}

/** What answers on one line. `ServerLine` implements it. */
export interface AnsweringLine {
  /**
   * Takes an APDU that `client` sent to `server`.
   * @param unconfirmed whether it came without a connection: then nothing is answered.
   * @param room the most octets that may go back at once, where there is such a bound.
   * @param lineTime when it came by the clock of the line; `now` unless the clock of the meter differs.
   * @returns the answer; undefined where none is sent.
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
   * The data link of this client was disconnected; without `client`, the whole line.
   * @param server which of several meters behind the line the client has lost; by default all of them.
   */
  released(client?: number, server?: number): void;
  /** The session of a client with a logical device; undefined when the device offers that client none. */
  session(client: number, server: number): AnsweringSession | undefined;
  /** Whether any client has an association. */
  readonly associated: boolean;
  /** Whether any client has proved that it knows a secret. */
  readonly proved: boolean;
}
