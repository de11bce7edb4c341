import { z } from 'zod';
import type { SurveyEvidence } from '../survey/evidence.js';
import { METER_STATES, SEAL_STATES } from '../survey/meter.js';
import type { RecordBase } from './record-base.js';
import { installerOfRecord, recordBase } from './record-schema.js';

/** The record of a survey. Position and documents are personal: they are in the `Disclosure` beside it. */
export interface SurveyRecord extends RecordBase {
  readonly format: 'cosem-survey-record-1';
  readonly network: SurveyEvidence['network'];
  /** W. */
  readonly sanctionedLoad: number;
  readonly installer: SurveyEvidence['installer'];
  /** How the consumer was verified, and when by the laptop's clock, ISO 8601. */
  readonly verification: { readonly method: string; readonly reference: string; readonly at: string };
  /** Kinds of the documents, without numbers; left out where the policy let them be skipped. */
  readonly documents?: readonly string[] | undefined;
  /** Null where there is no meter. */
  readonly oldMeter: SurveyEvidence['old-meter']['meter'];
  /** Where the position came from, without it; left out where there is none. */
  readonly position?: SurveyEvidence['position']['origin'];
  /** Why documents were left out. */
  readonly skipped?: { readonly documents?: string | undefined } | undefined;
}

const text = z.string();

export const surveyRecordSchema = z.looseObject({
  ...recordBase,
  format: z.literal('cosem-survey-record-1'),
  network: z.looseObject({ feeder: text, transformer: text, pole: text }),
  sanctionedLoad: z.number(),
  installer: installerOfRecord,
  verification: z.looseObject({ method: text, reference: text, at: text }),
  documents: z.array(text).optional(),
  oldMeter: z
    .looseObject({
      serial: text.nullable(),
      make: text.optional(),
      reading: text.nullable(),
      state: z.enum(METER_STATES),
      seals: z.enum(SEAL_STATES),
      remark: text.optional(),
      explanation: text.optional(),
    })
    .nullable(),
  position: z.looseObject({ by: text }).optional(),
  skipped: z.looseObject({ documents: text.optional() }).optional(),
});
