/** Services that a meter grants but was found not to carry out: kept by the place where it is reached, and only used for the same meter. */

import { CONFORMANCE, type ConformanceName } from '../apdu/conformance.js';
import { fromHex, toHex, toLatin1 } from '../base/bytes.js';
import type { Clock, Millis } from '../base/clock.js';
import type { OnRemark } from '../base/remark.js';
import { decodeData, encodeData } from '../codec/axdr.js';
import type { CacheStore } from '../contracts/cache-store.js';
import type { ListTrust } from '../session/list-trust.js';
import type { Services } from './connection.js';
import type { MeterCalls } from './meter-calls.js';
import { flagOf, textOf } from './quirks/match.js';
import type { QuirkSheet } from './quirks/sheet.js';

const VERSION = 1;
/** Older entries are tried again, because the firmware may have been corrected. */
const LONGEST: Millis = 30 * 86_400_000;
/** Services without which an association may be opened. They only concern form, and never protection or the authentication mechanism. */
export const DISPENSABLE = [
  'multiple-references',
  'general-block-transfer',
  'block-transfer-with-get-or-read',
  'block-transfer-with-set-or-write',
  'block-transfer-with-action',
] as const satisfies readonly ConformanceName[];

const LISTS = 'multiple-references';
/** Logical device name: Data, value. */
const DEVICE_NAME = '0.0.42.0.0.255';
/** How many services one visit gives up: further errors have another cause. */
const MOST = 2;

/** A service that an association may be opened without. */
export type Dispensable = (typeof DISPENSABLE)[number];

/** What is known of the meter at a place. */
export interface Ways {
  /** System title or logical device name, in hexadecimal. */
  readonly who: string;
  readonly without: readonly Dispensable[];
}

/** The stored findings about the meter at one place. */
export class MeterWays {
  readonly #store: CacheStore;
  readonly #clock: Clock;
  readonly #entry: string;

  /** @param place transport, addresses and client: `tcp://10.0.0.7:4059/1/48`. */
  constructor(store: CacheStore, clock: Clock, place: string) {
    this.#store = store;
    this.#clock = clock;
    this.#entry = `ways ${place}`;
  }

  /** What is known; undefined where nothing is, or it is too old. Anything that is not a stored entry counts as missing. */
  async load(): Promise<Ways | undefined> {
    const text = await this.#store.load(this.#entry);
    if (text === undefined) return undefined;
    try {
      const { version, at, who, without } = JSON.parse(text) as Record<string, unknown>;
      const now = this.#clock.now();
      if (version !== VERSION || typeof at !== 'number' || at > now || now - at >= LONGEST) return undefined;
      if (typeof who !== 'string' || !Array.isArray(without) || without.length === 0) return undefined;
      return without.every(isDispensable) ? { who, without } : undefined;
    } catch {
      return undefined;
    }
  }

  async save(ways: Ways): Promise<void> {
    await this.#store.save(this.#entry, JSON.stringify({ version: VERSION, at: this.#clock.now(), ...ways }));
  }

  /** Removes the entry, because another meter is there now. */
  async forget(): Promise<void> {
    await this.#store.save(this.#entry, '');
  }
}

export function isDispensable(name: unknown): name is Dispensable {
  return DISPENSABLE.some((bit) => bit === name && Object.hasOwn(CONFORMANCE, bit));
}

/** The parts of a {@link MeterServices}. */
export interface ServicesParts {
  readonly trust: ListTrust;
  /** Proposed conformance; 0 where the association cannot be opened again. */
  readonly proposed: number;
  readonly ways: MeterWays | undefined;
  readonly onRemark: OnRemark | undefined;
}

/** The services that one meter grants but does not carry out, found out on this visit or on an earlier one. */
export class MeterServices implements Services {
  /** Associations are opened without these. */
  readonly without = new Set<Dispensable>();
  readonly #parts: ServicesParts;
  readonly #proved = new Set<Dispensable>();
  #news = false;

  constructor(parts: ServicesParts) {
    this.#parts = parts;
    parts.trust.onVoid = () => this.#prove(LISTS);
  }

  giveUp(service: ConformanceName): boolean {
    if (!isDispensable(service) || (this.#parts.proposed & CONFORMANCE[service]) === 0) return false;
    if (this.without.has(service) || this.without.size >= MOST) return false;
    this.without.add(service);
    return true;
  }

  restore(service: ConformanceName): void {
    this.without.delete(service as Dispensable);
  }

  opened(service: ConformanceName, why: string): void {
    const text = `the meter does not get on with ${service} (${why}): the association was opened again without it`;
    this.#parts.onRemark?.({ code: 'opened-without', text, weight: 'note' });
  }

  proved(service: ConformanceName): void {
    if (isDispensable(service)) this.#prove(service);
  }

  #prove(service: Dispensable): void {
    this.#proved.add(service);
    this.#news = true;
  }

  /** Uses what is known about the place. @returns what must be confirmed once the meter says who it is. */
  async recall(): Promise<Ways | undefined> {
    const known = await this.#parts.ways?.load();
    for (const service of known?.without ?? []) {
      this.#proved.add(service);
      if (service === LISTS) this.#parts.trust.void ??= 'as on an earlier visit';
      else if ((this.#parts.proposed & CONFORMANCE[service]) !== 0) this.without.add(service);
    }
    return known;
  }

  /**
   * Forgets it, because another meter is there, or the meter does not associate in this way. @returns whether the association must be
   * changed.
   */
  forget(): boolean {
    const other = this.without.size > 0;
    this.without.clear();
    this.#proved.clear();
    this.#parts.trust.void = undefined;
    void this.#parts.ways?.forget();
    return other;
  }

  /** Whether anything was found out that is not stored yet. */
  get news(): boolean {
    return this.#news;
  }

  /** Stores what was found out. It costs a request where the association does not say who the meter is. */
  async keep(meter: MeterCalls): Promise<void> {
    const { ways } = this.#parts;
    if (!this.#news || ways === undefined) return;
    this.#news = false;
    const who = await whoIs(meter).catch(() => undefined);
    if (who === undefined) return;
    const without = [...this.#proved];
    await ways.save({ who, without });
    const title = meter.association?.serverTitle;
    const maker = flagOf(title === undefined ? textOf(decodeData(fromHex(who))) : toLatin1(title));
    // A sheet without a match would apply to every meter.
    if (maker !== '')
      this.#parts.onRemark?.({ code: 'quirk-proposal', text: proposal(maker, without), weight: 'detail' });
  }
}

/** A quirk sheet that a person can use for all meters of a kind, once it is certain that they are alike. */
function proposal(maker: string, without: readonly Dispensable[]): string {
  const sheet: QuirkSheet = {
    id: `${maker.toLowerCase()}-without`,
    title: `Meters of ${maker}`,
    source: 'found out by cosem on one meter',
    match: { manufacturer: maker },
    effects: { without },
  };
  const does = without.join(', ');
  return `that it does not do ${does} is remembered for this meter; if all of its kind are so, a sheet says it (cosem quirks; narrow it by firmware): ${JSON.stringify(sheet)}`;
}

/** System title or logical device name, in hexadecimal; undefined where the meter gives neither. @throws LinkError, TimeoutError */
export async function whoIs(meter: MeterCalls): Promise<string | undefined> {
  const title = meter.association?.serverTitle;
  if (title !== undefined) return toHex(title);
  const name = await meter.tryGet(meter.data(DEVICE_NAME).value);
  return name.ok ? toHex(encodeData(name.value)) : undefined;
}
