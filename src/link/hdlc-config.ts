import type { Millis } from '../base/clock.js';
import { StateError } from '../base/errors.js';
import type { LinkEvent, SendOptions } from '../contracts/link.js';
import type { Control, HdlcAddress, HdlcFrame } from './hdlc-frame.js';
import {
  checkParameters,
  DEFAULT_PARAMETERS,
  encodeParameters,
  type HdlcParameters,
  negotiate,
} from './hdlc-parameters.js';

/** What both sides may be told. */
export interface HdlcCommonConfig {
  /** What we can do, proposed in SNRM or granted in UA. Left out: 128 octets, window 1. */
  readonly parameters?: Partial<HdlcParameters>;
  /** Silence within a frame after which what came of it is dropped. Client 1000 ms, server 500 ms. */
  readonly interOctetTimeout?: Millis;
  /** Longest payload taken, in octets; 131072. A peer that goes on sending segments beyond it loses the connection. */
  readonly maxPayload?: number;
}

export interface HdlcClientConfig extends HdlcCommonConfig {
  /** Client SAP, 1 to 127: 16 is the public client. */
  readonly client: number;
  /** Upper server address: the logical device, 1 for the management one. */
  readonly server: number;
  /** Lower server address: the physical device. Left out where the address has one octet. */
  readonly lower?: number;
  /** Octets of the server address; left out, as few as hold it. */
  readonly addressSize?: 1 | 2 | 4;
  /** Never propose less than `parameters`, though the server refuses them or does not answer: otherwise the defaults are tried then. */
  readonly insist?: boolean;
  /** How long the server may take to begin its answer; 3000 ms. */
  readonly responseTimeout?: Millis;
  /** How often a question without answer, or without effect, is repeated before the link is given up; 3. */
  readonly retries?: number;
  /** Time an octet takes on the line (10 bits at 9600 baud: 1.04 ms): what we send delays the answer by it; 0. */
  readonly octetTime?: Millis;
  /** Pause before a server is asked again that is busy, or that acknowledged and has no answer yet; 200 ms. */
  readonly pollInterval?: Millis;
  /** How long such a server is asked before we stop; a busy one's link is then closed. 60 000 ms. */
  readonly patience?: Millis;
  /**
   * How long a server that refuses the link (DM) is asked again, with growing pauses: another client's link may end meanwhile. 0 unless told:
   * the first refusal ends it.
   */
  readonly refusalPatience?: Millis;
  /** Silence after which the link counts as lost; left out or 0: never. */
  readonly inactivityTimeout?: Millis;
  /** Ask a silent link with RR after that time, so that the server's inactivity time-out does not end it; left out: never. */
  readonly keepAlive?: Millis;
  /**
   * Takes an I frame that comes in sequence as the acknowledgement of all that was sent, whatever its N(R) says. For servers whose I
   * frames always bear N(R) = 0 (that of jDLMS): against the standard they acknowledge nothing, and every request would be sent again.
   * With several requests under way an answer could vouch for one that was lost. False.
   */
  readonly acknowledgeByAnswer?: boolean;
}

export interface HdlcServerConfig extends HdlcCommonConfig {
  /** Upper addresses answered to: the logical devices. */
  readonly devices: readonly number[];
  /** Lower address answered to; left out: any, as on a line of our own. */
  readonly lower?: number;
  /** Answer to the CALLING physical device address (7E, 3FFE) too: true on a line that we called from; false. */
  readonly calling?: boolean;
  /** Address size of UI frames sent unasked; left out, as few octets as hold the address. Answers mirror the question's. */
  readonly addressSize?: 1 | 2 | 4;
  /** Sizes of the destination address answered to; left out: any. */
  readonly accepts?: readonly (1 | 2 | 4)[];
  /** Silence after which a connection falls back to disconnected mode (Blue Book, class 23, attribute 8); 120 000 ms, 0: never. */
  readonly inactivityTimeout?: Millis;
  /** How long an answer is waited for before a question is only acknowledged, which gives the client its turn; 500 ms. */
  readonly replyDelay?: Millis;
  /** Whether we are busy now: then a question that has no answer yet is answered by RNR in place of RR. Never, unless given. */
  readonly busy?: () => boolean;
  /** Connections at a time, of client and logical device each; 8. One more is refused with DM. */
  readonly maxConnections?: number;
  /** What it says of itself where another than the standard's way is wanted. */
  readonly wording?: HdlcServerWording;
}

/** What holds after an SNRM, and the information field of the UA that says so. */
export interface Settlement {
  readonly parameters: HdlcParameters;
  readonly information: Uint8Array;
}

/** What a server says in UA and FRMR where IEC 62056-46 is not to have its way: servers in the field differ. */
export interface HdlcServerWording {
  /** After an SNRM. @param standard as the standard wants it. @param own what the server can do. @param proposal information field of the SNRM. */
  readonly settle?: (standard: Settlement, own: HdlcParameters, proposal: Uint8Array) => Settlement;
  /** Information field of the UA to a DISC. @param parameters those that held. */
  readonly farewell?: (parameters: HdlcParameters) => Uint8Array;
  /** Information field of an FRMR. @param standard as the standard wants it. */
  readonly rejection?: (standard: Uint8Array) => Uint8Array;
}

/** What a role's machine has of the link around it. */
export interface LineSide {
  transmit(to: HdlcAddress, from: HdlcAddress, control: Control, information: Uint8Array, segmented: boolean): void;
  event(event: LinkEvent): void;
  discard(frame: HdlcFrame, reason: string): void;
  /** Until when a frame that has begun to come may go on; undefined when none has. */
  receivingUntil(): Millis | undefined;
}

/** A role: client (primary station) or server (secondary station). */
export interface HdlcRole {
  connect(now: Millis): void;
  send(payload: Uint8Array, now: Millis, options: SendOptions): void;
  awaitMore(now: Millis): void;
  unanswered?(now: Millis, options: SendOptions): void;
  disconnect(now: Millis): void;
  receive(frame: HdlcFrame, now: Millis): void;
  /** Octets came that make no frame. */
  lostOctets(): void;
  handleTimeout(now: Millis): void;
  pollTimeout(): Millis | undefined;
  /** What has begun to come and is not whole, in words. */
  pending?(): string | undefined;
}

export const NO_INFORMATION: Uint8Array = new Uint8Array(0);
/** Information that fits into a frame whatever its addresses; also for UI frames outside any connection, where nothing is agreed. */
export const MAX_INFORMATION = 2030;
export const DEFAULT_MAX_PAYLOAD = 0x20000;

/** All four parameters, checked. */
export function fullParameters(config: HdlcCommonConfig): HdlcParameters {
  const parameters = { ...DEFAULT_PARAMETERS, ...config.parameters };
  checkParameters(parameters);
  return parameters;
}

/** What the parameters of an SNRM come to by the standard. */
export function settled(own: HdlcParameters, proposed: HdlcParameters): Settlement {
  const parameters = negotiate(own, proposed);
  return { parameters, information: encodeParameters(parameters) };
}

/** Throws a StateError unless it is a whole number in the range. */
export function checkRange(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new StateError(`HDLC ${name} is ${value}`, { hint: `it is a whole number, ${least} to ${most}` });
}

/** The address that all physical or logical devices hear (IEC 62056-46, 6.4.4.2.3), as it stands in one octet or two. */
export function isAllStation(part: number, size: 1 | 2 | 4): boolean {
  return part === (size === 4 ? 0x3fff : 0x7f);
}

/** The lower address of a device that called us, whichever it is. */
export function isCalling(part: number, size: 1 | 2 | 4): boolean {
  return part === (size === 4 ? 0x3ffe : 0x7e);
}
