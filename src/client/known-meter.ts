import type { CosemDateTime } from '../codec/datetime.js';
import type { Companion, ReadingSpec } from '../companion/companion.js';
import type { AttributeRef } from '../cosem/class.js';
import type { MeterCache } from './meter-cache.js';
import type { CallOptions, MeterCalls } from './meter-calls.js';
import type { ListedObject } from './object-list.js';
import type { Outcome } from './outcome.js';
import type { Reading, ScalerUnit } from './readings.js';

/** A meter with what it told on earlier visits: what profiles and readings need in addition to its calls. */
export interface KnownMeter extends MeterCalls {
  /** @internal */
  readonly cache: MeterCache | undefined;
  /** What it follows, where that is known: the names of its values. */
  readonly companion: Companion | undefined;
  /** @internal */
  knownObjects(): Promise<readonly ListedObject[] | undefined>;
  readings(specs: readonly ReadingSpec[], options?: CallOptions): Promise<Outcome<Reading>[]>;
  scalerUnits(refs: readonly AttributeRef<ScalerUnit>[], options?: CallOptions): Promise<(ScalerUnit | undefined)[]>;
  timeLike(instant: Date, like: CosemDateTime, otherwise: number): CosemDateTime;
}
