import { given } from '../src/base/given.js';
import type { Framing } from '../src/contracts/link.js';
import type { AttachOptions } from './serve.js';

/** How a client finds a virtual meter on the line that was served last. */
export interface MeterPlace {
  /** Data link of the line. */
  readonly framing: Framing;
  /** Its wPort, behind a gateway in the wrapper. */
  readonly server?: number;
  /** HDLC: the lower (physical) part of its address, where it has one. */
  readonly serverLower?: number;
}

/** Where a meter is that has such a line of its own. */
export function placeOf({ framing = 'hdlc', lower }: Pick<AttachOptions, 'framing' | 'lower'>): MeterPlace {
  return { framing, ...given({ serverLower: lower }) };
}
