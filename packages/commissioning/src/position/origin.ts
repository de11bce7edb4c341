import type { Fix } from './fix.js';

/** Where a position came from and how good it is, without the position itself: it stands in a record, and says of nobody where they live. */
export interface PositionOrigin {
  /** `gps` is a receiver on a serial port (NMEA 0183), `gpsd` one behind the daemon. */
  readonly by: 'order' | 'survey' | 'typed' | 'gps' | 'gpsd';
  /** Of a receiver: horizontal dilution of precision, satellites, estimated error in metres. */
  readonly hdop?: number | undefined;
  readonly satellites?: number | undefined;
  readonly error?: number | undefined;
  /** Whole metres from where the survey found it, or the order expects it. */
  readonly metres?: number | undefined;
  /** Why it is farther from there than the policy has it. */
  readonly explanation?: string | undefined;
}

/** What is kept of a fix. */
export function originOf({ receiver, hdop, satellites, error }: Fix): PositionOrigin {
  return {
    by: receiver === 'gpsd' ? 'gpsd' : 'gps',
    ...(hdop === undefined ? {} : { hdop }),
    ...(satellites === undefined ? {} : { satellites }),
    ...(error === undefined ? {} : { error: Math.round(error) }),
  };
}
