/** What is found in a stream of octets: complete messages, and who sent them to whom. */

import type { GatewayAddress } from '../apdu/apdu.js';
import type { HdlcAddress } from '../link/hdlc-frame.js';

/** The frame in which a message came. `text` is a telegram of IEC 62056-21, `bare` an APDU without any frame. */
export type PushFraming = 'wrapper' | 'hdlc' | 'm-bus' | 'bare' | 'text';

/** The wPorts in the header of a wrapper (IEC 62056-47). */
export interface WrapperPorts {
  /** wPort of the sender. */
  readonly source: number;
  /** wPort of the receiver. */
  readonly destination: number;
}

/** The addresses of the HDLC frames in which a message came. */
export interface HdlcEnds {
  /** Of the meter. */
  readonly source: HdlcAddress;
  /** Of us. */
  readonly destination: HdlcAddress;
}

/** Who sent a message to whom, where its frame says so. */
export interface PushEnds {
  /** The ports of the wrapper in which it came. */
  readonly ports?: WrapperPorts;
  /** The addresses of its HDLC frames. */
  readonly addresses?: HdlcEnds;
  /** The meter behind a gateway that sent it, as the header of the gateway says. */
  readonly gateway?: GatewayAddress;
}

/** What a {@link PushDeframer} finds. */
export type DeframerEvent =
  | {
      /** A complete message: an APDU, perhaps ciphered, or the text of a telegram. */
      readonly type: 'payload';
      /** The frame in which it came. */
      readonly framing: PushFraming;
      /** The message. */
      readonly bytes: Uint8Array;
      /** The ports of the wrapper in which it came. */
      readonly ports?: WrapperPorts;
      /** The addresses of the HDLC frames in which it came. */
      readonly addresses?: HdlcEnds;
      /** The meter behind a gateway that sent it, as the header of the gateway says. */
      readonly gateway?: GatewayAddress;
    }
  | {
      /** A message of which parts are missing. */
      readonly type: 'incomplete';
      /** What is missing, in words. */
      readonly reason: string;
    }
  | {
      /** Octets that are not a message. */
      readonly type: 'discarded';
      /** The octets. */
      readonly bytes: Uint8Array;
      /** Why they are not a message, in words. */
      readonly reason: string;
    };
