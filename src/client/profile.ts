import { lazily } from '../base/clock.js';
import type { Data } from '../codec/data.js';
import type { ProfileGenericObject } from '../cosem/classes/storage.js';
import { type Arriving, arriving } from './arriving.js';
import type { KnownMeter } from './known-meter.js';
import type { CallOptions } from './meter-calls.js';
import type { ProfileColumn } from './profile-column.js';
import type { ProfileState, RowOptions } from './profile-options.js';
import type { ProfileReader } from './profile-reader.js';
import type { ProfileRow } from './profile-row.js';
import type { RowSelection } from './profile-selection.js';

const loadReader = lazily(async () => (await import('./profile-reader.js')).ProfileReader);

/** A profile of a meter (Profile generic, class 7): `meter.profile('1.0.99.1.0.255')`. */
export class Profile {
  /** References to the attributes and methods of the profile object. */
  readonly object: ProfileGenericObject;
  readonly #meter: KnownMeter;
  readonly #deviation: number | undefined;
  #reader: ProfileReader | undefined;

  /** @internal Made by `Meter.profile`. */
  constructor(meter: KnownMeter, object: ProfileGenericObject, deviation: number | undefined) {
    this.#meter = meter;
    this.object = object;
    this.#deviation = deviation;
  }

  /** The columns with names, scalers and units. They are read once and then kept. @throws AccessError, DecodeError. */
  async columns(options?: CallOptions): Promise<readonly ProfileColumn[]> {
    return (await this.#loaded()).columns(options);
  }

  /**
   * How full the profile is and how it is organised, as the meter says. @throws AccessError, DecodeError when one of these cannot be read.
   */
  async state(options?: CallOptions): Promise<ProfileState> {
    const { entriesInUse, profileEntries, capturePeriod, sortMethod } = this.object;
    const refs = [entriesInUse, profileEntries, capturePeriod, sortMethod] as const;
    const [inUse, entries, period, sorting] = await this.#meter.getAll(refs, options);
    return { entriesInUse: inUse, profileEntries: entries, capturePeriod: period, sortMethod: sorting };
  }

  /**
   * Rows in the buffer's order: all, those of a range of time, the newest ones, or by number. Where the meter refuses selective access the
   * whole buffer is read and the rows are selected here. After a broken line reading continues behind the last complete row. Where the rows
   * have another number of values than there are columns, the {@link columns} are only numbered from then on.
   *
   * ```ts
   * for await (const row of meter.profile('1.0.99.1.0.255').rows({ last: 48 })) console.log(row.time?.toText());
   * ```
   *
   * In a loop directly on the call, rows come as soon as they are complete (the newest ones when all are there); leaving the loop ends the
   * transfer.
   * @throws AccessError when the buffer cannot be read at all, DecodeError when it does not fit its columns, StateError for an impossible
   * selection.
   */
  rows(selection: RowSelection = {}, options: RowOptions = {}): Arriving<ProfileRow> {
    const read = async (told: RowOptions) => (await this.#loaded()).read(selection, told);
    const each = (tell: (row: ProfileRow) => void, signal: AbortSignal) => {
      const onRow = (row: ProfileRow) => {
        options.onRow?.(row);
        tell(row);
      };
      return read({ ...options, signal, onRow });
    };
    return arriving(() => read(options), each, options.signal);
  }

  /**
   * Gives meaning to rows that were stored elsewhere, from the values in {@link Reading.data} of each.
   * @throws DecodeError when they do not fit these columns.
   */
  async restored(rows: readonly (readonly Data[])[], options?: CallOptions): Promise<ProfileRow[]> {
    return (await this.#loaded()).restored(rows, options);
  }

  async #loaded(): Promise<ProfileReader> {
    if (this.#reader !== undefined) return this.#reader;
    const Reader = await loadReader();
    this.#reader ??= new Reader(this.#meter, this.object, this.#deviation);
    return this.#reader;
  }
}
