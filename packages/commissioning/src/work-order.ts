import { counted, LANGUAGES, type Language } from 'cosem/inspect';
import { z } from 'zod';
import { canonicalDigest } from './canonical.js';
import { ACCURACY_CLASSES, type AccuracyClass } from './comparison/compare.js';
import { formed, instant, parseDocument, plainText } from './document.js';
import type { OfflineCredential } from './otp.js';

/** A position on earth, in WGS 84 degrees. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

/** A comparison covers at most five weeks: more no block load profile of IS 15959 has to keep. */
export const MOST_HOURS = 840;

/** Profiles of meters that a work order may expect. */
export const METER_PROFILES = ['is15959/D1', 'is15959/D2'] as const;
export type MeterProfileName = (typeof METER_PROFILES)[number];

/** The consumer of an order, as the utility knows the person. Personal. */
export interface OrderedConsumer {
  readonly number: string;
  readonly name: string;
  readonly address: string;
  readonly mobileLast4: string;
}

/** Where a connection hangs in the network, as codes of the utility. */
export interface Network {
  readonly feeder: string;
  readonly transformer: string;
  readonly pole: string;
}

/** Where a meter's keys are: a configuration file of `cosem` and a connection in it. Never the keys themselves. */
export interface KeysOfMeter {
  readonly config: string;
  readonly connection: string;
}

/** A meter that an order names. */
export interface OrderedMeter {
  /** Serial number of the name plate. */
  readonly serial: string;
  readonly profile: MeterProfileName;
}

/**
 * What every order of the utility says, whatever is to be done. It contains nothing secret: only the last four digits of the registered
 * mobile number, and nothing about one-time codes.
 */
interface OrderBase {
  /** Unique id, which also names the files made from it. */
  readonly id: string;
  readonly issued: string;
  /** Work must not begin after this time. */
  readonly validUntil?: string | undefined;
  readonly language?: Language | undefined;
  readonly consumer: OrderedConsumer;
}

/** The order to install one consumer's meter: `cosem commission`. Files without `kind` are of this one. */
export interface InstallationOrder extends OrderBase {
  readonly kind: 'installation';
  /** W. */
  readonly sanctionedLoad: number;
  readonly network: Network;
  readonly position?: Position | undefined;
  /** Null for a new connection. */
  readonly oldMeter: { readonly serial: string; readonly make?: string | undefined } | null;
  readonly newMeter: {
    /** Serial number of the name plate, or `any`. */
    readonly serial: string;
    readonly profile: MeterProfileName;
  };
  readonly keys: KeysOfMeter;
}

/** The order to survey one consumer before the meter comes: `cosem survey`. What it says of the place is what the utility expects. */
export interface SurveyOrder extends OrderBase {
  readonly kind: 'survey';
  /** W. */
  readonly sanctionedLoad: number;
  readonly network?: { readonly [K in keyof Network]?: string | undefined } | undefined;
  readonly position?: Position | undefined;
  /** Null where the utility knows of none, left out where it does not know. */
  readonly oldMeter?: { readonly serial: string; readonly make?: string | undefined } | null | undefined;
}

/** The order to find out why a recharged connection is dark, and to close its relay where that is allowed. */
export interface ReconnectionOrder extends OrderBase {
  readonly kind: 'reconnection';
  readonly meter: OrderedMeter;
  readonly keys: KeysOfMeter;
  readonly reconnect: {
    /** `ordered`: the utility orders it; `own-credit`: where the meter itself shows credit; `never`: only find out. */
    readonly close: 'ordered' | 'own-credit' | 'never';
    /** Why, in the utility's words. */
    readonly reason?: string | undefined;
    /** The last recharge in the utility's books: when it was paid, and how much. */
    readonly recharge?: { readonly at: string; readonly rupees?: string | undefined } | undefined;
    /** The hours in which the utility reconnects, `HH:MM`, by the meter's clock; left out, at any time. */
    readonly hours?: { readonly from: string; readonly to: string } | undefined;
  };
}

/** The order to change how a meter is paid. */
export interface PaymentModeOrder extends OrderBase {
  readonly kind: 'payment-mode';
  readonly meter: OrderedMeter;
  readonly keys: KeysOfMeter;
  readonly to: 'prepaid' | 'postpaid';
}

/** A meter that is compared, with the accuracy class that is printed on its name plate; where it is left out somebody is asked. */
export interface ComparedOrderMeter extends OrderedMeter {
  readonly accuracy?: AccuracyClass | undefined;
}

/** The order to compare a consumer's meter with a check meter that counts the same energy. */
export interface MeterComparisonOrder extends OrderBase {
  readonly kind: 'meter-comparison';
  readonly meter: ComparedOrderMeter;
  readonly keys: KeysOfMeter;
  readonly checkMeter: ComparedOrderMeter & { readonly keys: KeysOfMeter };
  /** Over how many of the last hours; a week where it is left out. */
  readonly hours?: number | undefined;
}

/** An order of the utility; `kind` says what is to be done. */
export type WorkOrder = InstallationOrder | SurveyOrder | ReconnectionOrder | PaymentModeOrder | MeterComparisonOrder;
export type WorkOrderKind = WorkOrder['kind'];

/** The command of `cosem` that does orders of a kind. */
export const COMMAND_OF = {
  installation: 'commission',
  survey: 'survey',
  reconnection: 'reconnect',
  'payment-mode': 'payment-mode',
  'meter-comparison': 'compare-meters',
} as const satisfies Readonly<Record<WorkOrderKind, string>>;

/**
 * The serial number of the meter that an order is about: the new one of an installation, `any` where any may be installed; the old one of a
 * survey. Undefined where the order names none.
 */
export function meterOf(order: WorkOrder): string | undefined {
  switch (order.kind) {
    case 'installation':
      return order.newMeter.serial;
    case 'survey':
      return order.oldMeter?.serial;
    default:
      return order.meter.serial;
  }
}

/** A work order, and separately what its one-time codes are checked against, which is never shown. */
export interface WorkOrderFile {
  readonly order: WorkOrder;
  readonly credential: OfflineCredential | undefined;
}

/** Serial numbers of meters, as name plates have them. */
export const SERIAL = /^[A-Za-z0-9][A-Za-z0-9/-]{3,23}$/;
const serial = formed(SERIAL, 'is no serial number; write the 4 to 24 letters and digits of the name plate');
/** Codes of feeders, transformers and poles. */
export const CODE = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$/;
const code = (what: string) =>
  formed(CODE, `is no ${what} code; write up to 32 letters, digits and . _ / - without blanks`);
const hex = (least: number) =>
  formed(
    new RegExp(`^(?:[0-9A-Fa-f]{2}){${least},64}$`),
    `is not hexadecimal of ${counted(least, 'octet')} or more; write two digits an octet`,
  );

export const position = z
  .strictObject({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) })
  .meta({ description: 'WGS 84, degrees' });

const hashedCodes = z
  .strictObject({
    type: z.literal('hashed'),
    n: z
      .int()
      .min(2 ** 14)
      .max(2 ** 18)
      .refine((n) => Number.isInteger(Math.log2(n)), { error: 'is no power of two; 131072 is usual' })
      .meta({ description: 'scrypt N, a power of two' }),
    r: z.int().min(1).max(8),
    p: z.int().min(1).max(4),
    codes: z
      .array(strict({ id: code('identification'), salt: hex(16), hash: hex(32), expires: instant }))
      .min(1)
      .max(8),
  })
  .meta({
    description:
      'One-time codes as scrypt hashes (RFC 7914, 32 octets) of their six digits, each with a salt of its own',
  });

const seeded = { seed: hex(16).meta({ description: 'the seed, hexadecimal' }), expires: instant };

const credential = z
  .discriminatedUnion('type', [
    hashedCodes,
    strict({ type: z.literal('hotp'), ...seeded, counter: z.int().min(0), window: z.int().min(0).max(20).optional() }),
    strict({
      type: z.literal('totp'),
      ...seeded,
      step: z.int().min(30).max(900).optional(),
      skew: z.int().min(0).max(3).optional(),
    }),
  ])
  .meta({ description: 'How the OTP is checked without a network' });

function strict<S extends z.core.$ZodLooseShape>(shape: S) {
  return z.strictObject(shape);
}

const base = {
  $schema: z.string().optional(),
  format: z.literal('cosem-work-order-1'),
  id: formed(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/, 'is no identification; write up to 40 letters, digits, _ and -').meta({
    description: 'Unique in the utility; names the files that are made of the order',
  }),
  issued: instant,
  validUntil: instant.optional(),
  language: z.enum(LANGUAGES).optional().meta({ description: "the consumer's language" }),
  consumer: strict({
    number: formed(/^[A-Za-z0-9/-]{4,24}$/, 'is no consumer number; write 4 to 24 letters and digits'),
    name: plainText(80),
    address: plainText(200),
    mobile: formed(
      /^(?:\+?91)?[6-9][0-9]{9}$/,
      'is no Indian mobile number; write its ten digits, +91 may stand before',
    ).meta({
      description: 'The registered mobile number; only its last four digits are ever kept or shown',
    }),
  }),
};
const sanctionedLoad = z.int().min(1).max(10_000_000).meta({ description: 'W' });
const network = { feeder: code('feeder'), transformer: code('transformer'), pole: code('pole') };
const oldMeter = strict({ serial, make: plainText(40).optional() })
  .nullable()
  .meta({ description: 'The meter to be taken away; null for a new connection' });
const profile = z.enum(METER_PROFILES).meta({ description: 'Companion specification and category' });
const meter = { serial, profile };
const keysFor = (right: string) =>
  strict({ config: plainText(200), connection: plainText(60) }).meta({
    description: `A configuration file of cosem, and the connection in it with the right to ${right}`,
  });

const installation = z
  .strictObject({
    ...base,
    kind: z.literal('installation').optional(),
    sanctionedLoad,
    network: strict(network),
    position: position.optional(),
    oldMeter,
    newMeter: strict({
      serial: formed(
        new RegExp(`^any$|${SERIAL.source}`),
        "is no serial number; write that of the name plate, or 'any'",
      ).meta({ description: "Serial number of the name plate, or 'any'" }),
      profile,
    }),
    keys: keysFor('set the clock and to switch the relay'),
    otp: credential.optional(),
  })
  .meta({ description: 'The commissioning of a meter' });

const survey = z
  .strictObject({
    ...base,
    kind: z.literal('survey'),
    sanctionedLoad,
    network: strict(network).partial().optional().meta({ description: 'What the utility expects' }),
    position: position.optional(),
    oldMeter: oldMeter.optional(),
    otp: credential.optional(),
  })
  .meta({ description: 'The survey of a consumer before the meter comes' });

const timeOfDay = formed(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'is no time of day; write HH:MM, such as 08:00');

const reconnection = z
  .strictObject({
    ...base,
    kind: z.literal('reconnection'),
    meter: strict(meter),
    keys: keysFor('switch the relay'),
    reconnect: strict({
      close: z.enum(['ordered', 'own-credit', 'never']).meta({
        description:
          'ordered: the utility orders it; own-credit: where the meter itself shows credit; never: only find out',
      }),
      reason: plainText(200).optional(),
      recharge: strict({
        at: instant,
        rupees: formed(/^\d{1,7}(?:\.\d{2})?$/, 'is no amount; write rupees, such as 500 or 499.50').optional(),
      })
        .optional()
        .meta({ description: 'The last recharge in the books of the utility' }),
      hours: strict({ from: timeOfDay, to: timeOfDay }).optional().meta({
        description: "When the utility reconnects, by the meter's clock; over midnight where `to` is earlier",
      }),
    }),
  })
  .meta({ description: 'A recharged connection that is dark' });

const paymentMode = z
  .strictObject({
    ...base,
    kind: z.literal('payment-mode'),
    meter: strict(meter),
    keys: keysFor('change the payment mode'),
    to: z.enum(['prepaid', 'postpaid']),
  })
  .meta({ description: 'A change of how a meter is paid' });

const compared = {
  ...meter,
  accuracy: z.enum(ACCURACY_CLASSES).optional().meta({ description: 'Accuracy class as on the name plate' }),
};

const meterComparison = z
  .strictObject({
    ...base,
    kind: z.literal('meter-comparison'),
    meter: strict(compared),
    keys: keysFor('read'),
    checkMeter: strict({ ...compared, keys: keysFor('read the check meter') }),
    hours: z
      .int()
      .min(1)
      .max(MOST_HOURS)
      .optional()
      .meta({ description: 'Over how many of the last hours; 168 where left out' }),
  })
  .meta({ description: 'A comparison with a check meter' });

/** The file as the utility writes it. */
export const workOrderSchema = z
  .discriminatedUnion('kind', [installation, survey, reconnection, paymentMode, meterComparison], {
    error: ({ code }) =>
      code === 'invalid_union'
        ? `is no kind of work order; write one of ${Object.keys(COMMAND_OF).join(', ')}`
        : undefined,
  })
  .meta({ id: 'cosem-work-order-1', title: 'Work order: installation where it says no kind' });

/**
 * Reads a work order.
 * @param file its name, for messages.
 * @throws DocumentError with file, field, reason and what to do for everything that is wrong with it.
 */
export function parseWorkOrder(text: string, file: string): WorkOrderFile {
  const { $schema: _, format: __, consumer, ...rest } = parseDocument(workOrderSchema, text, file);
  const { otp, ...order } = { otp: undefined, ...rest };
  const { mobile, ...shown } = consumer;
  return {
    order: {
      ...order,
      kind: order.kind ?? 'installation',
      consumer: { ...shown, mobileLast4: mobile.slice(-4) },
    } as WorkOrder,
    credential: otp,
  };
}

/** A digest over the whole order, to notice later changes. That an installation says its kind is none. */
export function workOrderDigest(order: WorkOrder): string {
  const { kind, ...rest } = order;
  return canonicalDigest(kind === 'installation' ? rest : order);
}
