import { dataAccessResultNumber } from '../apdu/results.js';
import type { Millis } from '../base/clock.js';
import { AccessError, type DecodeError } from '../base/errors.js';
import type { Data } from '../codec/data.js';
import { CosemDateTime } from '../codec/datetime.js';
import type { AttributeRef } from '../cosem/class.js';
import { DataClass } from '../cosem/classes/storage.js';
import { meaningOf } from '../cosem/members.js';
import type { TemplateLive } from '../cosem/template.js';

/** What a template will contain for an attribute, before its data becomes JSON. */
export type Recorded = { readonly data: Data } | TemplateLive;

/** Objects with the lowest accepted invocation counter (IEC 62056-6-1: frame counters). */
const FRAME_COUNTER = /^0\.\d+\.43\.1\.\d+\.255$/;
/** A clock is recorded to this many seconds: reading it takes time, and two recordings of one meter should be equal. */
const CLOCK_GRAIN = 10;
const DATE_TIME_LENGTH = 12;

/** What was read, with clocks and counters, which change by themselves, marked as such. */
export function recorded(ref: AttributeRef<Data>, data: Data, now: Millis): Recorded {
  const { classId, logicalName, attributeId } = ref;
  if (meaningOf(ref) === 'present-time') return clock(data, now) ?? { data };
  if (classId === DataClass.id && attributeId === 2 && FRAME_COUNTER.test(logicalName)) {
    const { type } = data;
    if (type === 'double-long-unsigned' || type === 'long64-unsigned') return { 'invocation-counter': type };
  }
  return { data };
}

/** The clock; undefined where it does not know the time. */
function clock(data: Data, now: Millis): Recorded | undefined {
  if (data.type !== 'octet-string' && data.type !== 'date-time') return undefined;
  if (data.value.length !== DATE_TIME_LENGTH) return undefined;
  const time = CosemDateTime.fromBytes(data.value);
  const wall = time.with({ deviation: 0 }).toMillis();
  if (wall === undefined) return undefined;
  return {
    clock: {
      type: data.type,
      ahead: Math.round((wall - now) / 1000 / CLOCK_GRAIN) * CLOCK_GRAIN,
      deviation: time.deviation,
      status: time.status,
      weekday: time.dayOfWeek !== 0xff,
      hundredths: time.hundredths !== 0xff,
    },
  };
}

/** The data-access-result of a refusal; `other-reason` for an error without one. */
export function refusalName(error: AccessError | DecodeError): string {
  if (!(error instanceof AccessError)) return 'other-reason';
  return dataAccessResultNumber(error.result) === undefined ? 'other-reason' : error.result;
}
