import type { Millis } from '../base/clock.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import type { Link } from '../contracts/link.js';

/** How a client signs on (IEC 62056-21 6.4.5 and Annex E; Green Book 10.2 protocol mode E). Times are in milliseconds, speeds in baud. */
export interface ModeEClientConfig {
  /** The side of the link. */
  readonly role: 'client';
  /** Which meter is meant on a line with several. Default empty: any meter. */
  readonly deviceAddress?: string;
  /** The highest speed to switch to. Default the speed that the meter proposes. */
  readonly maxBaud?: number;
  /** The longest silence of the meter. Default 1500 by the standard, and the time of the line at 300 baud. */
  readonly timeout?: Millis;
  /** How often the request is repeated. */
  readonly retries?: number;
  /** Number of null octets that are sent first to wake up a battery-powered meter (6.3.1); 65 last 2.2 s at 300 baud. A pause of 1.6 s follows. */
  readonly wakeUp?: number;
  /** The speed of the sign-on. Default 300 by the standard; meters with a fixed speed sign on at that. */
  readonly openingBaud?: number;
  /** The speed of HDLC, whatever was negotiated, for meters that always use the same. */
  readonly hdlcBaud?: number;
  /** The speed before the line broke. The meter may still be in HDLC at that speed, so HDLC is tried first, without a sign-on. */
  readonly continueAt?: number;
  /** The ways in which a meter is tried, one after the other, that signs on and then keeps silent. Default three ways. */
  readonly openings?: readonly Opening[];
  /** Whether the meter is told to break off before the first sign-on, because it may still wait for an acknowledgement. Default false. */
  readonly breakFirst?: boolean;
  /** How long to wait for a meter that signed on once and no longer answers: it may be deaf until its own time-out. Default 0. */
  readonly patience?: Millis;
}

/** How a meter answers the sign-on. Times are in milliseconds, speeds in baud. */
export interface ModeEServerConfig {
  /** The side of the link. */
  readonly role: 'server';
  /** Three letters of the flag association. */
  readonly manufacturer: string;
  /** Its name in the identification, up to 16 characters. */
  readonly identification: string;
  /** The address to which it answers. By default it answers only requests without an address. */
  readonly deviceAddress?: string;
  /** The speed that it proposes. */
  readonly baud: number;
  /** How long it waits for the acknowledgement. */
  readonly timeout?: Millis;
  /** The pause before it answers. */
  readonly reactionTime?: Millis;
  /** The speed of the sign-on. Default 300. */
  readonly openingBaud?: number;
  /** The speed that it uses for HDLC, whatever was negotiated, as some meters do. */
  readonly hdlcBaud?: number;
  /** The baud rate character of its confirmation, if it differs from the one that it was given. */
  readonly confirms?: string;
  /** Number of null octets that it needs to wake up, as a meter on a battery. Default none. */
  readonly asleep?: number;
}

/** One way to get from the sign-on to the first frame. Times are in milliseconds. */
export interface Opening {
  /** How long after the identification the acknowledgement is sent, from the reaction time that the meter names (20 or 200). */
  readonly reaction: (told: Millis) => Millis;
  /** How long after the acknowledgement HDLC begins if the meter does not confirm it. */
  readonly confirmation: Millis;
  /** Whether the meter is asked to keep the speed of the sign-on. */
  readonly stays: boolean;
}

/** The link after the sign-on: one link for all openings, or a function that makes a new one for each. */
export type InnerLink = Link | ((made: InnerLinkOptions) => Link);

/** What is known when the link after the sign-on is made. */
export interface InnerLinkOptions {
  /** The speed of the line. */
  readonly baud: number;
  /** How often the first frame is repeated, if this is one of several attempts; as often as usual where it is left out. */
  readonly retries?: number;
}

const CLIENT: OptionNames<ModeEClientConfig> = {
  role: true,
  deviceAddress: true,
  maxBaud: true,
  timeout: true,
  retries: true,
  wakeUp: true,
  openingBaud: true,
  hdlcBaud: true,
  continueAt: true,
  openings: true,
  breakFirst: true,
  patience: true,
};
const SERVER: OptionNames<ModeEServerConfig> = {
  role: true,
  manufacturer: true,
  identification: true,
  deviceAddress: true,
  baud: true,
  timeout: true,
  reactionTime: true,
  openingBaud: true,
  hdlcBaud: true,
  confirms: true,
  asleep: true,
};
const OPENING: OptionNames<Opening> = { reaction: true, confirmation: true, stays: true };

/** @throws StateError for an unknown option. */
export function checkModeEOptions(config: ModeEClientConfig | ModeEServerConfig): void {
  const others = { signOnBaud: 'openingBaud' };
  checkOptions<object>(config, config.role === 'client' ? CLIENT : SERVER, 'ModeELink', { others });
  if (config.role !== 'client') return;
  for (const opening of config.openings ?? []) checkOptions(opening, OPENING, 'ModeELink', { within: 'openings' });
}

export const OPENING_BAUD = 300;
/** Between the wake-up sequence and the request: 1.5 s to 1.7 s (6.3.1). */
export const WAKING_TIME: Millis = 1600;
/** The acknowledgement takes 200 ms at 300 baud, and the meter may pause up to 1500 ms more; most answer within 200. */
const CONFIRMATION_WAIT: Millis = 700;

/**
 * The ways to open a meter that signs on and then does not answer: first as the standard says; then with another reaction time and all the time for the
 * change of speed that the standard allows; then without a change of speed, which some meters and probes cannot make. Before each but the first a
 * break (B0) is sent, followed by silence, so that a meter that still waits for the acknowledgement gives up.
 */
export const OPENINGS: readonly Opening[] = [
  { reaction: (told) => told, confirmation: CONFIRMATION_WAIT, stays: false },
  { reaction: (told) => (told < 200 ? 250 : 600), confirmation: 1900, stays: false },
  { reaction: (told) => Math.max(told, 250), confirmation: CONFIRMATION_WAIT, stays: true },
];

/**
 * The ways to open a meter over a line that cannot change its speed, as behind a serial server or a modem: first it is asked to keep its speed, then to
 * do as it proposes, for meters that have only one speed whatever they propose.
 */
export const FIXED_LINE_OPENINGS: readonly Opening[] = [
  { reaction: (told) => told, confirmation: CONFIRMATION_WAIT, stays: true },
  { reaction: (told) => Math.max(told, 250), confirmation: 1900, stays: false },
];
