import { z } from 'zod';
import { PHOTO_KINDS } from '../photo/photo.js';
import { STEPS } from '../steps.js';

/**
 * The form of records: every field that a page or a screen shows. A record may have more fields, as later versions do; they are signed
 * too.
 */

const text = z.string();
const optionalText = text.optional();

/** What the schema of every kind of record has, beside its `format`. */
export const recordBase = {
  sequence: z.int().min(1),
  previous: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime({ offset: true }),
  utility: text,
  helpline: text,
  freeOfCharge: z.literal(true),
  workOrder: z.looseObject({ id: text, digest: text }),
  consumer: z.looseObject({ number: text, commitment: text }),
  photos: z
    .array(
      z.looseObject({
        kind: z.enum(PHOTO_KINDS),
        hash: z.string().regex(/^[0-9a-f]{64}$/),
        bytes: z.int().min(1),
        takenAt: optionalText,
      }),
    )
    .optional(),
};

/** The installer of a record, of each kind that has one. */
export const installerOfRecord = z.looseObject({
  id: text,
  name: text,
  letter: text,
  letterValidUntil: text,
  identityCardShown: z.literal(true),
});

/** Milliseconds since 1970 that a date can hold, in local time of any offset too. */
const millis = z.int().min(-8.63e15).max(8.63e15);
const load = z.looseObject({ volts: z.array(text), amperes: z.array(text) });
export const switchTime = z.discriminatedUnion('by', [
  z.looseObject({ by: z.literal('meter'), time: text }),
  z.looseObject({ by: z.literal('looks'), after: millis, before: millis }),
]);
/** Units that pages tell with k before them: their values are numbers. */
const DIVIDED: readonly string[] = ['Wh', 'VAh', 'varh', 'W', 'VA', 'var'];
const recordedValue = z
  .looseObject({ logicalName: text, name: text, value: text, unit: text })
  .refine(({ value, unit }) => !DIVIDED.includes(unit) || /^-?\d{1,40}(?:\.\d{1,20})?$/.test(value), {
    path: ['value'],
  });

/** Of the record of a commissioned meter. */
export const commissioningRecordSchema = z.looseObject({
  ...recordBase,
  format: z.literal('cosem-commissioning-record-1'),
  network: z.looseObject({ feeder: text, transformer: text, pole: text }),
  sanctionedLoad: z.number(),
  steps: z.array(
    z.looseObject({
      number: z.int(),
      step: z.enum(STEPS),
      at: text,
      outcome: z.enum(['done', 'skipped']),
      reason: optionalText,
    }),
  ),
  installer: installerOfRecord,
  survey: z.looseObject({ workOrder: text, at: text, by: text, hash: text }).optional(),
  verification: z.looseObject({ method: text, reference: text }).optional(),
  documents: z.array(text).optional(),
  oldMeter: z
    .looseObject({ serial: text.nullable(), finalReading: text.nullable(), condition: text })
    .nullable()
    .optional(),
  meter: z.looseObject({
    namePlate: z.looseObject({
      serial: text,
      deviceId: optionalText,
      manufacturer: optionalText,
      firmware: optionalText,
      meterType: optionalText,
      category: optionalText,
      currentRating: optionalText,
      year: optionalText,
      logicalDeviceName: optionalText,
    }),
    seals: z.array(text),
  }),
  clock: z.looseObject({ before: text, difference: z.number(), set: z.boolean(), deviation: z.number() }).optional(),
  relay: z
    .looseObject({
      mode: z.int(),
      off: z
        .array(z.looseObject({ opened: switchTime, closed: switchTime }))
        .min(1)
        .optional(),
      // Records of earlier versions, which have no `off`.
      openedAt: millis.optional(),
      closedAt: millis.optional(),
      before: load,
      open: load,
      after: load,
      underLoad: z.boolean(),
      resumed: z.boolean(),
    })
    .refine(({ off, openedAt, closedAt }) => off !== undefined || (openedAt !== undefined && closedAt !== undefined))
    .optional(),
  readings: z.looseObject({
    time: text,
    clockStatus: z.number(),
    energies: z.array(recordedValue),
    payment: z.array(recordedValue),
  }),
  events: z
    .looseObject({
      statusWord: text.nullable(),
      findings: z.array(
        z.looseObject({ tamper: text, times: z.array(text), standing: z.boolean(), explanation: text }),
      ),
      unread: z.array(text),
    })
    .optional(),
  indexRow: z.int(),
  position: z.looseObject({ by: text }).optional(),
});
