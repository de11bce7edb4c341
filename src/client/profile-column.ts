import type { CaptureColumn } from '../companion/companion.js';
import type { ScalerUnit } from './readings.js';

/** A column of a profile: what is captured, and what its numbers mean. */
export interface ProfileColumn extends CaptureColumn {
  /** What the column holds, in words: the meaning of the logical name, or the name itself. */
  readonly name: string;
  /** Scaler and unit of a register's value; `unknown` where the meter did not give them; undefined where the column has none. */
  readonly scalerUnit: ScalerUnit | 'unknown' | undefined;
  /** Whether the column is the time of the clock. */
  readonly isTime: boolean;
}
