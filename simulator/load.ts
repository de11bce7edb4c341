/**
 * What a household draws, as a pure function of a seed and of time: nothing is stored, any moment of the past can be asked for. All
 * arithmetic is on integers, so every engine gives the same numbers.
 *
 * Time is local solar-independent wall time in seconds since 1970 (as if it were UTC); energy is in joules (watt-seconds), so that
 * registers in Wh are exact: 3600 J = 1 Wh.
 */

/** Seconds of a block, the grain of the model. */
export const BLOCK = 1800;
const DAY = 86_400;
/** Blocks of a day. */
const BLOCKS = 48;
const MINUTES = 30;

/** Energies in joules, or in volt-ampere-seconds for the apparent ones. */
export interface Energies {
  readonly activeImport: number;
  readonly apparentImport: number;
  readonly activeExport: number;
  readonly apparentExport: number;
}

export const NO_ENERGY: Energies = { activeImport: 0, apparentImport: 0, activeExport: 0, apparentExport: 0 };

export function minus(a: Energies, b: Energies): Energies {
  return {
    activeImport: a.activeImport - b.activeImport,
    apparentImport: a.apparentImport - b.apparentImport,
    activeExport: a.activeExport - b.activeExport,
    apparentExport: a.apparentExport - b.apparentExport,
  };
}

export function plus(a: Energies, b: Energies): Energies {
  return {
    activeImport: a.activeImport + b.activeImport,
    apparentImport: a.apparentImport + b.apparentImport,
    activeExport: a.activeExport + b.activeExport,
    apparentExport: a.apparentExport + b.apparentExport,
  };
}

/** What flows at one moment. Powers in W and VA; export makes `active` negative. */
export interface Flow {
  readonly active: number;
  readonly apparent: number;
}

export interface LoadOptions {
  readonly seed: number;
  /** Peak of a solar roof in W; 0 is none. */
  readonly solarPeak?: number;
}

/** Percent of the lighting and cooking peak in each half hour of a day: breakfast, a quiet afternoon, the evening peak. */
export const SHAPE_BLOCKS: readonly number[] = [
  14, 11, 9, 8, 8, 8, 8, 9, 12, 20, 34, 48, 62, 70, 64, 52, 42, 36, 33, 30, 28, 28, 30, 34, 36, 33, 29, 27, 26, 27, 30,
  34, 42, 50, 60, 74, 90, 100, 98, 94, 86, 76, 64, 52, 42, 32, 24, 18,
];
/** Percent of cooling in each month of a north Indian year. */
const COOLING: readonly number[] = [0, 0, 12, 48, 88, 100, 84, 76, 66, 34, 4, 0];
/** Percent of water heating. */
const HEATING: readonly number[] = [100, 78, 34, 4, 0, 0, 0, 0, 0, 6, 42, 90];
/** Percent of a clear sky's power that a roof gives, each half hour. */
const SUN: readonly number[] = [
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 9, 19, 31, 44, 56, 68, 78, 87, 93, 98, 100, 100, 98, 93, 87, 78, 68, 56, 44,
  31, 19, 9, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
];

/** Always on: standby, router, a fan. */
const STANDBY = 70;
const FRIDGE = 120;

/** One household. */
export class Load {
  readonly #seed: number;
  readonly #size: number;
  readonly #cooler: number;
  readonly #geyser: number;
  readonly #solarPeak: number;
  readonly #fridgePhase: number;
  /** Sums up to each block of the day asked last. */
  #day = Number.NaN;
  #sums: Energies[] = [];
  #block = Number.NaN;
  #weights: number[] = [];

  constructor(options: LoadOptions) {
    this.#seed = options.seed;
    this.#size = 60 + this.#draw(1, 0, 100);
    this.#cooler = this.#draw(2, 0, 100) < 55 ? 900 + this.#draw(3, 0, 700) : 150;
    this.#geyser = this.#draw(4, 0, 100) < 60 ? 1400 : 0;
    this.#solarPeak = options.solarPeak ?? 0;
    this.#fridgePhase = this.#draw(5, 0, 40);
  }

  /** Above this, in W, the household never goes: a limiter with a higher threshold need not watch. */
  get peak(): number {
    return 5_200;
  }

  /** Everything since midnight of the day of this time. */
  sinceMidnight(time: number): Energies {
    const day = Math.floor(time / DAY);
    if (day !== this.#day) this.#sumDay(day);
    const second = time - day * DAY;
    const block = Math.floor(second / BLOCK);
    const before = this.#sums[block] as Energies;
    const rest = second - block * BLOCK;
    if (rest === 0) return before;
    const whole = minus(this.#sums[block + 1] as Energies, before);
    const minute = Math.floor(rest / 60);
    const weights = this.#minutes(day * BLOCKS + block);
    const total = weights[MINUTES] as number;
    const start = weights[minute] as number;
    // A minute has 60 equal seconds, so weights are counted in sixtieths of a minute.
    const part = start * 60 + ((weights[minute + 1] as number) - start) * (rest - minute * 60);
    return plus(before, share(whole, part, total * 60));
  }

  /** All of one day. */
  day(day: number): Energies {
    if (day !== this.#day) this.#sumDay(day);
    return this.#sums[BLOCKS] as Energies;
  }

  /** What flows in the minute of this time. */
  flow(time: number): Flow {
    const start = Math.floor(time / 60) * 60;
    const from = this.sinceMidnight(start);
    const to =
      Math.floor((start + 60) / DAY) === Math.floor(start / DAY)
        ? this.sinceMidnight(start + 60)
        : this.day(Math.floor(start / DAY));
    const used = minus(to, from);
    const exporting = used.activeExport > used.activeImport;
    return exporting
      ? { active: -Math.round(used.activeExport / 60), apparent: Math.round(used.apparentExport / 60) }
      : { active: Math.round(used.activeImport / 60), apparent: Math.round(used.apparentImport / 60) };
  }

  /** A random number below n that belongs to a thing and a moment. */
  draw(what: number, when: number, n: number): number {
    return this.#draw(100 + what, when, n);
  }

  #draw(what: number, when: number, n: number): number {
    return below(mix(this.#seed, what, when), n);
  }

  #sumDay(day: number): void {
    const sums: Energies[] = [NO_ENERGY];
    const season = seasonOf(day);
    for (let block = 0; block < BLOCKS; block++) {
      sums.push(plus(sums[block] as Energies, this.#blockEnergies(day, block, season)));
    }
    this.#day = day;
    this.#sums = sums;
  }

  #blockEnergies(day: number, block: number, season: Season): Energies {
    const at = day * BLOCKS + block;
    const power = this.#demand(day, block, at, season);
    const sun = this.#sun(day, block, at);
    const net = power - sun;
    // Power factor in thousandths: lower with motors (cooling, fridge), never above 1.
    const factor = 992 - Math.floor((season.cooling * 60) / 100) - this.#draw(20, at, 45);
    const active = Math.abs(net) * BLOCK;
    const apparent = Math.ceil((active * 1000) / factor);
    return net >= 0
      ? { activeImport: active, apparentImport: apparent, activeExport: 0, apparentExport: 0 }
      : { activeImport: 0, apparentImport: 0, activeExport: active, apparentExport: apparent };
  }

  /** Average W of a block. */
  #demand(day: number, block: number, at: number, season: Season): number {
    const weekend = (((day + 3) % 7) + 7) % 7 >= 5 ? 115 : 100;
    const mood = 80 + this.#draw(10, day, 41);
    const noise = 70 + this.#draw(11, at, 61);
    const living = Math.floor(
      (((((620 * (SHAPE_BLOCKS[block] as number)) / 100) * this.#size) / 100) * weekend * mood * noise) / 1e6,
    );
    const cooling = this.#cooling(block, at, season);
    const geyser = block >= 11 && block <= 16 && this.#draw(13, at, 100) < season.heating ? this.#geyser : 0;
    const kettle = this.#draw(14, at, 100) < (SHAPE_BLOCKS[block] as number) / 8 ? 180 : 0;
    return Math.min(STANDBY + Math.floor(FRIDGE / 2) + living + cooling + Math.floor(geyser / 2) + kettle, 3_600);
  }

  #cooling(block: number, at: number, season: Season): number {
    const night = block >= 43 || block < 11;
    const wanted = night ? season.cooling : block >= 26 && block < 36 ? Math.floor(season.cooling * 0.7) : 0;
    if (this.#draw(12, at, 100) >= wanted) return 0;
    return Math.floor((this.#cooler * (60 + this.#draw(15, at, 41))) / 100);
  }

  #sun(day: number, block: number, at: number): number {
    if (this.#solarPeak === 0) return 0;
    const clouds = 55 + this.#draw(16, day, 46);
    const passing = 75 + this.#draw(17, at, 26);
    return Math.floor((this.#solarPeak * (SUN[block] as number) * clouds * passing) / 1e6);
  }

  /** Weights of the minutes of a block, summed up: the fridge's cycle and restless small loads. */
  #minutes(at: number): readonly number[] {
    if (at === this.#block) return this.#weights;
    const weights = [0];
    for (let minute = 0; minute < MINUTES; minute++) {
      const running = (at * MINUTES + minute + this.#fridgePhase) % 40 < 18;
      const weight = 300 + (running ? FRIDGE : 0) + this.#draw(18, at * MINUTES + minute, 120);
      weights.push((weights[minute] as number) + weight);
    }
    this.#block = at;
    this.#weights = weights;
    return weights;
  }
}

interface Season {
  /** Percent. */
  readonly cooling: number;
  readonly heating: number;
}

/** Between the middles of two months the season changes evenly. */
function seasonOf(day: number): Season {
  // Years of 365.2425 days from 1970 on: never more than two days off.
  const dayOfYear = Math.min(364, Math.floor(((((day * 10_000) % 3_652_425) + 3_652_425) % 3_652_425) / 10_000));
  const twelfth = ((dayOfYear + 365 - 15) % 365) * 12;
  const month = Math.floor(twelfth / 365);
  const into = twelfth - month * 365;
  const between = (table: readonly number[]) =>
    Math.floor(((table[month] as number) * (365 - into) + (table[(month + 1) % 12] as number) * into) / 365);
  return { cooling: between(COOLING), heating: between(HEATING) };
}

/** A part of energies, rounded down: parts of one block never exceed it and grow with the part. */
function share(whole: Energies, part: number, of: number): Energies {
  return {
    activeImport: Math.floor((whole.activeImport * part) / of),
    apparentImport: Math.floor((whole.apparentImport * part) / of),
    activeExport: Math.floor((whole.activeExport * part) / of),
    apparentExport: Math.floor((whole.apparentExport * part) / of),
  };
}

/** Three numbers stirred into 32 bits; small changes change everything. */
function mix(a: number, b: number, c: number): number {
  let h = Math.imul((a >>> 0) ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15) ^ (c | 0), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15) ^ Math.floor(c / 0x100000000), 0x735a2d97);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 16)) >>> 0;
}

function below(random: number, n: number): number {
  return Math.floor((random / 0x100000000) * n);
}
