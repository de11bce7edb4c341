/** What the steps of a comparison leave in the journal. */

import type { Millis } from 'cosem';
import type { CertificateEvidence } from '../evidence.js';
import type { Break } from './align.js';
import type { Classes, ClockedLoad } from './judge.js';

/** What was read from one meter, and when by the clock of this machine. */
export interface LoadRead extends ClockedLoad {
  readonly at: Millis;
  /** Serial number, where the meter tells it. */
  readonly serial: string | undefined;
}

/** The comparison. Amounts are counts as text, because they are exact; times are local by the meters' clocks: `2026-11-23 14:30:00`. */
export interface ComparisonEvidence {
  readonly from: string;
  readonly to: string;
  readonly classes: Classes;
  readonly tested: CountedEvidence;
  readonly check: CountedEvidence;
  /** In percent of the check meter's energy, as text; null where that is zero. */
  readonly difference: string | null;
  readonly verdict: 'within' | 'outside' | 'too-little';
  /** By how many seconds the tested meter's clock is ahead of the check meter's. */
  readonly clocks: number;
  /** What was in the way of more hours; the person agreed to leave it out. */
  readonly leftOut: readonly Pick<Break, 'meter' | 'why'>[];
  /** Whether both meters let their log of changes of the clock be read. */
  readonly clockLogs: boolean;
}

/** What one meter counted. */
export interface CountedEvidence {
  readonly counts: string;
  readonly scaler: number;
  readonly blocks: number;
  /** In Wh, exact. */
  readonly energy: string;
}

/** The evidence of the steps. */
export interface MeterComparisonEvidence {
  readonly 'tested-load': LoadRead;
  readonly 'check-load': LoadRead;
  readonly comparison: ComparisonEvidence;
  readonly certificate: CertificateEvidence;
}

/** What is written before it is done. */
export type MeterComparisonIntent = { readonly action: 'sign'; readonly salt: string };
