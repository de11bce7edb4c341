import type { Millis } from '../../base/clock.js';
import { given } from '../../base/given.js';
import { counted } from '../../base/words.js';

/** What a meter says of itself at the sign-on of IEC 62056-21. */
export interface SignedOn {
  /** Three letters of the flag association. */
  readonly manufacturer: string;
  readonly identification: string;
  /** The speed it proposes, in baud. */
  readonly baudRate: number;
  /** E offers HDLC. */
  readonly mode: 'A' | 'B' | 'C' | 'D' | 'E';
}

/** An HDLC address of a meter, as the options write it. */
export interface MeterAddress {
  /** Logical device: the upper part. */
  readonly server: number;
  /** Lower part, where the address has one. */
  readonly lower?: number;
  readonly addressSize: 1 | 2 | 4;
}

/** One thing to try on the line. */
export type Probe =
  | {
      readonly type: 'hdlc';
      /** Speed at which the line stands, 8N1; undefined on a network. */
      readonly baud: number | undefined;
      readonly address: MeterAddress;
      /** How long the meter may take to begin its answer. */
      readonly wait: Millis;
      /** The meter has signed on in mode E, and the line stands at the speed agreed. */
      readonly signedOn: boolean;
    }
  | {
      readonly type: 'sign-on';
      readonly wakeUp: boolean;
      readonly baud: number;
      /** Which way it is signed on, counted from 0: as usual; with another reaction time; asked to stay at the speed of the sign-on. */
      readonly opening: number;
      /** How long the meter may take to begin its answer; as the standard says, and asked twice, where it is left out. */
      readonly wait?: Millis;
    }
  | { readonly type: 'wrapper'; readonly server: number };

/** What was seen of it. */
export interface Sighting {
  /**
   * `answered`: the meter is there. `refused`: it is there and does not want (DM; no HDLC after the sign-on). `garbled`: octets came that
   * make no answer. `silent`: nothing came, but perhaps our own octets.
   */
  readonly result: 'answered' | 'refused' | 'garbled' | 'silent';
  /** Our own octets came back. */
  readonly echo: boolean;
  /** The lower address that the meter gave itself, where it was asked by one that many bear. */
  readonly lower?: number;
  /** What the meter said at the sign-on. */
  readonly signedOn?: SignedOn;
}

/** A way to a meter. */
export interface Way {
  readonly framing: 'hdlc' | 'mode-e' | 'wrapper';
  /** Speed of HDLC on a serial line; of mode E, the one agreed. */
  readonly baud?: number;
  readonly address: MeterAddress;
  readonly signedOn?: SignedOn;
  /** Mode E: HDLC goes on at this speed and not at the one agreed. */
  readonly hdlcBaud?: number;
  /** It signs on at this speed and not at 300 baud. */
  readonly signOnBaud?: number;
  /** It signs on after a wake-up sequence. */
  readonly wakeUp?: boolean;
  /** It answered that it wants no connection now; in mode E that it has no HDLC, and said so twice. */
  readonly refused: boolean;
  /** Mode E: it signed on, and nothing answered then. Whether it has HDLC is not known. */
  readonly silent?: true;
}

export interface SearchOptions {
  readonly line: 'serial' | 'network';
  /** Speeds to try, the likely first. */
  readonly bauds?: readonly number[];
  /** Logical device; 1, the management logical device, unless told. */
  readonly server?: number;
  /** After the short list every address there can be. */
  readonly deep?: boolean;
  /** Several meters on one line: every lower address of this range is asked, and the search does not end with the first. */
  readonly range?: readonly [from: number, to: number];
}

/** Whether every meter may answer to it. */
function isAllStation({ lower, addressSize }: MeterAddress): boolean {
  return lower === (addressSize === 4 ? 0x3fff : 0x7f);
}

/** The usual speeds; most meters stand at the first. */
export const USUAL_BAUDS = [9600, 19200, 4800, 2400, 38400, 57600, 115200, 300] as const;
/** What meters in the field answer to, the likely first: lower parts with the size of the whole address. */
const LOWERS: readonly (readonly [lower: number, size: 2 | 4])[] = [
  [16, 2],
  [17, 2],
  [1, 2],
  [17, 4],
  [16, 4],
  // The all-station address: not every meter answers to it, but one that does tells its own.
  [0x7f, 2],
  [0x3fff, 4],
];
const SIGN_ON_BAUD = 300;
/** Meters with one speed sign on there. */
const FIXED_BAUDS = [9600, 2400, 4800, 1200, 19200] as const;
/** The first two of them are asked early, where a meter that answers at once is found at little cost. */
const QUICK_FIXED = 2;
/**
 * Most meters begin their answer 200 ms after the request, which takes 167 ms at 300 baud; an adapter hands its octets over sixteen at a
 * time, 533 ms later;
 */
const SOON: Millis = 1100;
/** and at the higher speeds, where the request takes no time, sooner. */
const SOON_FIXED: Millis = 400;
/** The standard allows 1.5 s. */
const AT_LAST: Millis = 2500;
/** After the usual speed and so many others a meter may be one that sleeps. */
const BEFORE_WAKING = 1;
const FIRST_WAIT: Millis = 600;
const WAIT: Millis = 300;
const MOST_TWO_OCTETS = 0x7d;
const MOST_FOUR_OCTETS = 0x3ffd;

/** The plan as it goes on: asks for a probe, is told what was seen, ends with the ways that reach a meter. */
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
 * What to try next, given what was seen, in the order that wastes least: HDLC at 9600 baud, the sign-on of mode E, HDLC at 9600 baud by the
 * addresses that all bear and at 19200 baud, the sign-on for a meter that sleeps, HDLC at the other speeds, the sign-on of slow meters with
 * one speed; on a network the wrapper, then HDLC. It ends with the first meter found, with a range with the first set-up at which any
 * answers.
 *
 * A meter with mode E that is awake is so heard of in 3.6 s (`onSignedOn`), one with a fixed speed in some 7 s. What the line itself takes
 * cannot be saved; at 300 baud an octet of ten bits is 33 ms:
 *
 * | what | octets | least time |
 * |---|---|---|
 * | silence of six addresses at 9600 baud first | | 2.3 s: 0.6 s for the first answer, 0.3 s for each other |
 * | request and identification | 5 + 17 at 300 baud | 0.9 s: 0.7 s and a reaction of 0.2 s |
 * | acknowledgement and its answer | 6 + 6 at 300 baud | 0.8 s: 0.4 s and two reactions of 0.2 s |
 * | SNRM and UA | 9 + 32 | 43 ms at 9600 baud, 0.7 s at 600, 1.4 s at 300 |
 * | name plate | some 540 | 0.6 s at 9600 baud, 9 s at 600, 18 s at 300 |
 * | wake-up | 65 at 300 baud | 3.8 s: 2.2 s of null octets, and 1.6 s of silence that the standard wants |
 *
 * A meter that sleeps is heard of in some 15 s, for its 6.4 s of wake-up and waiting stand behind what more meters answer to: the second
 * sign-on (2.5 s: a meter may take 1.5 s, or have been deaf), the fixed speeds (0.8 s), the shared addresses and 19200 baud (3.8 s). In
 * front of these it would be heard of in some 8 s, and all of them 6.4 s later.
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
  // A network has been asked for the wrapper already.
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
 * The sign-on, then HDLC as agreed. Undefined when nobody signed on. A meter that signs on and then keeps silent is signed on again, another
 * way: its acknowledgement may have been lost, and silence tells nothing of what it has.
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
    // No HDLC here: what it says of itself is all there is.
    if (result === 'refused') return [{ ...manner, signedOn, ...NOWHERE, baud: proposed, refused: true }];
    // Some meters stay at another speed than they proposed.
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

/** Asks for the identification, as often as there are waits. */
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

/** Where no address answered. */
const NOWHERE = { address: { server: 1, addressSize: 1 } } as const;
/** Ways to sign on: see the link. */
const SIGN_ONS = 3;

type SearchOrNone = Generator<Probe, readonly Way[] | undefined, Sighting>;

/** Every address at one speed; the first that answers ends it unless all are wanted. */
function* hdlc(baud: number | undefined, addresses: readonly MeterAddress[], all: boolean, signedOn: boolean): Search {
  const found: Way[] = [];
  let wait = FIRST_WAIT;
  for (const address of addresses) {
    let seen: Sighting = yield { type: 'hdlc', baud, address, wait, signedOn };
    // A broken answer is no silence: once more. A refusal may be the end of a connection that somebody left open.
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

/** What a probe tries, in words. */
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
