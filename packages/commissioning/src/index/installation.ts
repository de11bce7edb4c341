import { Decimal, type Millis, StateError } from 'cosem';
import type { Policy } from '../policy.js';
import { refuse } from '../refused.js';
import { type Position, SERIAL } from '../work-order.js';

/** Readings of registers at one time. */
export interface ReadingSet {
  /** ISO 8601 or as the meter writes it. */
  readonly time: string;
  readonly values: readonly { readonly register: string; readonly value: string; readonly unit: string }[];
}

/** The consumer who is served. Personal. */
export interface IndexedConsumer {
  readonly number: string;
  readonly name: string;
  readonly address: string;
  readonly mobileLast4: string;
  readonly position?: Position | undefined;
}

/** A meter at a consumer: a record of the consumer index. */
export interface Installation {
  readonly workOrder: string;
  readonly consumer: IndexedConsumer;
  /** Serial number. */
  readonly meter: string;
  readonly make?: string | undefined;
  readonly category?: string | undefined;
  /** Serial number of the meter that it replaced. */
  readonly oldMeter?: string | undefined;
  readonly feeder: string;
  readonly transformer: string;
  readonly pole: string;
  readonly seals: readonly string[];
  /** W. */
  readonly sanctionedLoad: number;
  readonly installedAt: Millis;
  /** When it was removed; undefined while it serves. */
  readonly removedAt?: Millis | undefined;
  readonly startReadings: ReadingSet;
  readonly lastReadings?: ReadingSet | undefined;
}

/** A row of the index. */
export interface IndexRow extends Omit<Installation, 'consumer'> {
  readonly row: number;
  /** The row that this one corrects. */
  readonly supersedes?: number | undefined;
  /** The reason of the correction or of the end. */
  readonly reason?: string | undefined;
  readonly recordedAt: Millis;
  /** The consumer as a keyed digest, erased or not. */
  readonly consumerDigest: string;
  /** The consumer; undefined once the data was erased. */
  readonly consumer: IndexedConsumer | undefined;
}

const EARLIEST: Millis = Date.UTC(2000, 0, 1);
/** A time may lie this far in the future, because clocks of laptops are not exact. */
const AHEAD: Millis = 86_400_000;

/** @throws RefusedError that names the field and the reason. */
export function checkPossible(installation: Omit<Installation, 'consumer'>, policy: Policy, now: Millis): void {
  const { meter, oldMeter, sanctionedLoad, installedAt, removedAt } = installation;
  if (!SERIAL.test(meter)) impossible('meter', 'no serial number has this form');
  if (meter === oldMeter) refuse('old-is-new', { serial: meter });
  const { highestLoad } = policy.index;
  if (!Number.isInteger(sanctionedLoad) || sanctionedLoad < 1 || sanctionedLoad > highestLoad) {
    impossible('sanctionedLoad', `it is 1 to ${highestLoad} W`);
  }
  if (!(installedAt >= EARLIEST && installedAt <= now + AHEAD))
    impossible('installedAt', 'it is before 2000 or to come');
  if (removedAt !== undefined && !(removedAt >= installedAt && removedAt <= now + AHEAD)) {
    impossible('removedAt', 'it is before the installation or to come');
  }
  for (const field of ['workOrder', 'feeder', 'transformer', 'pole'] as const) {
    if (installation[field].trim() === '') impossible(field, 'it is empty');
  }
  checkReadings(installation);
}

function impossible(field: string, reason: string): never {
  return refuse('value-impossible', { field, reason });
}

/** @throws RefusedError that names the field and the reason. */
export function checkConsumer(consumer: IndexedConsumer, policy: Policy): void {
  if (consumer.number.trim() === '') impossible('consumer number', 'it is empty');
  if (!/^[0-9]{4}$/.test(consumer.mobileLast4)) impossible('mobileLast4', 'it is four digits');
  checkPosition(consumer.position, policy);
}

/** @throws RefusedError when the position is missing although the policy requires one, or when no meter can be there. */
export function checkPosition(position: Position | undefined, { index }: Policy): void {
  if (position === undefined) {
    if (index.positionRequired) refuse('position-missing');
    return;
  }
  const { south, west, north, east } = index.bounds;
  const { latitude, longitude } = position;
  if (!(latitude >= south && latitude <= north)) {
    impossible('latitude', `it is ${south} to ${north}`);
  }
  if (!(longitude >= west && longitude <= east)) {
    impossible('longitude', `it is ${west} to ${east}`);
  }
}

function checkReadings({ startReadings, lastReadings }: Pick<Installation, 'startReadings' | 'lastReadings'>): void {
  const start = numbers(startReadings, 'startReadings');
  if (lastReadings === undefined) return;
  for (const [register, last] of numbers(lastReadings, 'lastReadings')) {
    const first = start.get(register);
    if (first !== undefined && last.compare(first) < 0) {
      impossible(`lastReadings ${register}`, 'it is less than when the meter was installed');
    }
  }
}

function numbers({ values }: ReadingSet, field: string): Map<string, Decimal> {
  const found = new Map<string, Decimal>();
  for (const { register, value } of values) {
    const number = decimal(value);
    if (number === undefined || number.coefficient < 0n)
      impossible(`${field} ${register}`, 'a register counts from 0 up');
    else found.set(register, number);
  }
  return found;
}

function decimal(text: string): Decimal | undefined {
  try {
    return Decimal.parse(text);
  } catch (error) {
    if (error instanceof StateError) return undefined;
    throw error;
  }
}
