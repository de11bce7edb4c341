/** The columns of a profile: as the meter gives them, else as an earlier visit found them, else only by number. */

import { AccessError, DecodeError } from '../base/errors.js';
import type { Remark } from '../base/remark.js';
import { counted } from '../base/words.js';
import type { Data } from '../codec/data.js';
import { Decimal } from '../codec/decimal.js';
import type { CaptureColumn } from '../companion/companion.js';
import { valueName } from '../companion/value-name.js';
import { type AttributeRef, attributeTarget } from '../cosem/class.js';
import type { ProfileGenericObject } from '../cosem/classes/storage.js';
import { meaningOf, scalerUnitRef } from '../cosem/members.js';
import { canBe } from '../cosem/plausible.js';
import { getOne } from './calls.js';
import type { KnownMeter } from './known-meter.js';
import type { CallOptions } from './meter-calls.js';
import type { ProfileColumn } from './profile-column.js';
import { rowsOf } from './profile-rows.js';
import { rowsNumbered } from './profile-selection.js';
import { dateTimeOf } from './readings.js';

/** The object of a column without a name; no real object has it. */
const NO_OBJECT = { classId: 0, logicalName: '0.0.0.0.0.0', attributeIndex: 0, dataIndex: 0 } as const;

/** Whether a column is only known by its number. */
export function isNumbered({ classId }: CaptureColumn): boolean {
  return classId === NO_OBJECT.classId;
}

/** All rows have another number of values than there are columns: it is unknown which column is which. */
export class OtherColumns extends DecodeError {
  readonly #row: readonly Data[];
  readonly #told: number;

  constructor(row: readonly Data[], told: number, target: string) {
    super('missing-field', `rows of ${counted(row.length, 'value')} under ${counted(told, 'column')}`, 0, {
      path: [target],
    });
    this.#row = row;
    this.#told = told;
  }

  /** Numbered columns, as many as the rows have values. */
  renumbered(tell: Tell): readonly ProfileColumn[] {
    const [values, columns] = [counted(this.#row.length, 'value'), counted(this.#told, 'column')];
    const text = `the meter tells ${columns}, and its rows have ${values}: they are numbered, for nobody knows which is which`;
    tell({ code: 'columns-numbered', text });
    return numbered(this.#row);
  }
}

/** @throws OtherColumns where no row fits the columns and all rows are alike. A single odd row among others is left to the row reader. */
export function checkWidth(rows: readonly (readonly Data[])[], columns: number, target: string): void {
  const [first] = rows;
  if (first === undefined || first.length === columns || first.length === 0) return;
  if (rows.every(({ length }) => length === first.length)) throw new OtherColumns(first, columns, target);
}

type Tell = (remark: Pick<Remark, 'code' | 'text'>) => void;

/**
 * Reads the columns. Where the meter does not say what it captures, a row shows how many columns there are.
 * @throws AccessError, DecodeError when neither capture objects nor rows can be read.
 */
export async function readColumns(
  meter: KnownMeter,
  object: ProfileGenericObject,
  tell: Tell,
  options: CallOptions = {},
): Promise<readonly ProfileColumn[]> {
  const ref = object.captureObjects;
  const [outcome] = await meter.tryGetAll([ref], options);
  if (outcome.ok && outcome.value.length > 0) {
    const columns = await described(meter, outcome.value, options);
    await meter.cache?.keepColumns(meter, attributeTarget(ref), ref.type.encode(outcome.value));
    return columns;
  }
  const row = await firstRow(meter, object, options).catch((error) => {
    throw !outcome.ok && error instanceof AccessError ? outcome.error : error;
  });
  const why = outcome.ok
    ? 'it says that there are none'
    : outcome.error instanceof AccessError
      ? outcome.error.result
      : outcome.error.message;
  const kept = outcome.ok ? undefined : await meter.cache?.columns(meter, attributeTarget(ref));
  const known = kept === undefined ? undefined : ref.type.decode(kept);
  if (known !== undefined && (row === undefined || fits(known, row))) {
    tell({
      code: 'columns-kept',
      text: `the meter does not tell the columns (${why}): they are those of an earlier visit`,
    });
    return described(meter, known, options);
  }
  if (row === undefined) return [];
  tell({ code: 'columns-numbered', text: `the meter does not tell the columns (${why}): they are numbered` });
  return numbered(row);
}

/** Whether a row fits these columns. */
function fits(columns: readonly CaptureColumn[], row: readonly Data[]): boolean {
  if (columns.length !== row.length) return false;
  return columns.every(({ classId, logicalName, attributeIndex: attributeId, dataIndex }, i) => {
    return dataIndex !== 0 || canBe({ classId, logicalName, attributeId }, row[i] as Data);
  });
}

/** Reads the first row: by its number where the meter supports selection, else from the whole buffer. */
async function firstRow(
  meter: KnownMeter,
  { buffer }: ProfileGenericObject,
  options: CallOptions,
): Promise<readonly Data[] | undefined> {
  const target = attributeTarget(buffer);
  const read = (ref: AttributeRef<Data>) => meter.run((session) => getOne(session, ref), options);
  if (meter.supports('selective-access')) {
    try {
      return rowsOf(await read(rowsNumbered(buffer, 1, 1)), target)[0];
    } catch (error) {
      if (!(error instanceof AccessError || error instanceof DecodeError)) throw error;
    }
  }
  return rowsOf(await read(buffer), target)[0];
}

/** Numbered columns. The first value that is a date-time counts as the time of the row, because nothing says what it is. */
function numbered(row: readonly Data[]): ProfileColumn[] {
  const time = row.findIndex((value) => dateTimeOf(value)?.isSpecified() === true);
  return row.map((value, i) => ({
    ...NO_OBJECT,
    name: `column ${i + 1}`,
    scalerUnit: Decimal.of(value) === undefined ? undefined : 'unknown',
    isTime: i === time,
  }));
}

async function described(
  meter: KnownMeter,
  captured: readonly CaptureColumn[],
  options: CallOptions,
): Promise<ProfileColumn[]> {
  const named = captured.map((object) => ({ ...object, attributeId: object.attributeIndex }));
  const refs = named.map(scalerUnitRef);
  const asked = refs.filter((ref) => ref !== undefined);
  const scalers = await meter.scalerUnits(asked, options);
  return captured.map((object, i) => {
    const ref = refs[i];
    return {
      ...object,
      name: valueName(meter.companion, named[i] as (typeof named)[number]),
      scalerUnit: ref && (scalers[asked.indexOf(ref)] ?? 'unknown'),
      isTime: meaningOf(named[i] as (typeof named)[number]) === 'present-time',
    };
  });
}
