/** Where the position of a connection came from, for pages: the position itself is personal. */

import { messages } from '../messages.js';
import type { PositionOrigin } from '../position/origin.js';
import { clipped, LONGEST_REASON, type Row } from './page-parts.js';
import { filled, WORDS } from './words.js';

/** None where the record says nothing of it. */
export function positionRows(origin: Partial<PositionOrigin> | undefined): Row[] {
  if (origin?.by === undefined) return [];
  const { by, hdop, satellites, error, metres, explanation } = origin;
  const told = (language: 'hi' | 'en') =>
    [
      Object.hasOwn(messages, `position-by-${by}`) ? messages[`position-by-${by}`][language] : clipped(by, 20),
      ...(hdop === undefined ? [] : [`HDOP ${clipped(String(hdop), 6)}`]),
      ...(satellites === undefined ? [] : [filled(messages['gps-satellites'], { count: satellites })[language]]),
      ...(error === undefined ? [] : [`±${clipped(String(error), 6)} m`]),
      ...(metres === undefined || explanation === undefined ? [] : [filled(WORDS.far, { metres })[language]]),
      ...(explanation === undefined ? [] : [clipped(explanation, LONGEST_REASON)]),
    ].join(', ');
  return [{ label: WORDS.position, value: { hi: told('hi'), en: told('en') } }];
}
