/** The signed record of a comparison with a check meter. It states nothing that was not read. */

import { z } from 'zod';
import type { RecordBase } from '../record/record-base.js';
import { recordBase } from '../record/record-schema.js';
import { ACCURACY_CLASSES, type AccuracyClass } from './compare.js';
import type { ComparisonEvidence, CountedEvidence } from './evidence.js';

/** One of both meters in the record. */
export interface ComparedInRecord extends CountedEvidence {
  readonly serial: string;
  readonly accuracy: AccuracyClass;
  /** By how many seconds its clock was ahead of the clock of this machine. */
  readonly ahead: number;
}

/** The record of a comparison. */
export interface MeterComparisonRecord
  extends RecordBase,
    Pick<ComparisonEvidence, 'from' | 'to' | 'difference' | 'verdict' | 'clocks' | 'leftOut' | 'clockLogs'> {
  readonly format: 'cosem-meter-comparison-record-1';
  /** Owner of the key. */
  readonly by: string;
  /** The meter under test. */
  readonly meter: ComparedInRecord;
  readonly checkMeter: ComparedInRecord;
}

const text = z.string();
const whole = z.string().regex(/^\d{1,40}$/);
const number = z.string().regex(/^-?\d{1,40}(?:\.\d{1,20})?$/);
const compared = z.looseObject({
  serial: text,
  accuracy: z.enum(ACCURACY_CLASSES),
  ahead: z.int(),
  counts: whole,
  scaler: z.int().min(-9).max(9),
  blocks: z.int().min(1),
  energy: number,
});

/** Its form. */
export const meterComparisonRecordSchema = z.looseObject({
  ...recordBase,
  format: z.literal('cosem-meter-comparison-record-1'),
  by: text,
  meter: compared,
  checkMeter: compared,
  from: text,
  to: text,
  difference: number.nullable(),
  verdict: z.enum(['within', 'outside', 'too-little']),
  clocks: z.int(),
  leftOut: z.array(
    z.looseObject({
      meter: z.enum(['tested', 'check']),
      why: z.enum(['missing', 'clock-set', 'doubtful', 'no-energy', 'twice']),
    }),
  ),
  clockLogs: z.boolean(),
});
