/** What a meter told on an earlier visit and is not asked again: scalers with units, and the object list, by name plate and firmware. */

import { fromHex, toHex } from '../base/bytes.js';
import type { Clock, Millis } from '../base/clock.js';
import { given } from '../base/given.js';
import { decodeData, encodeData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import type { CacheStore } from '../contracts/cache-store.js';
import { scalerUnit } from '../cosem/classes/storage.js';
import type { MeterCalls } from './meter-calls.js';
import { whoIs } from './meter-ways.js';
import type { ScalerUnit } from './readings.js';

const FIRMWARE_VERSION = '1.0.0.2.0.255';
const DEVICE_NAME = '0.0.42.0.0.255';
const VERSION = 1;
/** Older entries are read again, for meters whose parameters were changed in the workshop without new firmware. */
const LONGEST: Millis = 30 * 86_400_000;

/** An entry: values as Data in hexadecimal. */
interface Known {
  readonly version: typeof VERSION;
  /** The firmware version of the meter. */
  readonly firmware: string;
  readonly at: Millis;
  readonly scalers: Record<string, string>;
  objects?: string;
  /** Capture objects of profiles. */
  columns?: Record<string, string>;
}

/**
 * The cache of one association. Before anything of it is used, the meter is asked for its firmware version, and for its name where the
 * association did not give its system title: another meter, another firmware, or another client starts with nothing.
 */
export class MeterCache {
  readonly #store: CacheStore;
  readonly #clock: Clock;
  readonly #client: number;
  #who: Promise<string | undefined> | undefined;
  #opened: Promise<{ readonly entry: string; readonly known: Known } | undefined> | undefined;

  /** @param client the SAP of the association, because other clients see other objects. */
  constructor(store: CacheStore, clock: Clock, client: number) {
    this.#client = client;
    this.#store = store;
    this.#clock = clock;
  }

  /** The scalers that are known. */
  async scalers(meter: MeterCalls, targets: readonly string[]): Promise<ReadonlyMap<string, ScalerUnit>> {
    const known = (await this.#open(meter))?.known;
    const found = new Map<string, ScalerUnit>();
    for (const target of targets) {
      const hex = known?.scalers[target];
      if (hex !== undefined) found.set(target, scalerUnit.decode(decodeData(fromHex(hex))));
    }
    return found;
  }

  async keepScalers(meter: MeterCalls, scalers: ReadonlyMap<string, ScalerUnit>): Promise<void> {
    const opened = await this.#open(meter);
    if (opened === undefined || scalers.size === 0) return;
    for (const [target, value] of scalers) {
      opened.known.scalers[target] = toHex(encodeData(scalerUnit.encode(value)));
    }
    await this.#store.save(opened.entry, JSON.stringify(opened.known));
  }

  /** The object list of this client; undefined where it is not known. */
  async objects(meter: MeterCalls): Promise<Data | undefined> {
    const hex = (await this.#open(meter))?.known.objects;
    return hex === undefined ? undefined : decodeData(fromHex(hex));
  }

  async keepObjects(meter: MeterCalls, list: Data): Promise<void> {
    const opened = await this.#open(meter);
    if (opened === undefined) return;
    opened.known.objects = toHex(encodeData(list));
    await this.#store.save(opened.entry, JSON.stringify(opened.known));
  }

  /** The capture objects of a profile; undefined where they are not known. */
  async columns(meter: MeterCalls, target: string): Promise<Data | undefined> {
    const hex = (await this.#open(meter))?.known.columns?.[target];
    return hex === undefined ? undefined : decodeData(fromHex(hex));
  }

  /** Stores the capture objects. It costs no request: they are only stored where the meter has already said who it is. */
  async keepColumns(meter: MeterCalls, target: string, columns: Data): Promise<void> {
    const opened = this.#opened === undefined ? undefined : await this.#open(meter);
    if (opened === undefined) return;
    opened.known.columns = { ...opened.known.columns, [target]: toHex(encodeData(columns)) };
    await this.#store.save(opened.entry, JSON.stringify(opened.known));
  }

  /**
   * Id of the companion specification that the meter was found to follow. The firmware version is not read for this, so that it costs
   * nothing where the association gives the system title; if other firmware shows later, it is forgotten.
   */
  async companion(meter: MeterCalls): Promise<string | undefined> {
    const entry = await this.#companionEntry(meter);
    const text = entry === undefined ? undefined : await this.#store.load(entry);
    if (text === undefined) return undefined;
    try {
      const { version, at, companion } = JSON.parse(text) as Record<string, unknown>;
      const good = version === VERSION && typeof at === 'number' && isFresh(at, this.#clock.now());
      return good && typeof companion === 'string' ? companion : undefined;
    } catch {
      return undefined;
    }
  }

  async keepCompanion(meter: MeterCalls, companion: string): Promise<void> {
    const entry = await this.#companionEntry(meter);
    if (entry === undefined) return;
    await this.#store.save(entry, JSON.stringify({ version: VERSION, at: this.#clock.now(), companion }));
  }

  /**
   * The entry of the companion; undefined where the meter does not say who it is, or where asking costs as much as finding out again: a
   * list of three.
   */
  async #companionEntry(meter: MeterCalls): Promise<string | undefined> {
    if (meter.association?.serverTitle === undefined && meter.supports('multiple-references')) return undefined;
    this.#who ??= whoIs(meter).catch((error) => {
      this.#who = undefined;
      throw error;
    });
    const who = await this.#who;
    return who === undefined ? undefined : companionEntry(`${who}/${this.#client}`);
  }

  /** The entry of the meter; undefined where it does not say who it is. */
  #open(meter: MeterCalls) {
    this.#opened ??= this.#identify(meter).catch((error) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #identify(meter: MeterCalls) {
    const title = meter.association?.serverTitle;
    const [firmware, name] = await meter.tryGetAll([
      meter.data(FIRMWARE_VERSION).value,
      ...(title === undefined ? [meter.data(DEVICE_NAME).value] : []),
    ]);
    if (firmware?.ok !== true || (title === undefined && name?.ok !== true)) return undefined;
    const who = title !== undefined ? toHex(title) : name?.ok === true ? toHex(encodeData(name.value)) : '';
    const entry = `${who}/${this.#client}`;
    const version = toHex(encodeData(firmware.value));
    const now = this.#clock.now();
    const kept = parsed(await this.#store.load(entry));
    const good = kept !== undefined && kept.firmware === version && isFresh(kept.at, now);
    if (kept !== undefined && kept.firmware !== version) await this.#store.save(companionEntry(entry), '');
    const nothing: Known = { version: VERSION, firmware: version, at: now, scalers: {} };
    return { entry, known: good ? kept : nothing };
  }
}

/** An entry with a time in the future was stored by another clock. */
function isFresh(at: Millis, now: Millis): boolean {
  return at <= now && now - at < LONGEST;
}

function companionEntry(meterAndClient: string): string {
  return `companion ${meterAndClient}`;
}

/** Anything that is not a stored entry counts as missing. */
function parsed(text: string | undefined): Known | undefined {
  if (text === undefined) return undefined;
  try {
    const known = JSON.parse(text) as Partial<Known>;
    const { version, firmware, at, scalers, objects, columns = {} } = known;
    if (version !== VERSION || typeof firmware !== 'string' || typeof at !== 'number') return undefined;
    if (typeof scalers !== 'object' || scalers === null) return undefined;
    for (const hex of Object.values(scalers)) scalerUnit.decode(decodeData(fromHex(hex)));
    if (objects !== undefined) decodeData(fromHex(objects));
    if (typeof columns !== 'object' || columns === null) return undefined;
    for (const hex of Object.values(columns)) decodeData(fromHex(hex));
    return { version, firmware, at, scalers, columns, ...given({ objects }) };
  } catch {
    return undefined;
  }
}
