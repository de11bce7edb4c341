/** Attributes of a recorded meter: what happens when one is read or written. */

import type { Clock } from '../../src/base/clock.js';
import { AccessError, DecodeError } from '../../src/base/errors.js';
import { decodeData, encodeData } from '../../src/codec/axdr.js';
import type { Data } from '../../src/codec/data.js';
import { CosemDateTime, DEVIATION_UNSPECIFIED } from '../../src/codec/datetime.js';
import type { Type } from '../../src/codec/type.js';
import type { GetAnswer } from '../../src/contracts/served-device.js';
import type { AccessSelection } from '../../src/contracts/services.js';
import type { TemplateClock } from '../../src/cosem/template.js';

/** One attribute. Both methods throw AccessError, or DecodeError where the request makes no sense. */
export interface Cell {
  read(selection: AccessSelection | undefined): GetAnswer;
  write(value: Data): void;
}

/** A value that stays until another is written. The new one must have the same type, as far as class and old value tell it. */
export class ValueCell implements Cell {
  #value: Data | undefined;
  readonly #refusal: string;
  readonly #target: string;
  readonly #type: Type<unknown> | undefined;

  /**
   * @param value undefined where none was recorded; then `refusal` is the answer until something is written.
   * @param type as the class declares it, where it is known.
   */
  constructor(target: string, value: Data | undefined, type: Type<unknown> | undefined, refusal = 'read-write-denied') {
    this.#target = target;
    this.#value = value;
    this.#type = type;
    this.#refusal = refusal;
  }

  get value(): Data | undefined {
    return this.#value;
  }

  set value(value: Data | undefined) {
    this.#value = value;
  }

  read(selection: AccessSelection | undefined): GetAnswer {
    if (this.#value === undefined) throw new AccessError(this.#refusal, this.#target, 'no value was recorded');
    if (selection !== undefined) throw new AccessError('type-unmatched', this.#target, 'it is given whole');
    return { data: this.#value };
  }

  write(value: Data): void {
    // Where the class declares a CHOICE, the type of the value before decides.
    if (this.#type !== undefined && this.#type.shape.kind !== 'data') this.#type.decode(value);
    else if (this.#value !== undefined && !sameType(this.#value, value)) {
      throw new AccessError('type-unmatched', this.#target, `${value.type} instead of ${this.#value.type}`);
    }
    // The new value is a view of the request's octets, so it is copied.
    this.#value = decodeData(encodeData(value));
  }
}

/** Whether the types agree. null-data stands for no value, so it may replace anything and be replaced by anything. */
function sameType(before: Data, after: Data): boolean {
  return before.type === after.type || before.type === 'null-data' || after.type === 'null-data';
}

/** An attribute whose value is kept elsewhere in the meter. */
export function liveCell(target: string, get: () => Data, set?: (value: Data) => void): Cell {
  return {
    read: (selection) => {
      if (selection !== undefined) throw new AccessError('type-unmatched', target, 'it is given whole');
      return { data: get() };
    },
    write: (value) => {
      if (set === undefined) throw new AccessError('read-write-denied', target, 'the meter keeps it itself');
      set(value);
    },
  };
}

const UNSPECIFIED = 0xff;

/** A clock that runs on from the recorded time. */
export class ClockCell implements Cell {
  readonly #clock: Clock;
  readonly #target: string;
  #facts: TemplateClock;
  /** Its local time minus UTC, in milliseconds. */
  #ahead: number;

  constructor(target: string, facts: TemplateClock, clock: Clock) {
    this.#target = target;
    this.#facts = facts;
    this.#clock = clock;
    this.#ahead = facts.ahead * 1000;
  }

  read(selection: AccessSelection | undefined): GetAnswer {
    if (selection !== undefined) throw new AccessError('type-unmatched', this.#target, 'it is given whole');
    const { type, deviation, status, weekday, hundredths } = this.#facts;
    const shown = CosemDateTime.fromDate(new Date(this.#clock.now() + this.#ahead), 0).with({
      deviation,
      status,
      ...(weekday ? {} : { dayOfWeek: UNSPECIFIED }),
      ...(hundredths ? {} : { hundredths: UNSPECIFIED }),
    });
    return { data: { type, value: shown.toBytes() } };
  }

  write(value: Data): void {
    if (value.type !== 'octet-string' && value.type !== 'date-time') {
      throw new AccessError('type-unmatched', this.#target, `${value.type} is no date-time`);
    }
    const time = CosemDateTime.fromBytes(value.value);
    const wall = time.with({ deviation: 0 }).toMillis();
    if (wall === undefined) throw new DecodeError('bad-value', 'a time with open fields', -1);
    this.#ahead = wall - this.#clock.now();
    if (time.deviation !== DEVIATION_UNSPECIFIED) this.#facts = { ...this.#facts, deviation: time.deviation };
  }

  /** Method 6 of the class, shift_time. */
  shift(seconds: number): void {
    this.#ahead += seconds * 1000;
  }
}
