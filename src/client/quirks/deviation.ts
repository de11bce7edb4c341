import { CosemDateTime, DEVIATION_UNSPECIFIED } from '../../codec/datetime.js';
import type { QuirkSheet } from './sheet.js';

/** The right deviation for one that a meter sends. */
function meant(sheets: readonly QuirkSheet[], sent: number): number {
  const known = sheets.findLast(({ effects }) => effects?.deviation?.sends === sent);
  return known?.effects?.deviation?.means ?? sent;
}

/** A time that a meter sent, with the right deviation. */
export function understood(sheets: readonly QuirkSheet[], time: CosemDateTime): CosemDateTime {
  const deviation = meant(sheets, time.deviation);
  return deviation === time.deviation ? time : time.with({ deviation });
}

/** An instant as a meter writes it: its local time, with the deviation that it sends. */
export function asSent(
  sheets: readonly QuirkSheet[],
  instant: Date,
  like: CosemDateTime,
  otherwise: number,
): CosemDateTime {
  const { deviation } = like;
  if (deviation === DEVIATION_UNSPECIFIED) return CosemDateTime.fromDate(instant, otherwise);
  return CosemDateTime.fromDate(instant, meant(sheets, deviation)).with({ deviation });
}
