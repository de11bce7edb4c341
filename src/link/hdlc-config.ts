import type { Millis } from '../base/clock.js';
import { StateError } from '../base/errors.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import type { LinkEvent, SendOptions } from '../contracts/link.js';
import type { Control, HdlcAddress, HdlcFrame } from './hdlc-frame.js';
import {
  checkParameters,
  DEFAULT_PARAMETERS,
  encodeParameters,
  type HdlcParameters,
  negotiate,
} from './hdlc-parameters.js';

/** Default of `interOctetTimeout`, but for a server. */
export const INTER_OCTET_TIMEOUT: Millis = 1000;
/** Default of `interOctetTimeout` of a server. */
export const SERVER_INTER_OCTET_TIMEOUT: Millis = 500;

/** Options of all sides. Times are in milliseconds. */
export interface HdlcCommonConfig {
  /** Our limits, which a client proposes in SNRM and a server grants in UA. Default 128 octets, window 1. */
  readonly parameters?: Partial<HdlcParameters>;
  /** After a silence so long within a frame, the part that has come is dropped. Default 1000 for a client, 500 for a server. */
  readonly interOctetTimeout?: Millis;
  /** The longest payload that is accepted, in octets. A peer that sends more segments loses the connection. Default 131072. */
  readonly maxPayload?: number;
}

/** Options of a client. Times are in milliseconds. */
export interface HdlcClientConfig extends HdlcCommonConfig {
  /** Client SAP, 1 to 127: 16 is the public client. */
  readonly client: number;
  /** Upper server address: the logical device. 1 is the management logical device. */
  readonly server: number;
  /** Lower server address: the physical device. Left out when the address has one octet. */
  readonly lower?: number;
  /** Octets of the server address. Default: as few as possible. */
  readonly addressSize?: 1 | 2 | 4;
  /** Always propose `parameters`, even if the server refuses them or does not answer. By default the defaults of the standard are tried then. */
  readonly insist?: boolean;
  /** The longest time until the server begins its answer. Default 3000. */
  readonly responseTimeout?: Millis;
  /** How often a frame without an answer, or without effect, is repeated before the link is given up. Default 3. */
  readonly retries?: number;
  /** The time of one octet on the line (10 bits at 9600 baud: 1.04 ms): time-outs are extended by the time of what we send. Default 0. */
  readonly octetTime?: Millis;
  /** Pause before a server is polled again that is busy, or that has acknowledged but has no answer yet. Default 200. */
  readonly pollInterval?: Millis;
  /** How long such a server is polled; then polling stops, and the link with a busy server is closed. Default 60 000. */
  readonly patience?: Millis;
  /**
   * How long a server that refuses the link (DM) is tried again, with growing pauses, because the link of another client may end meanwhile.
   * Default 0: the first refusal is final.
   */
  readonly refusalPatience?: Millis;
  /** After a silence so long the link counts as lost. Default never. */
  readonly inactivityTimeout?: Millis;
  /** After a silence so long RR is sent, so that the inactivity time-out of the server does not expire. Default never. */
  readonly keepAlive?: Millis;
  /**
   * Takes an I frame in sequence as the acknowledgement of everything that was sent, whatever its N(R) is. For servers whose I frames always have
   * N(R) = 0 (jDLMS): by the standard they acknowledge nothing, and every request would be repeated. With several requests under way, an answer could
   * then acknowledge one that was lost. Default false.
   */
  readonly acknowledgeByAnswer?: boolean;
}

/** Options of a server. Times are in milliseconds. */
export interface HdlcServerConfig extends HdlcCommonConfig {
  /** Upper addresses to which it answers: the logical devices. */
  readonly devices: readonly number[];
  /** Lower address to which it answers. Default any, as on a line of its own. */
  readonly lower?: number;
  /** Whether it also answers to the CALLING physical device address (7E, 3FFE). Default false. */
  readonly calling?: boolean;
  /** Address size of UI frames that it sends by itself; by default as few octets as possible. Answers have the size of the request. */
  readonly addressSize?: 1 | 2 | 4;
  /** Sizes of the destination address to which it answers. Default any. */
  readonly accepts?: readonly (1 | 2 | 4)[];
  /** After a silence so long a connection is dropped (Blue Book, class 23, attribute 8). 0 means never. Default 120 000. */
  readonly inactivityTimeout?: Millis;
  /** How long it waits for the answer of its owner before it only acknowledges, which gives the turn to the client. Default 500. */
  readonly replyDelay?: Millis;
  /** Whether the server is busy: then it answers RNR in place of RR while it has no answer. Default never. */
  readonly busy?: () => boolean;
  /** The most connections at a time, one for each client and logical device. A further one is refused with DM. Default 8. */
  readonly maxConnections?: number;
  /** Information fields of UA and FRMR that differ from the standard. */
  readonly wording?: HdlcServerWording;
}

/** The outcome of an SNRM. */
export interface Settlement {
  /** The parameters of the connection. */
  readonly parameters: HdlcParameters;
  /** The information field of the UA that tells them. */
  readonly information: Uint8Array;
}

/** Information fields of UA and FRMR that differ from IEC 62056-46, as those of some real servers do. */
export interface HdlcServerWording {
  /** Answers an SNRM. @param standard the outcome by the standard. @param own limits of the server. @param proposal information field of the SNRM. */
  readonly settle?: (standard: Settlement, own: HdlcParameters, proposal: Uint8Array) => Settlement;
  /** Information field of the UA to a DISC. @param parameters those of the connection. */
  readonly farewell?: (parameters: HdlcParameters) => Uint8Array;
  /** Information field of an FRMR. @param standard the field by the standard. */
  readonly rejection?: (standard: Uint8Array) => Uint8Array;
}

/** What a role can use of the link around it. */
export interface LineSide {
  transmit(to: HdlcAddress, from: HdlcAddress, control: Control, information: Uint8Array, segmented: boolean): void;
  event(event: LinkEvent): void;
  discard(frame: HdlcFrame, reason: string): void;
  /** Until when a frame that has come in part may continue; undefined when there is none. */
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
  /** Octets came that are not a frame. */
  lostOctets(): void;
  handleTimeout(now: Millis): void;
  pollTimeout(): Millis | undefined;
  /** What has come in part, in words. */
  pending?(): string | undefined;
}

/** What `open` and other libraries call them. */
const OTHERS = {
  serverLower: 'lower',
  device: 'devices',
  timeout: 'responseTimeout',
  maxInfo: 'maxInfoReceive',
  window: 'windowReceive',
};
const COMMON: OptionNames<HdlcCommonConfig> = { parameters: true, interOctetTimeout: true, maxPayload: true };
const CLIENT: OptionNames<HdlcClientConfig> = {
  ...COMMON,
  client: true,
  server: true,
  lower: true,
  addressSize: true,
  insist: true,
  responseTimeout: true,
  retries: true,
  octetTime: true,
  pollInterval: true,
  patience: true,
  refusalPatience: true,
  inactivityTimeout: true,
  keepAlive: true,
  acknowledgeByAnswer: true,
};
const SERVER: OptionNames<HdlcServerConfig> = {
  ...COMMON,
  devices: true,
  lower: true,
  calling: true,
  addressSize: true,
  accepts: true,
  inactivityTimeout: true,
  replyDelay: true,
  busy: true,
  maxConnections: true,
  wording: true,
};
const KNOWN: Readonly<Record<'client' | 'server' | 'listener', Readonly<Record<string, true>>>> = {
  client: CLIENT,
  server: SERVER,
  listener: COMMON,
};
const PARAMETERS: OptionNames<HdlcParameters> = {
  maxInfoTransmit: true,
  maxInfoReceive: true,
  windowTransmit: true,
  windowReceive: true,
};
const WORDING: OptionNames<HdlcServerWording> = { settle: true, farewell: true, rejection: true };

/** @throws StateError for an unknown option. */
export function checkHdlcOptions(
  role: 'client' | 'server' | 'listener',
  config: HdlcCommonConfig & Pick<HdlcServerConfig, 'wording'>,
): void {
  checkOptions<object>(config, KNOWN[role], 'HdlcLink', { others: OTHERS });
  checkOptions(config.parameters, PARAMETERS, 'HdlcLink', { within: 'parameters', others: OTHERS });
  checkOptions(config.wording, WORDING, 'HdlcLink', { within: 'wording' });
}

export const NO_INFORMATION: Uint8Array = new Uint8Array(0);
/** The most octets of information that fit into a frame with any addresses. It bounds UI frames outside a connection, where nothing is negotiated. */
export const MAX_INFORMATION = 2030;
export const DEFAULT_MAX_PAYLOAD = 0x20000;

/** All four parameters, checked. */
export function fullParameters(config: HdlcCommonConfig): HdlcParameters {
  const parameters = { ...DEFAULT_PARAMETERS, ...config.parameters };
  checkParameters(parameters);
  return parameters;
}

/** The outcome of an SNRM by the standard. */
export function settled(own: HdlcParameters, proposed: HdlcParameters): Settlement {
  const parameters = negotiate(own, proposed);
  return { parameters, information: encodeParameters(parameters) };
}

/** Throws a StateError unless it is a whole number in the range. */
export function checkRange(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new StateError(`HDLC ${name} is ${value}`, { hint: `it is a whole number, ${least} to ${most}` });
}

/** Whether a part of an address, of one or two octets, is the all-station address (IEC 62056-46, 6.4.4.2.3). */
export function isAllStation(part: number, size: 1 | 2 | 4): boolean {
  return part === (size === 4 ? 0x3fff : 0x7f);
}

/** Whether a lower address is the CALLING address, for a device that has called. */
export function isCalling(part: number, size: 1 | 2 | 4): boolean {
  return part === (size === 4 ? 0x3ffe : 0x7e);
}
