import type { Millis } from '../base/clock.js';
import type { Remark } from '../base/remark.js';

/**
 * What carries the APDUs: HDLC (IEC 62056-46); HDLC after a sign-on in mode E of IEC 62056-21, at 300 baud 7E1; the wrapper of
 * IEC 62056-47 in a stream (TCP) or in datagrams (UDP).
 */
export type Framing = 'hdlc' | 'mode-e' | 'wrapper' | 'wrapper-udp';

/**
 * What happens on a data link. `client` and `server` are SAPs: the client's address and the upper (logical device) part of the
 * server's, whichever side we are.
 */
export type LinkEvent =
  | {
      readonly type: 'connected';
      readonly maxInfo: number;
      readonly window: number;
      readonly client: number;
      readonly server: number;
      /** HDLC client: the server's own lower address, where it was asked by one that many bear. */
      readonly lower?: number;
    }
  /** A whole APDU: LLC header stripped, segments joined. `unconfirmed` when it came by UI frame or to a broadcast address. */
  | {
      readonly type: 'payload';
      readonly bytes: Uint8Array;
      readonly client: number;
      readonly server: number;
      readonly unconfirmed: boolean;
      /** What was not as the standard wants it and was read all the same, in words. */
      readonly remark?: Remark;
    }
  /** Octets that were not for us or not right. Input from a peer never throws. */
  | {
      readonly type: 'discarded';
      readonly bytes: Uint8Array;
      readonly reason: string;
      /** What a person should be told of it at once. */
      readonly remark?: Remark;
    }
  /** IEC 62056-21 only: the line's speed changes now, once what was sent is out. */
  | {
      readonly type: 'reconfigure';
      readonly baud: number;
      /** How octets look on the line from now on. The port stands at 8N1 for both: the link makes and strips the parity of 7E1. */
      readonly format: '7E1' | '8N1';
    }
  | {
      readonly type: 'closed';
      readonly cause: 'local' | 'peer' | 'rejected' | 'frame-reject' | 'timeout';
      readonly reason: string;
      /** Whether the peer cannot have taken the payload sent last. */
      readonly unheard?: boolean;
      /** Whose connection, where a link bears several. */
      readonly client?: number;
      readonly server?: number;
    };

/** Where a payload goes; what is left out is what the link was made for, or the peer it is connected to. */
export interface SendOptions {
  readonly client?: number;
  readonly server?: number;
  /** HDLC: send in a UI frame, without acknowledgement. */
  readonly unconfirmed?: boolean;
  /** False: no answer will come. An HDLC client then does not poll for one when the server has only acknowledged. */
  readonly reply?: boolean;
  /** Another payload follows at once. An HDLC client then keeps the turn for both. */
  readonly more?: boolean;
}

/**
 * A data link without I/O: octets and time in, octets and events out. After every call of `connect`, `send`, `disconnect`, `receive`
 * and `handleTimeout` the owner drains `pollTransmit` and `pollEvent` and arms a timer for `pollTimeout`.
 */
export interface Link {
  connect(now: Millis): void;
  /** Queues one APDU. Throws StateError when not connected. */
  send(payload: Uint8Array, now: Millis, options?: SendOptions): void;
  /**
   * A payload came that was not the answer (a notification, say), and the answer is still awaited. A link whose ends speak in turns asks
   * for it; where it comes by itself this is left out.
   */
  awaitMore?(now: Millis): void;
  /** Server: no answer will come to the payload of that peer. A link whose ends speak in turns then gives the turn back at once. */
  unanswered?(now: Millis, options: SendOptions): void;
  disconnect(now: Millis): void;
  /** Any chunking, any garbage. The link may keep views of the chunk: the owner must not reuse it. */
  receive(chunk: Uint8Array, now: Millis): void;
  handleTimeout(now: Millis): void;
  /** When `handleTimeout` wants to be called. */
  pollTimeout(): Millis | undefined;
  pollTransmit(): Uint8Array | undefined;
  pollEvent(): LinkEvent | undefined;
  /** What has begun to come and is not whole, in words with what is missing; undefined when nothing has. */
  pending?(): string | undefined;
}

export type PayloadEvent = Extract<LinkEvent, { type: 'payload' }>;

export type ConnectedEvent = Extract<LinkEvent, { type: 'connected' }>;

export type ClosedEvent = Extract<LinkEvent, { type: 'closed' }>;
