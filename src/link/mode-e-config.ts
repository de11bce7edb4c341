import type { Millis } from '../base/clock.js';
import type { Link } from '../contracts/link.js';

/** How the client signs on (IEC 62056-21 6.4.5 and Annex E; Green Book 10.2 protocol mode E). */
export interface ModeEClientConfig {
  readonly role: 'client';
  /** Which meter is meant on a line with several; empty for whoever hears it. */
  readonly deviceAddress?: string;
  /** The highest speed to switch to; the meter's proposal when left out. */
  readonly maxBaud?: number;
  /** How long the meter may stay silent: 1500 ms by the standard, and the time of its line at 300 baud. */
  readonly timeout?: Millis;
  /** How often the request is repeated. */
  readonly retries?: number;
  /** Null octets sent first to wake a battery powered meter (6.3.1): 2.2 s of them at 300 baud are 65. A pause of 1.6 s follows. */
  readonly wakeUp?: number;
  /** The speed at which the meter signs on: 300 by the standard. Fixed-baud meters sign on at the one speed that they have. */
  readonly openingBaud?: number;
  /** The speed at which HDLC goes on whatever was agreed, for meters that keep to one. */
  readonly hdlcBaud?: number;
  /** The speed that was agreed before the line broke: the meter may still stand there, so HDLC goes on at once, without sign-on. */
  readonly continueAt?: number;
  /** How a meter that signed on and then kept silent is tried anew, one after the other: three ways unless told. */
  readonly openings?: readonly Opening[];
  /** Whether the meter is told to break off, and left in peace, before the first sign-on: it may still wait for an acknowledgement. */
  readonly breakFirst?: boolean;
  /** How long a meter is waited for that signed on once and now does not hear the sign-on: it may be deaf until its time-out. 0 unless told. */
  readonly patience?: Millis;
}

/** How a meter answers the sign-on. */
export interface ModeEServerConfig {
  readonly role: 'server';
  /** Three letters of the flag association. */
  readonly manufacturer: string;
  readonly identification: string;
  readonly deviceAddress?: string;
  /** The speed it proposes. */
  readonly baud: number;
  /** How long it waits for the acknowledgement, and pauses before it answers. */
  readonly timeout?: Millis;
  readonly reactionTime?: Millis;
  readonly openingBaud?: number;
  /** It goes on there, whatever it proposed and was told: meters do. */
  readonly hdlcBaud?: number;
  /** The baud rate character of its confirmation, where it is another than it was told. */
  readonly confirms?: string;
  /** Null octets without which it hears nothing, as of a meter on a battery. */
  readonly asleep?: number;
}

/** One way to open: from the sign-on to the first frame. */
export interface Opening {
  /** How long after the identification the acknowledgement goes out, given what the meter's letters tell: 20 or 200 ms. */
  readonly reaction: (told: Millis) => Millis;
  /** How long after the acknowledgement HDLC begins when the meter does not confirm it. */
  readonly confirmation: Millis;
  /** Whether the meter is asked to stay at the speed of the sign-on. */
  readonly stays: boolean;
}

/** The link after the sign-on: one that is made anew for each opening, or one for all. */
export type InnerLink = Link | ((made: InnerLinkOptions) => Link);

export interface InnerLinkOptions {
  /** The speed that the line has then. */
  readonly baud: number;
  /** How often the first frame is repeated where this is one attempt of several; left out, as often as usual. */
  readonly retries?: number;
}

export const OPENING_BAUD = 300;
/** Between the wake-up sequence and the request: 1.5 s to 1.7 s (6.3.1). */
export const WAKING_TIME: Millis = 1600;
/** The acknowledgement takes 200 ms at 300 baud, the meter's pause up to 1500 ms more; most answer within 200. */
const CONFIRMATION_WAIT: Millis = 700;

/**
 * How a meter is opened that signs on and then does not answer, until it does: as the standard says; with another reaction time and all the
 * time to change its speed that the standard allows; without a change of speed, which some meters and probes cannot make. Before each
 * but the first the line is told to break off (B0) and left silent, so that a meter that still waits for the acknowledgement gives up.
 */
export const OPENINGS: readonly Opening[] = [
  { reaction: (told) => told, confirmation: CONFIRMATION_WAIT, stays: false },
  { reaction: (told) => (told < 200 ? 250 : 600), confirmation: 1900, stays: false },
  { reaction: (told) => Math.max(told, 250), confirmation: CONFIRMATION_WAIT, stays: true },
];

/**
 * How a meter is opened over a line that cannot change its speed, as behind a serial server or a modem: it is asked to stay, and where nothing
 * comes of that to do as it proposes, for meters that have one speed whatever they say.
 */
export const FIXED_LINE_OPENINGS: readonly Opening[] = [
  { reaction: (told) => told, confirmation: CONFIRMATION_WAIT, stays: true },
  { reaction: (told) => Math.max(told, 250), confirmation: 1900, stays: false },
];
