/** Event codes of IS 15959 and the bits of the event status word. */

import { given } from '../../base/given.js';
import type { EventSpec } from '../companion.js';

/** Event logs: index, name, first and last code, whether rows also hold values of that moment. */
export const EVENT_LOGS = [
  { index: 0, name: 'voltage', from: 1, to: 50, snapshot: true },
  { index: 1, name: 'current', from: 51, to: 100, snapshot: true },
  { index: 2, name: 'power', from: 101, to: 150, snapshot: false },
  { index: 3, name: 'transaction', from: 151, to: 200, snapshot: false },
  { index: 4, name: 'others', from: 201, to: 250, snapshot: true },
  { index: 5, name: 'non-rollover', from: 251, to: 300, snapshot: false },
  { index: 6, name: 'control', from: 301, to: 350, snapshot: false },
] as const;

/** Events that begin and end: code of the occurrence (the restoration has the next), status bit, meaning. */
const PAIRS: readonly (readonly [code: number, bit: number | undefined, meaning: string])[] = [
  [1, 0, 'R phase voltage missing'],
  [3, 1, 'Y phase voltage missing'],
  [5, 2, 'B phase voltage missing'],
  [7, 3, 'over voltage in any phase'],
  [9, 4, 'low voltage in any phase'],
  [11, 5, 'voltage unbalance'],
  [51, 6, 'R phase current reverse'],
  [53, 7, 'Y phase current reverse'],
  [55, 8, 'B phase current reverse'],
  [57, undefined, 'R phase CT open'],
  [59, undefined, 'Y phase CT open'],
  [61, undefined, 'B phase CT open'],
  [63, 9, 'current unbalance'],
  [65, 10, 'current bypass'],
  [67, 11, 'over current in any phase'],
  [69, 51, 'earth loading'],
  [83, undefined, 'high neutral current'],
  [101, undefined, 'power failure'],
  [201, 81, 'influence of a magnet'],
  [203, 82, 'neutral disturbance'],
  [205, 12, 'very low power factor'],
  [207, undefined, 'single wire operation (neutral missing)'],
  [209, undefined, 'plug-in communication module removed'],
  [215, undefined, 'overload'],
];

/** Events without an end. */
const SINGLES: readonly (readonly [code: number, meaning: string])[] = [
  [151, 'real time clock set'],
  [152, 'demand integration period changed'],
  [153, 'profile capture period changed'],
  [154, 'schedule of billing dates changed'],
  [155, 'activity calendar changed'],
  [156, 'RS-485 device address changed'],
  [157, 'new firmware activated'],
  [158, 'load limit set'],
  [159, 'load limit function enabled'],
  [160, 'load limit function disabled'],
  [161, 'LLS secret of the meter reader changed'],
  [162, 'HLS key of utility setting changed'],
  [163, 'HLS key of firmware upgrade changed'],
  [164, 'global key changed'],
  [165, 'event status word filter changed'],
  [166, 'MD reset'],
  [167, 'metering mode changed'],
  [169, 'schedule of image activation changed'],
  [177, "configured to 'forwarded only' (amendment)"],
  [178, "configured to 'import and export' (amendment)"],
  [182, 'passive relay time changed'],
  [211, 'configured to post-paid'],
  [212, 'configured to pre-paid'],
  [213, "configured to 'forwarded only'"],
  [214, "configured to 'import and export'"],
];

const ALONE: readonly EventSpec[] = [
  { code: 251, meaning: 'meter cover opened', kind: 'occurrence', log: 5, statusBit: 83 },
  { code: 301, meaning: 'load disconnected', kind: 'occurrence', log: 6, pair: 302, statusBit: 84 },
  { code: 302, meaning: 'load connected', kind: 'restoration', log: 6, pair: 301, statusBit: 84 },
];

function logOf(code: number): number {
  return Math.floor((code - 1) / 50);
}

const EVENTS: ReadonlyMap<number, EventSpec> = new Map(
  [
    ...PAIRS.flatMap(([code, bit, meaning]): EventSpec[] => {
      const common = { meaning, log: logOf(code), ...given({ statusBit: bit }) };
      return [
        { code, kind: 'occurrence', pair: code + 1, ...common },
        { code: code + 1, kind: 'restoration', pair: code, ...common },
      ];
    }),
    ...SINGLES.map(([code, meaning]): EventSpec => ({ code, meaning, kind: 'event', log: logOf(code) })),
    ...ALONE,
  ].map((event) => [event.code, event]),
);

/** An event by its code. */
export function eventOf(code: number): EventSpec | undefined {
  return EVENTS.get(code);
}

/** All events. */
export const events: readonly EventSpec[] = [...EVENTS.values()].sort((a, b) => a.code - b.code);

/** Bits of the event status word that no event code sets. */
const BITS: Readonly<Record<number, string>> = {
  83: 'meter cover opened',
  84: 'load disconnected',
  85: 'last gasp',
  86: 'first breath',
  87: 'billing counter incremented',
};

/** What a bit of the event status word means. */
export function statusBitMeaning(bit: number): string | undefined {
  return BITS[bit] ?? PAIRS.find(([, own]) => own === bit)?.[2];
}

/** Length of the event status word and of its filter, in bits. */
export const STATUS_WORD_BITS = 128;
