/** The most common tasks: one value by its logical name, and the balance. */

import { AccessError, DecodeError, StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { type LogicalName, parseLogicalName } from '../base/obis.js';
import { withArticle } from '../base/words.js';
import type { Companion, ReadingSpec } from '../companion/companion.js';
import { readings as indian } from '../companion/is15959/readings.js';
import { valueName } from '../companion/value-name.js';
import { type AttributeRef, attributeTarget, clientObject } from '../cosem/class.js';
import { DemandRegister, ExtendedRegister, Register } from '../cosem/classes/storage.js';
import { canBe } from '../cosem/plausible.js';
import type { KnownMeter } from './known-meter.js';
import type { CallOptions } from './meter-calls.js';
import type { Outcome } from './outcome.js';
import { declaredDateTime, Reading } from './readings.js';

/** What is read of a register of one class: first its value, then how and when it was captured. */
type SpecsOf = (name: LogicalName, title: string) => readonly ReadingSpec[];

const REGISTERS: ReadonlyMap<number, SpecsOf> = new Map<number, SpecsOf>([
  [
    Register.id,
    (name, title) => {
      const { value, scalerUnit } = clientObject(Register, name);
      return [{ key: 'value', title, attribute: value, scalerUnit }];
    },
  ],
  [
    ExtendedRegister.id,
    (name, title) => {
      const { value, scalerUnit, status, captureTime } = clientObject(ExtendedRegister, name);
      return withSides(title, value, scalerUnit, status, captureTime);
    },
  ],
  [
    DemandRegister.id,
    (name, title) => {
      const object = clientObject(DemandRegister, name);
      const { currentAverageValue, lastAverageValue, scalerUnit, status, captureTime } = object;
      // The capture time belongs to the last average; the current average is still changing.
      if (isCurrentAverage(name)) return [{ key: 'value', title, attribute: currentAverageValue, scalerUnit }];
      return withSides(title, lastAverageValue, scalerUnit, status, captureTime);
    },
  ],
]);

function withSides(
  title: string,
  attribute: AttributeRef<unknown>,
  scalerUnit: NonNullable<ReadingSpec['scalerUnit']>,
  status: AttributeRef<unknown>,
  captureTime: AttributeRef<unknown>,
): ReadingSpec[] {
  return [
    { key: 'value', title, attribute, scalerUnit },
    { key: 'status', title, attribute: status },
    { key: 'captureTime', title, attribute: captureTime, presentation: 'date-time' },
  ];
}

/** Whether value group D means a running average (IEC 62056-6-1): 4, 14 and 24. 5, 15 and 25 are averages of the last period. */
function isCurrentAverage(name: LogicalName): boolean {
  const [, , , d] = name.split('.');
  return d === '4' || d === '14' || d === '24';
}

/** The classes that a register may have, the likely ones first: value group D shows averages and maxima. */
function likelyClasses(name: LogicalName): readonly number[] {
  const d = Number(name.split('.')[3]);
  if ([4, 5, 14, 15, 24, 25].includes(d)) return [DemandRegister.id, Register.id, ExtendedRegister.id];
  if ([2, 3, 6, 13, 16, 23, 26].includes(d)) return [ExtendedRegister.id, Register.id, DemandRegister.id];
  return [Register.id, ExtendedRegister.id, DemandRegister.id];
}

/** The refusals of a meter that has the object in another class, or none in this class. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'object-undefined',
  'object-class-inconsistent',
  'object-unavailable',
  'read-write-denied',
  'type-unmatched',
  'other-reason',
]);

/**
 * Reads a register by its logical name, whatever its class: the class of the object list where that is known, else the likely class first.
 * A value is only accepted if a register can have it.
 */
export async function readRegister(meter: KnownMeter, text: string, options: CallOptions): Promise<Reading> {
  const name = parseLogicalName(text);
  const title = valueName(meter.companion, { logicalName: name, attributeId: 2 });
  const listed = (await meter.knownObjects())?.filter(({ logicalName }) => logicalName === name) ?? [];
  const classes = listed.map(({ classId }) => classId).filter((id) => REGISTERS.has(id));
  if (listed.length > 0 && classes.length === 0) throw noRegister(name, listed[0]?.classId ?? 0);
  let refusal: AccessError | DecodeError | undefined;
  let unscaled: Reading | undefined;
  for (const id of classes.length > 0 ? classes : likelyClasses(name)) {
    const specs = (REGISTERS.get(id) as SpecsOf)(name, title);
    const [outcome] = await meter.readings(specs, options);
    const found = believed(outcome as Outcome<Reading>);
    if (found.ok && found.value.unit !== undefined) return found.value;
    // Some meters answer for any class: only the right class has the scaler.
    if (found.ok) unscaled ??= found.value;
    else {
      refusal ??= found.error;
      if (found.error instanceof AccessError && !ELSEWHERE.has(found.error.result)) throw found.error;
    }
  }
  if (unscaled !== undefined) return unscaled;
  throw refusal as AccessError | DecodeError;
}

/** Turns a value that no register can have into a failed outcome. Never throws. */
function believed(outcome: Outcome<Reading>): Outcome<Reading> {
  if (!outcome.ok || canBe(outcome.value, outcome.value.data)) return outcome;
  const { data } = outcome.value;
  const target = attributeTarget(outcome.value);
  const error = new DecodeError('bad-tag', `${withArticle(data.type)} is no value of a register`, 0, {
    path: [target],
  });
  return { ok: false, error };
}

function noRegister(name: LogicalName, classId: number): StateError {
  return new StateError(`${name} is no register: this meter has it as class ${classId}`, {
    hint: 'read its attributes: meter.object(), or meter.untyped() for any class',
  });
}

/**
 * The balance of a prepaid account with its currency, and its time.
 * @throws StateError when the companion specification does not define a balance.
 */
export async function readBalance(
  meter: KnownMeter,
  { readings }: Pick<Companion, 'readings'> = { readings: indian },
  options: CallOptions = {},
): Promise<Reading> {
  const specs = readings.flatMap((group) => group.readings);
  const balance = specs.find(({ key }) => key === 'balance');
  const time = specs.find(({ key }) => key === 'balanceTime');
  if (balance === undefined) throw new StateError('the companion specification says nothing of a balance');
  const [amount, counted] = await meter.readings(time === undefined ? [balance] : [balance, time], options);
  if (amount?.ok !== true) throw amount?.error;
  const at = counted?.ok === true ? declaredDateTime(counted.value.data) : undefined;
  if (at?.isSpecified() !== true) return amount.value;
  const { classId, logicalName, attributeId, name, data } = amount.value;
  const presentation = given({ presentation: balance.presentation });
  return new Reading({ classId, logicalName, attributeId, name, data, time: at, ...presentation });
}
