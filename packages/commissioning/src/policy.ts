import { z } from 'zod';
import { formed, parseDocument, plainText } from './document.js';
import { isServiceAddress } from './service/http.js';
import { STEPS, type StepId } from './steps.js';

/** What a step is about may be found wrong on a meter, by event code and by bit of the status word. */
export const TAMPERS = {
  cover: { code: 251, bit: 83 },
  magnet: { code: 201, bit: 81 },
  neutral: { code: 203, bit: 82 },
} as const;
export type Tamper = keyof typeof TAMPERS;

/** What the utility lays down. Every field has a default: an empty object is a policy. */
export interface Policy {
  readonly utility: string;
  /** Telephone number for complaints. */
  readonly helpline: string;
  /** Local time: minutes, UTC = local + deviation; India is -330. */
  readonly deviation: number;
  /** Steps that may be left out, each with a written reason. */
  readonly skippable: readonly StepId[];
  /** The shortest reason or explanation taken, in characters. */
  readonly reasonLength: number;
  readonly documents: {
    /** How many at least. */
    readonly required: number;
    /** Kinds that are taken; any where there is none. */
    readonly types: readonly string[];
    /** Refuse a document that another consumer gave already; else it is only noted. */
    readonly refuseSeen: boolean;
  };
  readonly meter: {
    /** Firmware versions that are taken; any where there is none. */
    readonly firmware: readonly string[];
    /** Seals put on at least. */
    readonly seals: number;
    /** The most that a new meter may have counted, in kWh; no limit where null. */
    readonly highestStartReading: number | null;
  };
  readonly clock: {
    /** Seconds that the meter may be off and is left alone. */
    readonly tolerance: number;
    /** Seconds that it may be off to be set; beyond, it is refused. */
    readonly correction: number;
  };
  readonly relay: {
    /** Seconds to wait until the relay has opened or closed, or somebody has pressed the button. */
    readonly patience: number;
    /** mA that may still flow while it is open. */
    readonly residualCurrent: number;
    /** V at least when the supply is back. */
    readonly lowestVoltage: number;
    /** Whether a load must be on before the test, so that opening is proved by the current. */
    readonly loadRequired: boolean;
  };
  readonly events: {
    /** What must not have happened to the meter, or be explained. */
    readonly watched: readonly Tamper[];
    /** What an explanation in writing is enough for. */
    readonly explainable: readonly Tamper[];
  };
  readonly index: {
    /** Where meters may be. */
    readonly bounds: { readonly south: number; readonly west: number; readonly north: number; readonly east: number };
    /** W. */
    readonly highestLoad: number;
    readonly positionRequired: boolean;
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
const tampers = z.array(z.enum(Object.keys(TAMPERS) as [Tamper, ...Tamper[]]));
/** What no reason can do away with: who is at the door, which meter it is, and the proof of it. */
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
        types: z.array(plainText(40)).default([]),
        refuseSeen: z.boolean().default(false),
      })
      .prefault({}),
    meter: z
      .strictObject({
        firmware: z.array(plainText(60)).default([]),
        seals: z.int().min(0).max(10).default(1),
        highestStartReading: z.int().min(0).nullable().default(null),
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

/** What holds where the utility says nothing. */
export const defaultPolicy: Policy = parsePolicy('{}', 'the default policy');
