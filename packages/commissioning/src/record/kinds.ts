/** The kinds of signed records. A further kind is one line here, its type and schema, and its page in `certificate/page.ts`. */

import type { z } from 'zod';
import { type MeterComparisonRecord, meterComparisonRecordSchema } from '../comparison/record.js';
import { type PaymentModeRecord, paymentModeRecordSchema } from '../payment-mode/record.js';
import { type ReconnectionRecord, reconnectionRecordSchema } from '../reconnection/record.js';
import type { CommissioningRecord } from './commissioning-record.js';
import type { RecordBase, SignedRecord } from './record-base.js';
import { commissioningRecordSchema } from './record-schema.js';
import { type SurveyRecord, surveyRecordSchema } from './survey-record.js';

/** The records by their format. */
export interface Records {
  readonly 'cosem-commissioning-record-1': CommissioningRecord;
  readonly 'cosem-reconnection-record-1': ReconnectionRecord;
  readonly 'cosem-payment-mode-record-1': PaymentModeRecord;
  readonly 'cosem-meter-comparison-record-1': MeterComparisonRecord;
  readonly 'cosem-survey-record-1': SurveyRecord;
}

export type RecordFormat = keyof Records;
/** A record of any kind; `format` says of which. */
export type AnyRecord = Records[RecordFormat];

/** What the QR code says of a record besides what all records have. */
export interface OwnClaims {
  /** Serial number of the meter that the record is about; empty where there is none. */
  readonly meter: string;
  /** The letter of authorisation; empty where none was shown. */
  readonly letter: string;
  /** Of an installation alone: start reading with its unit, and whether the relay was tested. */
  readonly installation?: { readonly startReading: string; readonly relayTested: boolean } | undefined;
}

/** What is known of a kind of record. */
export interface RecordKind<R extends RecordBase> {
  /** Its form: every field that a page or a screen shows. More fields may be there. */
  readonly schema: z.ZodType;
  readonly claims: (record: R) => OwnClaims;
}

const KINDS: { readonly [F in RecordFormat]: RecordKind<Records[F]> } = {
  'cosem-commissioning-record-1': {
    schema: commissioningRecordSchema,
    claims: ({ meter, installer, readings, relay }) => {
      const total = readings.energies.find(({ logicalName }) => logicalName === '1.0.1.8.0.255');
      const startReading = total === undefined ? '' : `${total.value} ${total.unit}`;
      return {
        meter: meter.namePlate.serial,
        letter: installer.letter,
        installation: { startReading, relayTested: relay !== undefined },
      };
    },
  },
  'cosem-reconnection-record-1': {
    schema: reconnectionRecordSchema,
    claims: ({ meter }) => ({ meter: meter.serial, letter: '' }),
  },
  'cosem-payment-mode-record-1': {
    schema: paymentModeRecordSchema,
    claims: ({ meter }) => ({ meter: meter.serial, letter: '' }),
  },
  'cosem-meter-comparison-record-1': {
    schema: meterComparisonRecordSchema,
    claims: ({ meter }) => ({ meter: meter.serial, letter: '' }),
  },
  'cosem-survey-record-1': {
    schema: surveyRecordSchema,
    claims: ({ oldMeter, installer }) => ({ meter: oldMeter?.serial ?? '', letter: installer.letter }),
  },
};

/** What is known of a kind; undefined for a format that this version does not know. */
export function recordKind(format: unknown): RecordKind<RecordBase> | undefined {
  return typeof format === 'string' && Object.hasOwn(KINDS, format)
    ? (KINDS[format as RecordFormat] as RecordKind<RecordBase>)
    : undefined;
}

/** Whether a record is of a kind: `isRecord(record, 'cosem-commissioning-record-1')`. */
export function isRecord<F extends RecordFormat>(record: { readonly format: string }, format: F): record is Records[F] {
  return record.format === format;
}

/** Whether a signed record is of a kind. */
export function isSigned<F extends RecordFormat>(signed: SignedRecord, format: F): signed is SignedRecord<Records[F]> {
  return isRecord(signed.record, format);
}
