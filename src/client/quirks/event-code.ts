import { Decimal } from '../../codec/decimal.js';
import type { Companion, EventSpec } from '../../companion/companion.js';
import type { Reading } from '../readings.js';
import { effectsOf } from './match.js';
import type { QuirkSheet } from './sheet.js';

/** Logs whose codes begin above 250: non-rollover events from 251, control events from 301 (IS 15959, annex on events). */
const FIRST: Readonly<Record<string, number>> = { '0.0.96.11.5.255': 251, '0.0.96.11.6.255': 301 };
const OCTET = 0x100;

/**
 * The code of an event that a meter sent, corrected where the meter is known to send only its low octet; undefined where it is not a
 * number.
 */
export function eventCodeOf(sheets: readonly QuirkSheet[], { logicalName, data }: Reading): number | undefined {
  const value = Decimal.of(data);
  if (value === undefined) return undefined;
  const code = Number(value.toString());
  const first = FIRST[logicalName];
  // A code in more than one octet is complete.
  const cut = data.type === 'enum' || data.type === 'unsigned';
  if (first === undefined || !cut || effectsOf(sheets).eventCodes !== 'low-octet') return code;
  return code < first ? code + OCTET : code;
}

/** Attributes that hold the code of the last event of a log. */
const EVENT_CODE = /^0\.0\.96\.11\.\d+\.255$/;
const DATA_CLASS = 1;

/** The event that a reading tells of, in words of the companion specification; undefined where it is no code of an event log. */
export function eventOf(companion: Companion, sheets: readonly QuirkSheet[], reading: Reading): EventSpec | undefined {
  if (reading.classId !== DATA_CLASS || !EVENT_CODE.test(reading.logicalName)) return undefined;
  const code = eventCodeOf(sheets, reading);
  return code === undefined ? undefined : companion.event(code);
}
