import type { Position } from '../work-order.js';

/** What a receiver told of one moment. */
export interface Fix {
  readonly receiver: 'nmea' | 'gpsd';
  readonly position: Position;
  /** When, by the receiver, in milliseconds since 1970; undefined where it told no date. */
  readonly time?: number | undefined;
  /** Horizontal dilution of precision: below 2 is good, above 5 poor. */
  readonly hdop?: number | undefined;
  readonly satellites?: number | undefined;
  /** Estimated error in metres. */
  readonly error?: number | undefined;
  /** Whether it was reckoned, typed or simulated in place of measured. */
  readonly estimated: boolean;
}

/** How a receiver is asked to be trusted. */
export interface FixLimits {
  readonly highestHdop: number;
  /** Metres. */
  readonly highestError: number;
  /** By how many seconds its time may differ from that of this machine. */
  readonly oldest: number;
}

/** Why a fix is not believed; `undefined` where it is. */
export type FixFault =
  | { readonly code: 'gps-estimated' }
  | { readonly code: 'gps-poor'; readonly hdop: number; readonly most: number }
  | { readonly code: 'gps-rough'; readonly error: number; readonly most: number }
  | { readonly code: 'gps-unknown-quality' }
  | { readonly code: 'gps-stale'; readonly seconds: number };

/** @param now milliseconds since 1970, by this machine. */
export function faultOfFix(
  fix: Fix,
  { highestHdop, highestError, oldest }: FixLimits,
  now: number,
): FixFault | undefined {
  const { estimated, hdop, error, time } = fix;
  if (estimated) return { code: 'gps-estimated' };
  if (hdop === undefined && error === undefined) return { code: 'gps-unknown-quality' };
  if (hdop !== undefined && !(hdop <= highestHdop)) return { code: 'gps-poor', hdop, most: highestHdop };
  if (error !== undefined && !(error <= highestError))
    return { code: 'gps-rough', error: Math.round(error), most: highestError };
  const seconds = time === undefined ? 0 : Math.round((now - time) / 1000);
  return Math.abs(seconds) > oldest ? { code: 'gps-stale', seconds } : undefined;
}

const EARTH = 6_371_008.8;

/** Metres between two positions on a sphere of the earth's mean radius, to half a percent. */
export function metresBetween(a: Position, b: Position): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const [north, east] = [radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)];
  const h =
    Math.sin(north / 2) ** 2 + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(east / 2) ** 2;
  return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(h)));
}
