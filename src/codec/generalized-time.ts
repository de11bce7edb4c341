/** GeneralizedTime (ISO 8824), the time of an information report (IEC 62056-5-3): text such as `20261231235959+0530`. */

import { toLatin1 } from '../base/bytes.js';
import { StateError } from '../base/errors.js';
import { CosemDateTime, DEVIATION_UNSPECIFIED } from './datetime.js';

const FORM = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?(\d\d)?(?:[.,](\d{1,9}))?(?:(Z)|([+-])(\d\d)(\d\d)?)?$/;

/**
 * The time in such octets, also where they are the 12 octets of a date-time. Undefined where they are neither. A time with Z or a difference has a
 * deviation; one without has none.
 */
export function readGeneralizedTime(octets: Uint8Array): CosemDateTime | undefined {
  const text = toLatin1(octets);
  const parts = FORM.exec(text);
  if (parts === null) return octets.length === 12 ? CosemDateTime.fromBytes(octets) : undefined;
  const [year, month, dayOfMonth, hour, minute = 0, second = 0] = parts.slice(1, 7).map((part) => part && Number(part));
  const [, , , , , , , fraction, utc, sign, hours = '0', minutes = '0'] = parts;
  const ahead = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  const time = new CosemDateTime({
    year: year as number,
    month: month as number,
    dayOfMonth: dayOfMonth as number,
    hour: hour as number,
    minute: minute as number,
    second: second as number,
    ...(fraction === undefined ? {} : { hundredths: Math.floor(Number(`0.${fraction}`) * 100) }),
    deviation: utc === undefined && sign === undefined ? DEVIATION_UNSPECIFIED : 0 - ahead,
  });
  return time.problem() === undefined ? time : undefined;
}

/**
 * The text of a time, to the second.
 * @throws StateError for a time with fields that are not specified: such text has no wildcards.
 */
export function writeGeneralizedTime(time: CosemDateTime): Uint8Array {
  const { year, month, dayOfMonth, hour, minute, second, deviation } = time;
  const fields = [year, month, dayOfMonth, hour, minute, second].map((field, i) =>
    String(field).padStart(i === 0 ? 4 : 2, '0'),
  );
  const text = `${fields.join('')}${zone(deviation)}`;
  if (!FORM.test(text) || time.problem() !== undefined || year === 0xffff)
    throw new StateError(`${time.toText()} is no time of a report: some of its fields are not specified`);
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function zone(deviation: number): string {
  if (deviation === DEVIATION_UNSPECIFIED) return '';
  if (deviation === 0) return 'Z';
  const minutes = Math.abs(deviation);
  const parts = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0'));
  return `${deviation < 0 ? '+' : '-'}${parts.join('')}`;
}
