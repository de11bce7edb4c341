/** What draws and feeds in behind a meter's terminals: a pure function of a seed and of the half hour. All arithmetic is on integers. */

/** Average power of a block in W and var. Export makes `active` negative; `reactive` is positive where the current lags. */
export interface Power {
  /** Average active power in W; negative where more is fed in than drawn. */
  readonly active: number;
  /** Average reactive power in var; negative where the current leads. */
  readonly reactive: number;
}

/** What draws and feeds in on one phase. */
export interface Consumer {
  /** The highest power, in W, that it draws over any minute. */
  readonly peak: number;
  /** Average power of a block: `day` since 1970, `block` of the day, in local time. */
  power(day: number, block: number): Power;
}

/** Blocks of a day. */
export const BLOCKS = 48;
/** Percent of the lighting and cooking peak in each half hour of a day: breakfast, a quiet afternoon, the evening peak. */
export const SHAPE_BLOCKS: readonly number[] = [
  14, 11, 9, 8, 8, 8, 8, 9, 12, 20, 34, 48, 62, 70, 64, 52, 42, 36, 33, 30, 28, 28, 30, 34, 36, 33, 29, 27, 26, 27, 30,
  34, 42, 50, 60, 74, 90, 100, 98, 94, 86, 76, 64, 52, 42, 32, 24, 18,
];
/** Percent of the machines of a workshop that run in each half hour: one shift with a break. */
const SHIFT: readonly number[] = [
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 10, 24, 52, 82, 92, 96, 100, 98, 96, 92, 78, 46, 60, 90, 98, 100, 98, 94,
  90, 84, 72, 44, 22, 10, 4, 0, 0, 0, 0, 0, 0, 0, 0,
];
/** Percent of cooling in each month of a north Indian year. */
const COOLING: readonly number[] = [0, 0, 12, 48, 88, 100, 84, 76, 66, 34, 4, 0];
/** Percent of water heating. */
const HEATING: readonly number[] = [100, 78, 34, 4, 0, 0, 0, 0, 0, 6, 42, 90];
/** Percent of the peak power that a solar roof gives under a clear sky, for each half hour. */
const SUN: readonly number[] = [
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 9, 19, 31, 44, 56, 68, 78, 87, 93, 98, 100, 100, 98, 93, 87, 78, 68, 56, 44,
  31, 19, 9, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
];

/** Always on: standby, router, a fan. */
const STANDBY = 70;
/** W of a fridge while it runs. */
export const FRIDGE = 120;

/** A home on one phase. */
export class Household implements Consumer {
  readonly peak = 5_200;
  readonly #seed: number;
  readonly #size: number;
  readonly #cooler: number;
  readonly #geyser: number;
  readonly #solarPeak: number;

  /** @param solarPeak W of the roof on this phase. */
  constructor(seed: number, solarPeak: number) {
    this.#seed = seed;
    this.#size = 60 + draw(seed, 1, 0, 100);
    this.#cooler = draw(seed, 2, 0, 100) < 55 ? 900 + draw(seed, 3, 0, 700) : 150;
    this.#geyser = draw(seed, 4, 0, 100) < 60 ? 1400 : 0;
    this.#solarPeak = solarPeak;
  }

  power(day: number, block: number): Power {
    const at = day * BLOCKS + block;
    const season = seasonOf(day);
    const used = this.#demand(day, block, at, season);
    // Power factor in thousandths: lower with motors (cooling, fridge). In a few half hours the current leads: only lamps and electronics
    // run.
    const factor = 992 - Math.floor((season.cooling * 60) / 100) - draw(this.#seed, 20, at, 45);
    const leading = used < 400 && draw(this.#seed, 21, at, 100) < 12;
    const reactive = Math.floor((used * tangent(factor)) / 1000);
    return { active: used - this.#sun(day, block, at), reactive: leading ? -reactive : reactive };
  }

  /** Average W of a block. */
  #demand(day: number, block: number, at: number, season: Season): number {
    const weekend = isWeekend(day) ? 115 : 100;
    const mood = 80 + draw(this.#seed, 10, day, 41);
    const noise = 70 + draw(this.#seed, 11, at, 61);
    const living = Math.floor(
      (((((620 * (SHAPE_BLOCKS[block] as number)) / 100) * this.#size) / 100) * weekend * mood * noise) / 1e6,
    );
    const cooling = this.#cooling(block, at, season);
    const geyser = block >= 11 && block <= 16 && draw(this.#seed, 13, at, 100) < season.heating ? this.#geyser : 0;
    const kettle = draw(this.#seed, 14, at, 100) < (SHAPE_BLOCKS[block] as number) / 8 ? 180 : 0;
    return Math.min(STANDBY + Math.floor(FRIDGE / 2) + living + cooling + Math.floor(geyser / 2) + kettle, 3_600);
  }

  #cooling(block: number, at: number, season: Season): number {
    const night = block >= 43 || block < 11;
    const wanted = night ? season.cooling : block >= 26 && block < 36 ? Math.floor(season.cooling * 0.7) : 0;
    if (draw(this.#seed, 12, at, 100) >= wanted) return 0;
    return Math.floor((this.#cooler * (60 + draw(this.#seed, 15, at, 41))) / 100);
  }

  #sun(day: number, block: number, at: number): number {
    if (this.#solarPeak === 0) return 0;
    const clouds = 55 + draw(this.#seed, 16, day, 46);
    const passing = 75 + draw(this.#seed, 17, at, 26);
    return Math.floor((this.#solarPeak * (SUN[block] as number) * clouds * passing) / 1e6);
  }
}

/** One phase of a workshop with motors: one shift on six days, compensated in part, and over-compensated when the machines stand. */
export class Workshop implements Consumer {
  readonly peak = 24_000;
  readonly #seed: number;
  readonly #machines: number;
  readonly #capacitors: number;
  readonly #solarPeak: number;

  /** @param solarPeak W of the roof on this phase. */
  constructor(seed: number, solarPeak: number) {
    this.#seed = seed;
    this.#machines = 7_000 + draw(seed, 1, 0, 5_000);
    this.#capacitors = 300 + draw(seed, 2, 0, 500);
    this.#solarPeak = solarPeak;
  }

  power(day: number, block: number): Power {
    const at = day * BLOCKS + block;
    const sunday = weekdayOf(day) === 6;
    const share = sunday ? 0 : (SHIFT[block] as number);
    const running = 75 + draw(this.#seed, 11, at, 40);
    const cooling = share === 0 ? 0 : Math.floor((seasonOf(day).cooling * 1_400) / 100);
    const machines = Math.floor((this.#machines * share * running) / 10_000);
    const used = 280 + draw(this.#seed, 12, at, 120) + machines + cooling;
    const factor = 820 + draw(this.#seed, 20, at, 90);
    const reactive = Math.floor(((machines + cooling) * tangent(factor)) / 1000) - this.#capacitors;
    const sun = Math.floor(
      (this.#solarPeak *
        (SUN[block] as number) *
        (55 + draw(this.#seed, 16, day, 46)) *
        (75 + draw(this.#seed, 17, at, 26))) /
        1e6,
    );
    return { active: used - sun, reactive };
  }
}

/** Tangent of the angle of a power factor, both in thousandths. */
function tangent(factor: number): number {
  return Math.floor((Math.floor(Math.sqrt(1_000_000 - factor * factor)) * 1000) / factor);
}

/** 0 is Monday. */
function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

function isWeekend(day: number): boolean {
  return weekdayOf(day) >= 5;
}

interface Season {
  /** Percent. */
  readonly cooling: number;
  readonly heating: number;
}

/** The season of the last call is remembered, because the blocks of one day are asked for one after the other. */
let lastDay = Number.NaN;
let lastSeason: Season = { cooling: 0, heating: 0 };

function seasonOf(day: number): Season {
  if (day !== lastDay) {
    lastSeason = seasonAt(day);
    lastDay = day;
  }
  return lastSeason;
}

/** The season changes linearly between the middles of two months. */
function seasonAt(day: number): Season {
  // Years of 365.2425 days from 1970 on: never more than two days off.
  const dayOfYear = Math.min(364, Math.floor(((((day * 10_000) % 3_652_425) + 3_652_425) % 3_652_425) / 10_000));
  const twelfth = ((dayOfYear + 365 - 15) % 365) * 12;
  const month = Math.floor(twelfth / 365);
  const into = twelfth - month * 365;
  const between = (table: readonly number[]) =>
    Math.floor(((table[month] as number) * (365 - into) + (table[(month + 1) % 12] as number) * into) / 365);
  return { cooling: between(COOLING), heating: between(HEATING) };
}

/** A random number from 0 to n - 1 that depends on the seed, on what it is for and on the moment, and on nothing else. */
export function draw(seed: number, what: number, when: number, n: number): number {
  return Math.floor((mix(seed, what, when) / 0x100000000) * n);
}

/** Three numbers stirred into 32 bits; small changes change everything. */
function mix(a: number, b: number, c: number): number {
  let h = Math.imul((a >>> 0) ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15) ^ (c | 0), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15) ^ Math.floor(c / 0x100000000), 0x735a2d97);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 16)) >>> 0;
}
