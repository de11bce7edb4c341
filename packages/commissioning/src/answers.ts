/** What an installer would type, read from files: answers given beforehand, and what is remembered from one order to the next. */

import { LANGUAGES, type Language } from 'cosem/inspect';
import { z } from 'zod';
import { DocumentError, parseDocument, plainText } from './document.js';
import { MOST_PHOTOS, PHOTO_KINDS, type PhotoKind } from './photo/photo.js';
import { TAMPERS, type Tamper } from './policy.js';
import type { DocumentInput, InstallerInput, OldMeterInput } from './step/papers.js';
import { STEPS, type StepId } from './steps.js';
import { METER_STATES, SEAL_STATES } from './survey/meter.js';
import type { SurveyedMeterInput } from './survey/session.js';
import { type Network, type Position, position } from './work-order.js';

/**
 * Answers to everything that `cosem commission` asks, for runs in which nobody can be asked. Answers that are not needed may be left out.
 */
export interface Answers {
  readonly language?: Language | undefined;
  readonly installer?: InstallerInput | undefined;
  /**
   * The OTPs, one for each try: six digits, `stdin` to read a line of the standard input, or `env:NAME` to read an environment variable.
   */
  readonly otp: readonly string[];
  /** The documents of the consumer. Their numbers may be `stdin` or `env:NAME` too. */
  readonly documents?: readonly DocumentInput[] | undefined;
  readonly oldMeter?: OldMeterInput | undefined;
  /** What `cosem survey` finds. */
  readonly survey?:
    | {
        readonly network: Network;
        readonly oldMeter: SurveyedMeterInput | null;
        readonly explanation?: string | undefined;
      }
    | undefined;
  readonly seals?: readonly string[] | undefined;
  /** Says that the consumer was told that the supply goes off, and that nobody is at risk. */
  readonly supplyMayBeCut: boolean;
  readonly explanations: Readonly<Partial<Record<Tamper, string>>>;
  readonly position?: Position | undefined;
  /** Why it is far from the position of the order. */
  readonly positionExplanation?: string | undefined;
  /** Photos, by the paths of their files. */
  readonly photos: readonly { readonly kind: PhotoKind; readonly file: string }[];
  /** Steps to be left out, each with its reason. */
  readonly skip: Readonly<Partial<Record<StepId, string>>>;
}

const otp = z
  .string()
  .regex(/^(?:stdin|env:[A-Za-z_][A-Za-z0-9_]*|[0-9]{6})$/, {
    error: 'is no OTP; write stdin, env:NAME, or six digits that are no longer of use to anybody',
  })
  .meta({ description: 'stdin: a line of the standard input; env:NAME: a variable of the environment; or six digits' });
const reading = z
  .union([z.string(), z.number()])
  .transform(String)
  .meta({ description: 'kWh as the register shows them' });
const installer = z.strictObject({
  id: plainText(40),
  name: plainText(80),
  letter: plainText(60),
  letterValidUntil: plainText(10).meta({ description: 'the last day, 2026-12-31' }),
});

export const answersSchema = z
  .strictObject({
    $schema: z.string().optional(),
    format: z.literal('cosem-commissioning-answers-1').default('cosem-commissioning-answers-1'),
    language: z.enum(LANGUAGES).optional(),
    installer: installer.extend({ identityCardShown: z.boolean() }).optional(),
    otp: z
      .union([otp.transform((one) => [one]), z.array(otp).max(5)])
      .default(['stdin'])
      .meta({ description: 'one for each try' }),
    documents: z
      .array(z.strictObject({ type: plainText(40), number: plainText(60) }))
      .max(10)
      .optional()
      .meta({ description: 'their numbers may be stdin or env:NAME' }),
    oldMeter: z
      .strictObject({
        serial: plainText(24),
        finalReading: reading,
        condition: plainText(200),
        explanation: plainText(200).optional(),
      })
      .optional(),
    survey: z
      .strictObject({
        network: z.strictObject({ feeder: plainText(32), transformer: plainText(32), pole: plainText(32) }),
        oldMeter: z
          .strictObject({
            serial: plainText(24),
            make: plainText(40).optional(),
            reading: reading.optional(),
            state: z.enum(METER_STATES),
            seals: z.enum(SEAL_STATES),
            remark: plainText(200).optional(),
          })
          .nullable(),
        explanation: plainText(200).optional(),
      })
      .optional()
      .meta({ description: 'What cosem survey finds: network and old meter, null where there is none' }),
    seals: z.array(plainText(40)).max(10).optional(),
    supplyMayBeCut: z
      .boolean()
      .default(false)
      .meta({ description: 'The consumer was told that the supply goes off for some seconds, and nobody is at risk' }),
    explanations: z.partialRecord(z.enum(Object.keys(TAMPERS) as [Tamper, ...Tamper[]]), plainText(200)).default({}),
    position: position.optional(),
    positionExplanation: plainText(200).optional(),
    photos: z
      .array(z.strictObject({ kind: z.enum(PHOTO_KINDS), file: plainText(400) }))
      .max(PHOTO_KINDS.length * MOST_PHOTOS)
      .default([])
      .meta({ description: 'Photos, by the paths of their files from where the command runs' }),
    skip: z.partialRecord(z.enum(STEPS), plainText(200)).default({}),
  })
  .meta({ id: 'cosem-commissioning-answers-1', title: 'Answers for cosem commission --answers' });

/** Reads a file of answers. @throws DocumentError with every field at fault; none of its values is repeated. */
export function parseAnswers(text: string, file: string): Answers {
  const { $schema: _, format: __, ...answers } = parseDocument(answersSchema, text, file);
  return answers;
}

/** What the installer chose once. It holds nothing about consumers. */
export interface Preferences {
  readonly language?: Language | undefined;
  readonly installer?: Omit<InstallerInput, 'identityCardShown'> | undefined;
}

const preferences = z.object({ language: z.enum(LANGUAGES).optional(), installer: installer.optional() });

/** Reads what is remembered. A damaged file gives nothing, because the installer is then just asked again. */
export function parsePreferences(text: string): Preferences {
  try {
    return parseDocument<Preferences>(preferences, text, 'preferences');
  } catch (error) {
    if (error instanceof DocumentError) return {};
    throw error;
  }
}
