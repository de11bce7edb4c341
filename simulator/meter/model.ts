/** The kinds of meters that a virtual meter can be. All meters of one kind with the same quirks share one model. */

import type { Data } from '../../src/codec/data.js';
import { f32, i32, textOctets, u16, u32, visible } from '../../src/codec/make.js';
import type { Category } from '../../src/companion/companion.js';
import { ctOperated, singlePhase, threePhase } from '../../src/companion/is15959/is15959.js';
import type { Rating } from './detection.js';
import type { MeterProfile } from './kinds.js';
import { categoryWith } from './quirk-category.js';
import { checkQuirks, type QuirkName } from './quirks.js';
import { IST_DEVIATION } from './time.js';

/** How a kind of meter encodes its numbers and names. */
export interface WireForms {
  /** Encodes energy in Wh, VAh or varh and power in W, VA or var; `scaler` is the scaler of both. */
  readonly scaler: number;
  readonly energy: (value: number) => Data;
  readonly power: (value: number) => Data;
  readonly text: (text: string) => Data;
  readonly year: (year: number) => Data;
  /** Encodes the programming count. */
  readonly count: (count: number) => Data;
}

/** Kilo-units in float32, as the recorded meters send them. */
const KILO = {
  scaler: 3,
  energy: (value: number) => f32(value / 1000),
  power: (value: number) => f32(value / 1000),
};

/** The part of a model that does not depend on quirks. */
interface Kind {
  readonly profile: MeterProfile;
  /** A description for people: `three phase, whole current`. */
  readonly title: string;
  readonly category: Category;
  readonly phases: 1 | 3;
  /** What is connected behind the meter. */
  readonly load: 'household' | 'workshop';
  readonly hasRelay: boolean;
  readonly forms: WireForms;
  /** Meter type code on the name plate. */
  readonly meterType: number;
  readonly currentRating: string;
  readonly rating: Rating;
  readonly firmware: string;
  /** The load limit in W. */
  readonly loadLimit: number;
  /** Bits of the status word that are pushed by default. */
  readonly statusFilter: readonly number[];
  /** Size of an image block in octets. */
  readonly imageBlockSize: number;
  /** Longest HDLC information field. */
  readonly maxInfo: number;
  /** Transformer ratios: primary by secondary. */
  readonly ratios: { readonly current: number; readonly voltage: number };
}

/** A kind of meter with its quirks. */
export interface MeterModel extends Kind {
  readonly quirks: ReadonlySet<QuirkName>;
  /** The deviation in the meter's date-times, in minutes. */
  readonly deviation: number;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

const KINDS: Readonly<Record<MeterProfile, Kind>> = {
  'is15959-1ph': {
    profile: 'is15959-1ph',
    title: 'single phase, prepaid',
    category: singlePhase,
    phases: 1,
    load: 'household',
    hasRelay: true,
    forms: { ...KILO, text: visible, year: u16, count: (count) => u16(count & 0xffff) },
    meterType: 6,
    currentRating: '5-30 A',
    rating: { basic: 5_000, highest: 30_000 },
    firmware: 'COSEM-D1-1.0',
    loadLimit: 6_600,
    // The bits that field meters of category D1 push.
    statusFilter: [3, 4, 6, 11, 12, 51, 81, 82, 83, 84, 85, 86, 87],
    imageBlockSize: 200,
    maxInfo: 128,
    ratios: { current: 1, voltage: 1 },
  },
  'is15959-3ph': {
    profile: 'is15959-3ph',
    title: 'three phase, whole current, prepaid',
    category: threePhase,
    phases: 3,
    load: 'household',
    hasRelay: true,
    forms: { ...KILO, text: textOctets, year: (year) => textOctets(String(year)), count: u32 },
    meterType: 7,
    currentRating: '10(60) (A)',
    rating: { basic: 10_000, highest: 60_000 },
    firmware: 'COSEM-D2-1.0',
    loadLimit: 20_000,
    statusFilter: [...range(0, 12), ...range(81, 87)],
    imageBlockSize: 256,
    maxInfo: 832,
    ratios: { current: 1, voltage: 1 },
  },
  'is15959-ct': {
    profile: 'is15959-ct',
    title: 'three phase, CT operated',
    category: ctOperated,
    phases: 3,
    load: 'workshop',
    hasRelay: false,
    // Behind transformers float32 would lose watt-hours within weeks.
    forms: {
      scaler: 0,
      energy: u32,
      power: i32,
      text: textOctets,
      year: (year) => textOctets(String(year)),
      count: u32,
    },
    meterType: 8,
    currentRating: '200/5 A',
    rating: { basic: 100_000, highest: 200_000 },
    firmware: 'COSEM-D3-1.0',
    loadLimit: 1e9,
    statusFilter: [...range(0, 12), 81, 82, 83, 85, 86, 87],
    imageBlockSize: 256,
    maxInfo: 832,
    ratios: { current: 40, voltage: 1 },
  },
};

const models = new Map<string, MeterModel>();

/**
 * The model of a kind of meter with its quirks. The same kind and quirks always give the same object.
 * @throws StateError for quirks that do not exist or do not fit.
 */
export function modelOf(profile: MeterProfile, names: readonly string[] = []): MeterModel {
  const key = [profile, ...[...new Set(names)].sort()].join(' ');
  const known = models.get(key);
  if (known !== undefined) return known;
  const quirks = checkQuirks(profile, names);
  const kind = KINDS[profile];
  const wrong = quirks.has('wrong-category') ? { meterType: 6 } : {};
  const model: MeterModel = {
    ...kind,
    ...wrong,
    category: categoryWith(kind.category, quirks),
    quirks,
    deviation: quirks.has('deviation-630') ? 630 : quirks.has('deviation-plus-330') ? 330 : IST_DEVIATION,
  };
  models.set(key, model);
  return model;
}
