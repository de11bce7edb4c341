import type { Millis } from './clock.js';
import { StateError } from './errors.js';
import { checkOptions } from './known-options.js';

/** How long to wait before something is tried again: longer each time. */
export interface Backoff {
  /** Pause before the second try, in milliseconds. Default 500. */
  readonly first?: Millis;
  /** Each pause is so many times as long as the one before. Default 2. */
  readonly factor?: number;
  /** The longest pause, in milliseconds. Default 60 s. */
  readonly most?: Millis;
  /** The part of a pause, 0 to 1, that is left to chance, so that meters behind one gateway do not all come back at once. Default 0.5. */
  readonly jitter?: number;
}

/** A random number from 0 up to, not including, 1. */
export type Chance = () => number;

/**
 * The pause before the n-th repeated try, n from 1, in milliseconds.
 * @throws StateError when a number of `backoff` is out of range.
 */
export function pauseBefore(n: number, backoff: Backoff, chance: Chance): Millis {
  const { first, factor, most, jitter } = checkBackoff(backoff);
  const whole = Math.min(most, first * factor ** (n - 1));
  return whole * (1 - jitter * chance());
}

/** @throws StateError when a number of it cannot be. */
export function checkBackoff(backoff: Backoff): Required<Backoff> {
  checkOptions(backoff, { first: true, factor: true, most: true, jitter: true }, 'the pauses between tries');
  const { first = 500, factor = 2, most = 60_000, jitter = 0.5 } = backoff;
  if (!(first >= 0 && most >= 0 && factor >= 1 && jitter >= 0 && jitter <= 1)) {
    throw new StateError('the pauses between tries (backoff) are out of range', {
      hint: 'first and most are milliseconds, factor is 1 or more, jitter from 0 to 1',
    });
  }
  return { first, factor, most, jitter };
}

/** Chance from sixteen random bits of a source of octets. */
export function chanceOf(random: (length: number) => Uint8Array): Chance {
  return () => {
    const [high = 0, low = 0] = random(2);
    return (high * 256 + low) / 65_536;
  };
}
