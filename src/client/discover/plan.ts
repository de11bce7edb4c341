import type { Millis } from '../../base/clock.js';
import { given } from '../../base/given.js';
import { counted } from '../../base/words.js';

/** How a meter identifies itself at the sign-on of IEC 62056-21. */
export interface SignedOn {
  /** Three letters of the manufacturer (FLAG association). */
  readonly manufacturer: string;
  /** Identification text, at most 16 characters, in the manufacturer's own form. */
  readonly identification: string;
  /** The speed it proposes, in baud. */
  readonly baudRate: number;
  /** Protocol mode; E offers HDLC. */
  readonly mode: 'A' | 'B' | 'C' | 'D' | 'E';
}

/** An HDLC address of a meter, as the options of `open` have it. */
export interface MeterAddress {
  /** Upper part: the logical device. */
  readonly server: number;
  /** Lower part: the physical device, where the address has one. */
  readonly lower?: number;
  /** Size of the address in octets. */
  readonly addressSize: 1 | 2 | 4;
}

/** One attempt on the line. */
export type Probe =
  | {
      /** An SNRM over HDLC. */
      readonly type: 'hdlc';
      /** Speed of the line in baud, 8N1; undefined on a network. */
      readonly baud: number | undefined;
      /** Server address that is tried. */
      readonly address: MeterAddress;
      /** How long the meter may take to begin its answer. */
      readonly wait: Millis;
      /** Whether the meter has signed on in mode E, so that the line has the agreed speed. */
      readonly signedOn: boolean;
    }
  | {
      /** The sign-on of IEC 62056-21. */
      readonly type: 'sign-on';
      /** Whether a wake-up sequence is sent first. */
      readonly wakeUp: boolean;
      /** Speed of the sign-on in baud, 7E1. */
      readonly baud: number;
      /** Variant of the sign-on: 0, as usual; 1, with another reaction time; 2, with the request to stay at the speed of the sign-on. */
      readonly opening: number;
      /** How long the meter may take to begin its answer, in milliseconds. Left out, as the standard says, with two requests. */
      readonly wait?: Millis;
    }
  | {
      /** A request in the wrapper. */
      readonly type: 'wrapper';
      /** Logical device (wPort). */
      readonly server: number;
    };

/** What an attempt showed. */
export interface Sighting {
  /**
   * `answered`: the meter is there. `refused`: it is there and refuses (DM; no HDLC after the sign-on). `garbled`: octets came that are not
   * a valid answer. `silent`: nothing came, except perhaps our own octets.
   */
  readonly result: 'answered' | 'refused' | 'garbled' | 'silent';
  /** Whether our own octets came back. */
  readonly echo: boolean;
  /** The lower address in the meter's answer, if it was addressed by one that many meters answer to. */
  readonly lower?: number;
  /** The identification of the meter at the sign-on. */
  readonly signedOn?: SignedOn;
}

/** A way to a meter. */
export interface Way {
  /** Framing to open it with. */
  readonly framing: 'hdlc' | 'mode-e' | 'wrapper';
  /** Speed of HDLC on a serial line; in mode E the agreed speed. */
  readonly baud?: number;
  /** Server address that it answers to. */
  readonly address: MeterAddress;
  /** Its identification, where it signed on in mode E. */
  readonly signedOn?: SignedOn;
  /** Mode E: HDLC continues at this speed instead of the agreed one. */
  readonly hdlcBaud?: number;
  /** It signs on at this speed instead of 300 baud. */
  readonly signOnBaud?: number;
  /** It only signs on after a wake-up sequence. */
  readonly wakeUp?: boolean;
  /** Whether it refused a connection; in mode E, whether it said twice that it has no HDLC. */
  readonly refused: boolean;
  /** Mode E: it signed on, and then did not answer. Whether it has HDLC is unknown. */
  readonly silent?: true;
}

/** What to search for, and where. */
export interface SearchOptions {
  /** Kind of line: a serial port, or a network with fixed framing of octets. */
  readonly line: 'serial' | 'network';
  /** Speeds to try in baud, the likely ones first. Default the usual speeds. */
  readonly bauds?: readonly number[];
  /** Logical device. Default 1, the management logical device. */
  readonly server?: number;
  /** Whether to try every possible address after the short list. */
  readonly deep?: boolean;
  /** For several meters on one line: every lower address of this range is tried, and the search does not end with the first meter. */
  readonly range?: readonly [from: number, to: number];
}

/** Whether it is an address that every meter may answer to. */
function isAllStation({ lower, addressSize }: MeterAddress): boolean {
  return lower === (addressSize === 4 ? 0x3fff : 0x7f);
}

/** The usual speeds; most meters stand at the first. */
export const USUAL_BAUDS = [9600, 19200, 4800, 2400, 38400, 57600, 115200, 300] as const;
/** The lower addresses that meters in the field answer to, the likely ones first, with the size of the whole address. */
const LOWERS: readonly (readonly [lower: number, size: 2 | 4])[] = [
  [16, 2],
  [17, 2],
  [1, 2],
  [17, 4],
  [16, 4],
  // The all-station address: not every meter answers to it, but one that does states its own.
  [0x7f, 2],
  [0x3fff, 4],
];
const SIGN_ON_BAUD = 300;
/** The speeds at which meters with a fixed speed sign on. */
const FIXED_BAUDS = [9600, 2400, 4800, 1200, 19200] as const;
/** The first two of them are tried early, because a meter that answers at once is found there at little cost. */
const QUICK_FIXED = 2;
/**
 * Most meters begin their answer 200 ms after the request, which takes 167 ms at 300 baud. An adapter hands its octets over sixteen at a
 * time, up to 533 ms later.
 */
const SOON: Millis = 1100;
/** At higher speeds, where the request takes no time, answers come sooner. */
const SOON_FIXED: Millis = 400;
/** The standard allows 1.5 s. */
const AT_LAST: Millis = 2500;
/** After the usual speed and this many others, the meter may be one that sleeps. */
const BEFORE_WAKING = 1;
const FIRST_WAIT: Millis = 600;
const WAIT: Millis = 300;
const MOST_TWO_OCTETS = 0x7d;
const MOST_FOUR_OCTETS = 0x3ffd;

/** A running search: it yields a probe, receives what was seen, and returns the ways that reach a meter. */
export type Search = Generator<Probe, readonly Way[], Sighting>;

/** The addresses tried first. */
export function shortList(server: number): readonly MeterAddress[] {
  const small = server < 0x80;
  return [
    ...(small ? [{ server, addressSize: 1 } as const] : []),
    ...LOWERS.filter(([, size]) => small || size === 4).map(([lower, addressSize]) => ({ server, lower, addressSize })),
  ];
}

/**
 * What to try next, given what was seen, in the order that loses the least time: HDLC at 9600 baud, the sign-on of mode E, HDLC at 9600
 * baud by shared addresses and at 19200 baud, the sign-on for a sleeping meter, HDLC at the other speeds, the sign-on of slow meters with a
 * fixed speed; on a network the wrapper, then HDLC. It ends with the first meter found; with a range, with the first settings at which any
 * meter answers.
 *
 * A meter with mode E that is awake is found in 3.6 s (`onSignedOn`), one with a fixed speed in some 7 s. The time on the line itself
 * cannot be saved; at 300 baud an octet of ten bits takes 33 ms:
 *
 * | what | octets | least time |
 * |---|---|---|
 * | silence of six addresses at 9600 baud first | | 2.3 s: 0.6 s for the first answer, 0.3 s for each other |
 * | request and identification | 5 + 17 at 300 baud | 0.9 s: 0.7 s and a reaction of 0.2 s |
 * | acknowledgement and its answer | 6 + 6 at 300 baud | 0.8 s: 0.4 s and two reactions of 0.2 s |
 * | SNRM and UA | 9 + 32 | 43 ms at 9600 baud, 0.7 s at 600, 1.4 s at 300 |
 * | name plate | some 540 | 0.6 s at 9600 baud, 9 s at 600, 18 s at 300 |
 * | wake-up | 65 at 300 baud | 3.8 s: 2.2 s of null octets, and 1.6 s of silence that the standard requires |
 *
 * A sleeping meter is found in some 15 s. Its 6.4 s of wake-up and waiting come after what more meters answer to: the second sign-on (2.5
 * s: a meter may take 1.5 s, or may not have heard the first), the fixed speeds (0.8 s), the shared addresses and 19200 baud (3.8 s).
 * Placed before these, it would be found in some 8 s, and all the others 6.4 s later.
 */
export function* search(options: SearchOptions): Search {
  const { line, deep = false, range, server = 1 } = options;
  if (range !== undefined) return yield* searchIn(options, [...addressesIn(server, range)]);
  const found = yield* searchIn(options, shortList(server));
  if (found.length > 0 || !deep) return found;
  const every = [
    ...addressesIn(server, [0, MOST_TWO_OCTETS]),
    ...addressesIn(server, [0, MOST_TWO_OCTETS], 4),
    ...addressesIn(server, [MOST_TWO_OCTETS + 1, MOST_FOUR_OCTETS]),
  ];
  // On a network the wrapper was already tried.
  return line === 'network' ? yield* hdlc(undefined, every, false, false) : yield* searchIn(options, every);
}

function* searchIn(options: SearchOptions, addresses: readonly MeterAddress[]): Search {
  const { line, server = 1, range, bauds = USUAL_BAUDS } = options;
  const all = range !== undefined;
  if (line === 'network') {
    if (!all) {
      const seen = yield { type: 'wrapper', server };
      if (seen.result === 'answered' || seen.result === 'refused') {
        return [{ framing: 'wrapper', address: { server, addressSize: 2 }, refused: seen.result === 'refused' }];
      }
    }
    return yield* hdlc(undefined, addresses, all, false);
  }
  const [first, ...others] = bauds;
  const own = addresses.filter((address) => !isAllStation(address));
  const shared = addresses.filter(isAllStation);
  const direct = first === undefined ? [] : yield* hdlc(first, own, all, false);
  if (direct.length > 0) return direct;
  const awake = yield* modeE(addresses, all, { wakeUp: false, baud: SIGN_ON_BAUD, waits: [SOON, AT_LAST] });
  if (awake !== undefined) return awake;
  for (const baud of FIXED_BAUDS.slice(0, QUICK_FIXED)) {
    const found = yield* modeE(addresses, all, { wakeUp: false, baud, waits: [SOON_FIXED] });
    if (found !== undefined) return found;
  }
  const called = first === undefined ? [] : yield* hdlc(first, shared, all, false);
  if (called.length > 0) return called;
  for (const baud of others.slice(0, BEFORE_WAKING)) {
    const found = yield* hdlc(baud, addresses, all, false);
    if (found.length > 0) return found;
  }
  const woken = yield* modeE(addresses, all, { wakeUp: true, baud: SIGN_ON_BAUD, waits: [AT_LAST] });
  if (woken !== undefined) return woken;
  for (const baud of others.slice(BEFORE_WAKING)) {
    const found = yield* hdlc(baud, addresses, all, false);
    if (found.length > 0) return found;
  }
  for (const baud of FIXED_BAUDS) {
    const found = yield* modeE(addresses, all, { wakeUp: false, baud, waits: [AT_LAST] });
    if (found !== undefined) return found;
  }
  return [];
}

/**
 * The sign-on, then HDLC as agreed; undefined when nothing signed on. A meter that signs on and then stays silent is signed on again in
 * another way: its acknowledgement may have been lost, and silence says nothing about what it supports.
 */
function* modeE(
  addresses: readonly MeterAddress[],
  all: boolean,
  how: { readonly wakeUp: boolean; readonly baud: number; readonly waits: readonly Millis[] },
): SearchOrNone {
  const { wakeUp, baud: signOnBaud } = how;
  const manner = {
    framing: 'mode-e',
    ...(how.wakeUp ? { wakeUp: true } : {}),
    ...(how.baud === SIGN_ON_BAUD ? {} : { signOnBaud: how.baud }),
  } as const;
  let heard: SignedOn | undefined;
  for (let opening = 0; opening < SIGN_ONS; opening++) {
    const { result, signedOn } = yield* signOn(wakeUp, signOnBaud, opening, opening === 0 ? how.waits : [undefined]);
    if (signedOn === undefined) break;
    heard = signedOn;
    const proposed = signedOn.baudRate;
    // It has no HDLC: its identification is all there is.
    if (result === 'refused') return [{ ...manner, signedOn, ...NOWHERE, baud: proposed, refused: true }];
    // Some meters use another speed than they proposed.
    const usual = signOnBaud === SIGN_ON_BAUD ? [proposed, 9600, 300] : [signOnBaud, proposed, 300];
    const stays = opening === SIGN_ONS - 1;
    const speeds = opening === 0 ? usual : stays ? [how.baud] : [proposed];
    for (const baud of new Set(speeds)) {
      const found = yield* hdlc(baud, addresses, all, true);
      const own = baud === proposed || stays ? {} : { hdlcBaud: baud };
      const agreed = stays ? how.baud : proposed;
      if (found.length > 0) return found.map((one) => ({ ...one, ...manner, signedOn, ...own, baud: agreed }));
    }
  }
  if (heard === undefined) return undefined;
  return [{ ...manner, signedOn: heard, ...NOWHERE, baud: heard.baudRate, refused: false, silent: true }];
}

/** Requests the identification, once for each waiting time. */
function* signOn(
  wakeUp: boolean,
  baud: number,
  opening: number,
  waits: readonly (Millis | undefined)[],
): Generator<Probe, Sighting, Sighting> {
  let seen: Sighting = { result: 'silent', echo: false };
  for (const wait of waits) {
    seen = yield { type: 'sign-on', wakeUp, baud, opening, ...given({ wait }) };
    if (seen.signedOn !== undefined) break;
  }
  return seen;
}

/** The address for a meter at which no address answered. */
const NOWHERE = { address: { server: 1, addressSize: 1 } } as const;
/** Number of variants of the sign-on, see {@link Probe}. */
const SIGN_ONS = 3;

type SearchOrNone = Generator<Probe, readonly Way[] | undefined, Sighting>;

/** Tries every address at one speed; the first that answers ends it, unless all are wanted. */
function* hdlc(baud: number | undefined, addresses: readonly MeterAddress[], all: boolean, signedOn: boolean): Search {
  const found: Way[] = [];
  let wait = FIRST_WAIT;
  for (const address of addresses) {
    let seen: Sighting = yield { type: 'hdlc', baud, address, wait, signedOn };
    // After a damaged answer it tries once more. A refusal may be the end of a connection that somebody left open.
    if (seen.result === 'garbled' || seen.result === 'refused') {
      seen = yield { type: 'hdlc', baud, address, wait: FIRST_WAIT, signedOn };
    }
    wait = WAIT;
    if (seen.result !== 'answered' && seen.result !== 'refused') continue;
    found.push({
      framing: 'hdlc',
      ...given({ baud }),
      address: seen.lower === undefined ? address : { ...address, lower: seen.lower },
      refused: seen.result === 'refused',
    });
    if (!all) break;
  }
  return found;
}

function* addressesIn(
  server: number,
  [from, to]: readonly [number, number],
  least: 2 | 4 = 2,
): Generator<MeterAddress> {
  for (let lower = from; lower <= to; lower++) {
    yield { server, lower, addressSize: lower > 0x7f || server > 0x7f ? 4 : least };
  }
}

/** Describes an attempt for people. */
export function describeProbe(probe: Probe): string {
  switch (probe.type) {
    case 'sign-on':
      return (
        `sign-on of IEC 62056-21 at ${probe.baud} baud 7E1${probe.wakeUp ? ', after a wake-up sequence' : ''}` +
        ['', ', again, answered later', `, again, to stay at ${probe.baud} baud`][probe.opening]
      );
    case 'wrapper':
      return `wrapper, logical device ${probe.server}`;
    case 'hdlc': {
      const { server, lower, addressSize } = probe.address;
      const speed =
        probe.baud === undefined ? '' : ` at ${probe.baud} baud 8N1${probe.signedOn ? ' after the sign-on' : ''}`;
      const place = lower === undefined ? `${server}` : `${server}/${lower}`;
      return `HDLC${speed}, server ${place} (${counted(addressSize, 'octet')})`;
    }
  }
}
