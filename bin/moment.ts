import { CosemDateTime } from '../src/index.js';
import { UsageError } from './failure.js';

const FORM = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?\s*(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * A moment as people write it: `2026-11-23`, `2026-11-23 14:05`, `2026-11-23T14:05:00+05:30`. Without an offset it is the meter's local
 * time. A day alone is its first or its last second.
 */
export function parseMoment(text: string, what: string, dayMeans: 'begin' | 'end'): CosemDateTime | Date {
  const match = FORM.exec(text.trim());
  const [, year, month, day, hour, minute, second = '00', offset] = match ?? [];
  if (match === null) {
    throw new UsageError(
      `${what} '${text}' is no date`,
      "write 2026-11-23, or '2026-11-23 14:05:00', or with an offset +05:30",
    );
  }
  const last = hour === undefined && dayMeans === 'end';
  const time = new CosemDateTime({
    year: Number(year),
    month: Number(month),
    dayOfMonth: Number(day),
    hour: last ? 23 : Number(hour ?? 0),
    minute: last ? 59 : Number(minute ?? 0),
    second: last ? 59 : Number(second),
    hundredths: 0,
  });
  if (!time.isSpecified()) throw new UsageError(`${what} '${text}' is a day or time that there is not`);
  if (offset === undefined) return time;
  return time.with({ deviation: -minutesOf(offset) }).toDate() ?? time;
}

/** `+05:30` in minutes. */
function minutesOf(offset: string): number {
  if (/^z$/i.test(offset)) return 0;
  const digits = offset.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return offset.startsWith('-') ? -minutes : minutes;
}
