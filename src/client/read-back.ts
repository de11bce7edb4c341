/** Reading back what was written: whether the meter has the value. */

import { equalBytes } from '../base/bytes.js';
import { AccessError, DecodeError, UncertainError } from '../base/errors.js';
import { encodeData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import { type CosemDateTime, DEVIATION_UNSPECIFIED } from '../codec/datetime.js';
import { data } from '../codec/types.js';
import { toUtf8 } from '../codec/utf8.js';
import { type AttributeRef, attributeTarget } from '../cosem/class.js';
import { meaningOf } from '../cosem/members.js';
import type { CallOptions, MeterCalls } from './meter-calls.js';
import { dataText, dateTimeOf } from './readings.js';

/** The result of reading back a written value. */
export type ReadBack =
  /** The meter has the written value. */
  | {
      /** The result. */
      readonly state: 'holds';
      /** The value in the meter. */
      readonly found: Data;
    }
  /** The meter has another value. */
  | {
      /** The result. */
      readonly state: 'differs';
      /** The value in the meter. */
      readonly found: Data;
    }
  /** The value cannot be read back, as is usual for secrets. */
  | {
      /** The result. */
      readonly state: 'unreadable';
      /** Why it cannot be read. */
      readonly error: AccessError | DecodeError;
    };

/** How far a clock may be from the written time, in milliseconds, after subtracting the time that has passed since. */
const CLOCK_LEEWAY = 3000;

/**
 * Reads an attribute back and compares it with what was written. The same number in another integer type, and the same octets in another
 * type of text, count as equal; a clock may have moved on.
 * @param since when it was written, by the clock that the meter was opened with.
 * @throws LinkError, TimeoutError when the line breaks.
 */
export async function readBack(
  meter: MeterCalls,
  ref: AttributeRef<unknown>,
  written: Data,
  since: number,
  options?: CallOptions,
): Promise<ReadBack> {
  const outcome = await meter.tryGet({ ...ref, type: data }, options);
  if (!outcome.ok) return { state: 'unreadable', error: outcome.error };
  const found = outcome.value;
  const isClock = meaningOf(ref) === 'present-time';
  const same = isClock ? isSameClock(written, found, meter.timer.now() - since) : holds(written, found);
  return { state: same ? 'holds' : 'differs', found };
}

/**
 * Writes an attribute and reads it back.
 * @returns that the meter has the value, or why it cannot be read back; never `differs`.
 * @throws UncertainError when the meter took the value and holds another one; AccessError when it refuses.
 */
export async function setAndReadBack(
  meter: MeterCalls,
  ref: AttributeRef<Data>,
  value: Data,
  options?: CallOptions,
): Promise<ReadBack> {
  const since = meter.timer.now();
  await meter.set(ref, value, options);
  const kept = await readBack(meter, ref, value, since, options);
  if (kept.state !== 'differs') return kept;
  const target = attributeTarget(ref);
  throw new UncertainError(
    target,
    `${target}: the meter took ${dataText(value)}, but read back it holds ${dataText(kept.found)}`,
    {
      hint: 'it may take effect later, hold the value in another form, or change by itself: look at it again before writing again',
    },
  );
}

/**
 * Checks whether a change was made whose answer leaves it open.
 * @param error the error of the answer; thrown again unless reading back proves the change.
 */
export async function settled(
  meter: MeterCalls,
  ref: AttributeRef<unknown>,
  written: Data,
  error: UncertainError | AccessError,
  since: number,
): Promise<void> {
  const target = attributeTarget(ref);
  const found = await readBack(meter, ref, written, since).catch(() => undefined);
  if (found?.state === 'holds') {
    meter.remark({
      code: 'order-looked-at',
      text: `the answer to the write did not tell whether it was done (${reasonOf(error)}); it was read back: it is`,
      target,
      weight: 'note',
    });
    return;
  }
  if (error instanceof AccessError || found === undefined || found.state === 'unreadable') throw error;
  throw new UncertainError(error.target, `${error.message}; read back it holds ${dataText(found.found)}`, {
    hint: 'it may still change by itself: look at it again, then decide whether to write again',
    cause: error.cause,
  });
}

/** The reason why the result is unknown, in words. */
export function reasonOf(error: UncertainError | AccessError | DecodeError): string {
  if (error instanceof AccessError) return error.result;
  if (error instanceof DecodeError) return error.message;
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** Whether a value equals the written one, in whatever type of number or text. */
export function holds(written: Data, found: Data): boolean {
  if (Array.isArray(written.value) && Array.isArray(found.value)) {
    const [a, b] = [written.value as readonly Data[], found.value as readonly Data[]];
    return written.type === found.type && a.length === b.length && a.every((item, i) => holds(item, b[i] as Data));
  }
  const [number, other] = [numberOf(written), numberOf(found)];
  if (number !== undefined && other !== undefined) return number === other;
  const [octets, others] = [octetsOf(written), octetsOf(found)];
  if (octets !== undefined && others !== undefined) return equalBytes(octets, others) || isSameTime(written, found);
  return equalBytes(encodeData(written), encodeData(found));
}

/** Whether a date-time equals the written one, with its wildcards filled in: the day of week, for example. */
function isSameTime(written: Data, found: Data): boolean {
  const [set, shown] = [dateTimeOf(written)?.toBytes(), dateTimeOf(found)?.toBytes()];
  if (set === undefined || shown === undefined) return false;
  const deviation = set[9] === 0x80 && set[10] === 0;
  return set.every((octet, i) => octet === shown[i] || octet === 0xff || (deviation && (i === 9 || i === 10)));
}

function numberOf({ value }: Data): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}

function octetsOf(value: Data): Uint8Array | undefined {
  if (value.value instanceof Uint8Array) return value.value;
  if (value.type !== 'visible-string' && value.type !== 'utf8-string') return undefined;
  return toUtf8(value.value);
}

/** Compares instants where both have a deviation, else local times. */
function isSameClock(written: Data, found: Data, passed: number): boolean {
  const [set, shown] = [dateTimeOf(written), dateTimeOf(found)];
  if (set === undefined || shown === undefined) return false;
  const known = set.deviation !== DEVIATION_UNSPECIFIED && shown.deviation !== DEVIATION_UNSPECIFIED;
  const [before, after] = [set, shown].map((time) => (known ? time : time.with({ deviation: 0 })).toMillis());
  if (before === undefined || after === undefined) return false;
  const gone = after - before;
  return gone >= -CLOCK_LEEWAY && gone <= passed + CLOCK_LEEWAY;
}

/**
 * Sets the clock and reads it back. If the meter refuses the time with its deviation, it is given local time with deviation "not
 * specified".
 * @throws AccessError when it refuses both; UncertainError.
 */
export async function setClock(meter: MeterCalls, time: CosemDateTime, options?: CallOptions): Promise<void> {
  const ref = meter.clock().time;
  try {
    await meter.set(ref, time, options);
  } catch (error) {
    if (!(error instanceof AccessError) || error.unassociated || time.deviation === DEVIATION_UNSPECIFIED) throw error;
    try {
      await meter.set(ref, time.with({ deviation: DEVIATION_UNSPECIFIED }), options);
    } catch (second) {
      throw second instanceof AccessError ? error : second;
    }
    meter.remark({
      code: 'clock-deviation',
      text: `the clock takes no deviation from UTC (${error.result}): it was set without one`,
      target: attributeTarget(ref),
      weight: 'note',
    });
  }
}
