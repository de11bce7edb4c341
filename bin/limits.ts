/** Limits that keep a listener from being filled by peers that want nothing of it. */
import type { Millis } from '../src/index.js';
import { wholeIn } from './settings.js';

/** Connections at a time, where nothing else is said. */
export const MAX_CONNECTIONS = 256;

/** The value of an option that is a whole number; `usual` where it was left out. @throws UsageError */
export function wholeOr(value: unknown, option: string, usual: number, least: number, most: number): number {
  return value === undefined ? usual : wholeIn(String(value), option, least, most);
}

/** How long, of an option in so many milliseconds each; 0 is for ever. @throws UsageError */
export function timeLimit(value: unknown, option: string, usual: number, unit: Millis, most: number): Millis {
  const units = wholeOr(value, option, usual, 0, most);
  return units === 0 ? Number.POSITIVE_INFINITY : units * unit;
}
