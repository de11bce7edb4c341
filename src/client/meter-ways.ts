/** Services that a meter grants but was found not to carry out: kept by the place where it is reached, and only used for the same meter. */

import { fromHex, toHex, toLatin1 } from '../base/bytes.js';
import type { Clock, Millis } from '../base/clock.js';
import type { OnRemark } from '../base/remark.js';
import { decodeData, encodeData } from '../codec/axdr.js';
import type { CacheStore } from '../contracts/cache-store.js';
import { type Dispensable, isDispensable } from './dispensable.js';
import type { MeterCalls } from './meter-calls.js';
import { textOf } from './quirks/identify.js';
import { flagOf } from './quirks/match.js';
import type { QuirkSheet } from './quirks/sheet.js';

const VERSION = 1;
/** Older entries are tried again, because the firmware may have been corrected. */
const LONGEST: Millis = 30 * 86_400_000;
/** Logical device name: Data, value. */
const DEVICE_NAME = '0.0.42.0.0.255';
/** What is known of the meter at a place. */
export interface Ways {
  /** System title or logical device name, in hexadecimal. */
  readonly who: string;
  readonly without: readonly Dispensable[];
  /** How it names its objects, where that is not by logical names. */
  readonly naming?: 'sn';
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
      const { version, at, who, without, naming } = JSON.parse(text) as Record<string, unknown>;
      const now = this.#clock.now();
      if (version !== VERSION || typeof at !== 'number' || at > now || now - at >= LONGEST) return undefined;
      if (typeof who !== 'string' || !Array.isArray(without) || !without.every(isDispensable)) return undefined;
      if (naming === 'sn') return { who, without, naming };
      return without.length === 0 ? undefined : { who, without };
    } catch {
      return undefined;
    }
  }

  async #save(ways: Ways): Promise<void> {
    await this.#store.save(this.#entry, JSON.stringify({ version: VERSION, at: this.#clock.now(), ...ways }));
  }

  /** Stores what was found out about this meter. It costs a request where the association does not say who it is. */
  async keep(meter: MeterCalls, found: Omit<Ways, 'who'>, onRemark: OnRemark | undefined): Promise<void> {
    const who = await whoIs(meter).catch(() => undefined);
    if (who === undefined) return;
    await this.#save({ who, ...found });
    const { without } = found;
    if (without.length === 0) return;
    const title = meter.association?.serverTitle;
    const maker = flagOf(title === undefined ? textOf(decodeData(fromHex(who))) : toLatin1(title));
    // A sheet without a match would apply to every meter.
    if (maker !== '') onRemark?.({ code: 'quirk-proposal', text: proposal(maker, without), weight: 'detail' });
  }

  /** Removes the entry, because another meter is there now. */
  async forget(): Promise<void> {
    await this.#store.save(this.#entry, '');
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
