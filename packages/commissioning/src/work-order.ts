import { counted, LANGUAGES, type Language } from 'cosem/inspect';
import { z } from 'zod';
import { canonicalDigest } from './canonical.js';
import { formed, instant, parseDocument, plainText } from './document.js';
import type { OfflineCredential } from './otp.js';

/** A position on earth, in WGS 84 degrees. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

/** Profiles of meters that a work order may expect. */
export const METER_PROFILES = ['is15959/D1', 'is15959/D2'] as const;
export type MeterProfileName = (typeof METER_PROFILES)[number];

/**
 * The utility's order to install one consumer's meter. It contains nothing secret: only the last four digits of the registered mobile
 * number, and nothing about one-time codes.
 */
export interface WorkOrder {
  /** Unique id, which also names the files made from it. */
  readonly id: string;
  readonly issued: string;
  /** Work must not begin after this time. */
  readonly validUntil?: string | undefined;
  readonly language?: Language | undefined;
  readonly consumer: {
    readonly number: string;
    readonly name: string;
    readonly address: string;
    readonly mobileLast4: string;
  };
  /** W. */
  readonly sanctionedLoad: number;
  readonly network: { readonly feeder: string; readonly transformer: string; readonly pole: string };
  readonly position?: Position | undefined;
  /** Null for a new connection. */
  readonly oldMeter: { readonly serial: string; readonly make?: string | undefined } | null;
  readonly newMeter: {
    /** Serial number of the name plate, or `any`. */
    readonly serial: string;
    readonly profile: MeterProfileName;
  };
  /** Where the meter's keys are: a configuration file of `cosem` and a connection in it. Never the keys themselves. */
  readonly keys: { readonly config: string; readonly connection: string };
}

/** A work order, and separately what its one-time codes are checked against, which is never shown. */
export interface WorkOrderFile {
  readonly order: WorkOrder;
  readonly credential: OfflineCredential | undefined;
}

/** Serial numbers of meters, as name plates have them. */
export const SERIAL = /^[A-Za-z0-9][A-Za-z0-9/-]{3,23}$/;
const serial = formed(SERIAL, 'is no serial number; write the 4 to 24 letters and digits of the name plate');
const CODE = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$/;
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

/** The file as the utility writes it. */
export const workOrderSchema = z
  .strictObject({
    $schema: z.string().optional(),
    format: z.literal('cosem-work-order-1'),
    id: formed(
      /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/,
      'is no identification; write up to 40 letters, digits, _ and -',
    ).meta({
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
    sanctionedLoad: z.int().min(1).max(10_000_000).meta({ description: 'W' }),
    network: strict({ feeder: code('feeder'), transformer: code('transformer'), pole: code('pole') }),
    position: position.optional(),
    oldMeter: strict({ serial, make: plainText(40).optional() })
      .nullable()
      .meta({ description: 'The meter to be taken away; null for a new connection' }),
    newMeter: strict({
      serial: formed(
        new RegExp(`^any$|${SERIAL.source}`),
        "is no serial number; write that of the name plate, or 'any'",
      ).meta({ description: "Serial number of the name plate, or 'any'" }),
      profile: z.enum(METER_PROFILES).meta({ description: 'Companion specification and category' }),
    }),
    keys: strict({ config: plainText(200), connection: plainText(60) }).meta({
      description:
        'A configuration file of cosem, and the connection in it with the right to set the clock and to switch the relay',
    }),
    otp: credential.optional(),
  })
  .meta({ id: 'cosem-work-order-1', title: 'Work order for the commissioning of a meter' });

/**
 * Reads a work order.
 * @param file its name, for messages.
 * @throws DocumentError with file, field, reason and what to do for everything that is wrong with it.
 */
export function parseWorkOrder(text: string, file: string): WorkOrderFile {
  const { $schema: _, format: __, otp, consumer, ...rest } = parseDocument(workOrderSchema, text, file);
  const { mobile, ...shown } = consumer;
  return {
    order: { ...rest, consumer: { ...shown, mobileLast4: mobile.slice(-4) } },
    credential: otp,
  };
}

/** A digest over the whole order, to notice later changes. */
export function workOrderDigest(order: WorkOrder): string {
  return canonicalDigest(order);
}
