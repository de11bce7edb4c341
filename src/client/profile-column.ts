import type { CaptureColumn } from '../companion/companion.js';
import type { ScalerUnit } from './readings.js';

/** A column of a profile: what is captured, and what its numbers mean. */
export interface ProfileColumn extends CaptureColumn {
  readonly name: string;
  /** Of a register's value; `unknown` where the meter did not tell it; undefined where the column has none. */
  readonly scalerUnit: ScalerUnit | 'unknown' | undefined;
  /** Whether it is the clock's time. */
  readonly isTime: boolean;
}
