import type { Millis } from '../../src/base/clock.js';
import type { Data } from '../../src/codec/data.js';
import type { CaptureColumn } from '../../src/companion/companion.js';
import { type Unit, unit } from '../../src/cosem/units.js';

/** The moment, or the period, for which a value is wanted. */
export interface ValueMoment {
  readonly at: Millis;
  /** The beginning of the period that a row stands for: the capture before. Equal to `at` for a reading outside a profile. */
  readonly since: Millis;
}

export type ValueAt = (moment: ValueMoment) => Data;

/** A register: its value at any moment, its scaler and unit, and for maxima their time. */
export interface Quantity {
  readonly name: string;
  readonly scaler: number;
  readonly unit: Unit;
  readonly valueAt: ValueAt;
  /** The moment that a reading outside a profile stands for; by default now. */
  readonly present?: (now: Millis) => ValueMoment;
  /** The time of the value, for extended registers. */
  readonly timeAt?: ValueAt;
}

/** Every value that profiles and pushes can capture, by class, logical name and attribute. */
export class Values {
  readonly #values = new Map<string, ValueAt>();

  define(classId: number, name: string, attribute: number, valueAt: ValueAt): void {
    this.#values.set(key(classId, name, attribute), valueAt);
  }

  /** Defines value, scaler and unit, and the time where the class has one. */
  defineQuantity(classId: number, quantity: Quantity): void {
    const { name, scaler, valueAt, timeAt } = quantity;
    const scalerUnit: Data = {
      type: 'structure',
      value: [{ type: 'integer', value: scaler }, unit.encode(quantity.unit)],
    };
    this.define(classId, name, 2, valueAt);
    this.define(classId, name, 3, () => scalerUnit);
    if (timeAt !== undefined) this.define(classId, name, 5, timeAt);
  }

  /** How to get the value of a column; undefined where nothing defines it. */
  of(column: CaptureColumn): ValueAt | undefined {
    return this.#values.get(key(column.classId, column.logicalName, column.attributeIndex));
  }
}

function key(classId: number, name: string, attribute: number): string {
  return `${classId}:${name}:${attribute}`;
}
