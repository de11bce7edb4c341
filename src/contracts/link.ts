import type { Millis } from '../base/clock.js';
import type { Remark } from '../base/remark.js';

/**
 * What carries the APDUs: HDLC (IEC 62056-46); HDLC after a sign-on in mode E of IEC 62056-21, which begins at 300 baud 7E1; the wrapper of
 * IEC 62056-47 in a stream (TCP) or in datagrams (UDP).
 */
export type Framing = 'hdlc' | 'mode-e' | 'wrapper' | 'wrapper-udp';

/**
 * What happens on a data link. `client` and `server` are always SAPs of these two, whichever side we are: the client address, and the upper
 * (logical device) part of the server address.
 */
export type LinkEvent =
  | {
      /** The link is connected. */
      readonly type: 'connected';
      /** The most octets of information in a frame that we send, as negotiated. */
      readonly maxInfo: number;
      /** The number of frames that we may send before an acknowledgement, as negotiated. */
      readonly window: number;
      /** Client SAP. */
      readonly client: number;
      /** Server SAP. */
      readonly server: number;
      /** HDLC client: the lower address that the server gave as its own, where it was called by an address that many servers share. */
      readonly lower?: number;
    }
  | {
      /** A whole APDU came: the LLC header is removed, segments are joined. */
      readonly type: 'payload';
      /** The APDU. */
      readonly bytes: Uint8Array;
      /** Client SAP. */
      readonly client: number;
      /** Server SAP. */
      readonly server: number;
      /** True when it came by a UI frame or to a broadcast address: no answer is expected. */
      readonly unconfirmed: boolean;
      /** What was not as the standard demands, but was read all the same. */
      readonly remark?: Remark;
    }
  | {
      /** Octets came that were not for us or not right. Input from a peer never throws. */
      readonly type: 'discarded';
      /** The octets. */
      readonly bytes: Uint8Array;
      /** Why they were discarded, in words. */
      readonly reason: string;
      /** What a person should be told of it at once. */
      readonly remark?: Remark;
    }
  | {
      /** IEC 62056-21 only: the speed of the line changes as soon as everything has been sent. */
      readonly type: 'reconfigure';
      /** The new speed in baud. */
      readonly baud: number;
      /** How octets look on the line from now on. The port stays at 8N1 for both: the link adds and removes the parity of 7E1. */
      readonly format: '7E1' | '8N1';
    }
  | {
      /** The link is closed, or was never opened. */
      readonly type: 'closed';
      /** Who or what closed it: we, the peer by DISC, the peer by DM, an FRMR, or time. */
      readonly cause: 'local' | 'peer' | 'rejected' | 'frame-reject' | 'timeout';
      /** The same in words. */
      readonly reason: string;
      /** True when the peer certainly did not take the last payload that was sent. */
      readonly unheard?: boolean;
      /** Client SAP of the connection, where one link carries several. */
      readonly client?: number;
      /** Server SAP of the connection, where one link carries several. */
      readonly server?: number;
    };

/** Where a payload goes. By default that is the peer to which the link is connected, or for which it was made. */
export interface SendOptions {
  /** Client SAP. */
  readonly client?: number;
  /** Server SAP. */
  readonly server?: number;
  /** HDLC: send in a UI frame, without acknowledgement. */
  readonly unconfirmed?: boolean;
  /** False when no answer will come. An HDLC client then does not poll for one after the server has acknowledged. */
  readonly reply?: boolean;
  /** True when another payload follows at once. An HDLC client then sends both before it passes the poll bit. */
  readonly more?: boolean;
}

/**
 * A data link without I/O: octets and time go in, octets and events come out. After every call of `connect`, `send`, `disconnect`, `receive`
 * and `handleTimeout` the owner drains `pollTransmit` and `pollEvent` and sets a timer for `pollTimeout`. `ClientDriver` does that over a
 * transport.
 */
export interface Link {
  /** Begins to connect. Ends in a `connected` or a `closed` event. */
  connect(now: Millis): void;
  /** Queues one APDU. Throws StateError when not connected. */
  send(payload: Uint8Array, now: Millis, options?: SendOptions): void;
  /**
   * Is called when a payload came that was not the answer (a notification, say) and the answer is still awaited. HDLC, where the ends take
   * turns, then polls for it. A link where answers come by themselves leaves it out.
   */
  awaitMore?(now: Millis): void;
  /** Server: the payload of that peer gets no answer. HDLC, where the ends take turns, then gives the turn back at once. */
  unanswered?(now: Millis, options: SendOptions): void;
  /** Begins to disconnect. Ends in a `closed` event. */
  disconnect(now: Millis): void;
  /** Takes octets in any chunks, and any garbage. The link may keep views of the chunk: the owner must not reuse it. */
  receive(chunk: Uint8Array, now: Millis): void;
  /** Is called when the time that `pollTimeout` gave has come. */
  handleTimeout(now: Millis): void;
  /** When `handleTimeout` must be called; undefined when no timer is needed. */
  pollTimeout(): Millis | undefined;
  /** The next octets to write; undefined when there are none left. */
  pollTransmit(): Uint8Array | undefined;
  /** The next event; undefined when there is none left. */
  pollEvent(): LinkEvent | undefined;
  /** What has come in part and what is missing of it, in words; undefined when nothing is incomplete. */
  pending?(): string | undefined;
}

/** The event of a whole APDU that came. */
export type PayloadEvent = Extract<LinkEvent, { type: 'payload' }>;

/** The event of a link that is connected, with what was negotiated. */
export type ConnectedEvent = Extract<LinkEvent, { type: 'connected' }>;

/** The event of a link that is closed, with the reason. */
export type ClosedEvent = Extract<LinkEvent, { type: 'closed' }>;
