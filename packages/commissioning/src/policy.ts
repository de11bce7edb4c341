import { z } from 'zod';
import { formed, parseDocument, plainText } from './document.js';
import { DOCUMENT_KINDS } from './document-kinds.js';
import { MOST_PHOTOS } from './photo/photo.js';
import type { FixLimits } from './position/fix.js';
import { POSTPONE_REASONS } from './postpone-reasons.js';
import { isServiceAddress } from './service/http.js';
import { STEPS, type StepId } from './steps.js';

/** The tamper events that step 9 looks for, by event code and by bit of the status word. */
export const TAMPERS = {
  cover: { code: 251, bit: 83 },
  magnet: { code: 201, bit: 81 },
  neutral: { code: 203, bit: 82 },
} as const;
export type Tamper = keyof typeof TAMPERS;

/** The rules of the utility. Every field has a default: an empty object is a policy. */
export interface Policy {
  readonly utility: string;
  /** Telephone number for complaints. */
  readonly helpline: string;
  /** Local time: minutes, UTC = local + deviation; India is -330. */
  readonly deviation: number;
  /** Steps that may be left out, each with a written reason. */
  readonly skippable: readonly StepId[];
  /** The shortest accepted reason or explanation, in characters. */
  readonly reasonLength: number;
  readonly documents: {
    /** How many documents are required. */
    readonly required: number;
    /** Accepted kinds, by default those that the state names; empty for any. */
    readonly types: readonly string[];
    /** Whether to refuse a document that another consumer already gave; otherwise it is only noted. */
    readonly refuseSeen: boolean;
  };
  readonly meter: {
    /** Accepted firmware versions; empty for any. */
    readonly firmware: readonly string[];
    /** How many seals are required. */
    readonly seals: number;
    /** The highest start reading of a new meter in kWh, imported or exported; null for no limit. */
    readonly highestStartReading: number | null;
  };
  readonly clock: {
    /** By how many seconds the clock may be wrong without being set. */
    readonly tolerance: number;
    /** By how many seconds the clock may be wrong to be set; beyond that the meter is refused. */
    readonly correction: number;
  };
  readonly relay: {
    /** How many seconds to wait for the relay to open or close, or for somebody to press the button. */
    readonly patience: number;
    /** Highest current in mA that may flow while the relay is open. */
    readonly residualCurrent: number;
    /** Lowest voltage in V when the supply is back. */
    readonly lowestVoltage: number;
    /** Whether a load must be on before the test, so that the current proves that the relay opened. */
    readonly loadRequired: boolean;
  };
  readonly events: {
    /** The events that must not have happened to the meter, unless they are explained. */
    readonly watched: readonly Tamper[];
    /** The events that a written explanation excuses. */
    readonly explainable: readonly Tamper[];
  };
  readonly index: {
    /** Where meters may be. */
    readonly bounds: { readonly south: number; readonly west: number; readonly north: number; readonly east: number };
    /** W. */
    readonly highestLoad: number;
    readonly positionRequired: boolean;
  };
  /** Positions of receivers and people. */
  readonly position: FixLimits & {
    /** Metres from the position of the order, beyond which an explanation is asked for. */
    readonly farthest: number;
  };
  /** How many photos are wanted, and how large one may be when it is stripped. */
  readonly photos: {
    readonly oldMeter: number;
    readonly newMeter: number;
    /** Of the seals. */
    readonly seal: number;
    /** Of the place where the meter hangs. */
    readonly site: number;
    /** Octets. */
    readonly largest: number;
  };
  readonly postponing: {
    /** The reasons for which an order may be put off, in the order in which they are offered. */
    readonly reasons: readonly string[];
  };
  readonly survey: {
    /** For how many days an installation may take up a survey. */
    readonly validDays: number;
    /** Whether an installation asks an OTP of its own after a survey; else that of the survey stands for both. */
    readonly newOtp: boolean;
  };
  /** The utility's services on a network: https, or on this machine; null where there is none. */
  readonly services: {
    /** Checks OTPs (docs/verification-service.openapi.yaml). */
    readonly verification: string | null;
    /** Takes finished records (docs/commissioning-records.openapi.yaml). */
    readonly records: string | null;
  };
}

const seconds = (least: number, most: number) => z.int().min(least).max(most);
const service = z
  .string()
  .refine(isServiceAddress, {
    error: 'is neither https nor on this machine; write it as https://meters.example.in/api',
  })
  .nullable()
  .default(null);
const photos = z.int().min(0).max(MOST_PHOTOS).default(0);
const tampers = z.array(z.enum(Object.keys(TAMPERS) as [Tamper, ...Tamper[]]));
/** The steps that may be skipped at all. Never those that establish who is at the door and which meter it is, and that prove it. */
const SKIPPABLE = STEPS.filter(
  (step) => !['installer', 'new-meter', 'readings', 'index', 'certificate'].includes(step),
);

/** The file as the utility writes it. */
export const policySchema = z
  .strictObject({
    $schema: z.string().optional(),
    format: z.literal('cosem-commissioning-policy-1').default('cosem-commissioning-policy-1'),
    utility: plainText(80).default('Electricity distribution company'),
    helpline: formed(/^[0-9+ -]{3,20}$/, 'is no telephone number; write digits').default('1912'),
    deviation: z
      .int()
      .min(-840)
      .max(720)
      .default(-330)
      .meta({ description: 'Local time in minutes, UTC = local + deviation: India is -330' }),
    skippable: z
      .array(z.enum(SKIPPABLE as [StepId, ...StepId[]]))
      .default(['documents'])
      .meta({ description: 'Steps that may be left out, with a written reason' }),
    reasonLength: z.int().min(5).max(200).default(10).meta({ description: 'Characters of a reason at least' }),
    documents: z
      .strictObject({
        required: z.int().min(0).max(10).default(1),
        types: z
          .array(plainText(40))
          .default([...DOCUMENT_KINDS])
          .meta({
            description: 'Accepted kinds; other names than these four are kinds of the utility, empty takes any',
          }),
        refuseSeen: z.boolean().default(false),
      })
      .prefault({}),
    meter: z
      .strictObject({
        firmware: z.array(plainText(60)).default([]),
        seals: z.int().min(0).max(10).default(1),
        highestStartReading: z
          .int()
          .min(0)
          .nullable()
          .default(10)
          .meta({ description: 'kWh that a new meter may have counted, in its tests; null for no limit' }),
      })
      .prefault({}),
    clock: z
      .strictObject({ tolerance: seconds(1, 300).default(10), correction: seconds(1, 86_400).default(900) })
      .prefault({}),
    relay: z
      .strictObject({
        patience: seconds(2, 600).default(30),
        residualCurrent: z.int().min(0).max(1000).default(50),
        lowestVoltage: z.int().min(0).max(400).default(150),
        loadRequired: z.boolean().default(false),
      })
      .prefault({}),
    events: z
      .strictObject({ watched: tampers.default(['cover', 'magnet']), explainable: tampers.default(['magnet']) })
      .prefault({}),
    index: z
      .strictObject({
        bounds: z
          .strictObject({
            south: z.number().min(-90).max(90).default(6),
            west: z.number().min(-180).max(180).default(68),
            north: z.number().min(-90).max(90).default(38),
            east: z.number().min(-180).max(180).default(98),
          })
          .prefault({})
          .meta({ description: 'Where meters may be, in degrees; India' }),
        highestLoad: z.int().min(1).max(10_000_000).default(100_000).meta({ description: 'W' }),
        positionRequired: z.boolean().default(false),
      })
      .prefault({}),
    position: z
      .strictObject({
        highestHdop: z.number().min(0.5).max(50).default(5),
        highestError: z.int().min(1).max(10_000).default(50),
        oldest: seconds(2, 3600).default(30),
        farthest: z.int().min(10).max(1_000_000).default(500),
      })
      .prefault({})
      .meta({
        description:
          'Of GPS receivers: highest dilution of precision, error in metres, age in seconds; and how many metres a position may be from that of the order',
      }),
    photos: z
      .strictObject({
        oldMeter: photos,
        newMeter: photos,
        seal: photos,
        site: photos,
        largest: z
          .int()
          .min(100_000)
          .max(32_000_000)
          .default(8_000_000)
          .meta({ description: 'Octets of a photo without its metadata' }),
      })
      .prefault({})
      .meta({ description: 'Photos that are wanted at least, of each kind' }),
    postponing: z
      .strictObject({
        reasons: z
          .array(plainText(60))
          .min(1)
          .max(20)
          .default([...POSTPONE_REASONS])
          .meta({ description: 'Why an order may be put off; other names than these are reasons of the utility' }),
      })
      .prefault({}),
    survey: z
      .strictObject({
        validDays: z
          .int()
          .min(0)
          .max(3650)
          .default(180)
          .meta({ description: 'For how many days an installation may take up a survey' }),
        newOtp: z.boolean().default(false).meta({
          description:
            'Whether an installation asks an OTP of its own after a survey; else that of the survey stands for both',
        }),
      })
      .prefault({}),
    services: z
      .strictObject({ verification: service, records: service })
      .prefault({})
      .meta({ description: 'Addresses of the services for OTPs and for finished records' }),
  })
  .refine(({ clock }) => clock.correction >= clock.tolerance, {
    error: 'is less than the tolerance; make it as large or larger',
    path: ['clock', 'correction'],
  })
  .meta({ id: 'cosem-commissioning-policy-1', title: 'Policy for commissioning' });

/** Reads the utility's policy. @throws DocumentError with every field at fault. */
export function parsePolicy(text: string, file: string): Policy {
  const { $schema: _, format: __, ...policy } = parseDocument(policySchema, text, file);
  return policy;
}

/** The policy of a utility that gives none. */
export const defaultPolicy: Policy = parsePolicy('{}', 'the default policy');
