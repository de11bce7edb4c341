/** Steps 1, 3 and 4: what the installer reads off papers and off the old meter. */

import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { Decimal, toHex } from 'cosem';
import { documentKindIn, wrongFormOf } from '../document-kinds.js';
import type { DocumentsEvidence, InstallerEvidence, OldMeterEvidence } from '../evidence.js';
import type { PhotoInput, PhotoStore } from '../photo/photo.js';
import { refuse } from '../refused.js';
import type { WorkOrder } from '../work-order.js';
import { localDate, photoKindsAsked, type StepContext, surveyOf, type VisitContext, writtenReason } from './context.js';
import { takePhotos } from './photos.js';

export interface InstallerInput {
  readonly id: string;
  readonly name: string;
  /** Number of the letter of authorisation. */
  readonly letter: string;
  /** The last day it is valid: `2026-12-31`, `31-12-2026` or `31/12/2026`. */
  readonly letterValidUntil: string;
  /** Whether the consumer was shown the identity card. */
  readonly identityCardShown: boolean;
}

/** The installer's name, in the spelling of the key's owner. @throws RefusedError when the signing key belongs to somebody else. */
export function installerNameIn(text: string, owner = ''): string {
  const name = text.trim();
  if (owner === '' || name === '') return name;
  const plain = (one: string) => one.normalize('NFKC').replace(/\s+/g, ' ').trim().toLowerCase();
  if (plain(name) !== plain(owner)) refuse('installer-not-signer', { name, owner });
  return owner;
}

/**
 * A day as people in India write it, `31-12-2026`, `31/12/2026`, `31.12.2026`, or `2026-12-31`; the month never comes first.
 * @returns `2026-12-31`; undefined where it is no day.
 */
export function dayIn(text: string): string | undefined {
  const digits = text.trim().replace(/[\u0966-\u096f]/g, (digit) => String(digit.charCodeAt(0) - 0x966));
  const [, ...iso] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(digits) ?? [];
  const [, first, , second, last] = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$/.exec(digits) ?? [];
  const [year, month = '', day = ''] = iso.length === 3 ? iso : [last, second, first];
  if (year === undefined) return undefined;
  const found = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const at = Date.parse(found);
  // The 30th of February parses as a day of March.
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== found ? undefined : found;
}

/** The last day of a letter as `2026-12-31`, from what {@link dayIn} reads. @throws RefusedError when it is not a date, or in the past. */
export function letterDayIn(
  text: string,
  letter: string,
  { clock, policy }: Pick<StepContext, 'clock' | 'policy'>,
): string {
  const until = dayIn(text) ?? refuse('date-impossible');
  if (localDate(clock.now(), policy) > until) refuse('letter-expired', { letter, until });
  return until;
}

/** The kWh of a register: `12345.6`. @throws RefusedError when the text is not such a number. */
export function finalReadingIn(text: string): string {
  const reading = text.trim();
  if (!/^\d{1,9}(?:\.\d{1,3})?$/.test(reading)) refuse('reading-impossible');
  return reading;
}

/** What is written in place of something that cannot be read: a burnt meter has no number. */
export const UNREADABLE = '-';

/** What was read, checked; null where it cannot be read. @throws as the check. */
export function readableIn<T>(text: string, check: (text: string) => T): T | null {
  return text.trim() === UNREADABLE ? null : check(text);
}

/** Step 1. @param owner the owner of the signing key, who must be the installer. */
export function checkInstaller(
  context: Pick<VisitContext<object, WorkOrder>, 'order' | 'policy' | 'clock'>,
  input: InstallerInput,
  owner?: string,
): InstallerEvidence {
  const { order, clock } = context;
  const now = clock.now();
  if (order.validUntil !== undefined && now > Date.parse(order.validUntil)) {
    refuse('order-expired', { order: order.id, until: order.validUntil });
  }
  const [id, letter] = [input.id.trim(), input.letter.trim()];
  if (id === '' || input.name.trim() === '') refuse('installer-missing');
  const name = installerNameIn(input.name, owner);
  if (letter === '') refuse('letter-missing');
  const until = letterDayIn(input.letterValidUntil, letter, context);
  if (!input.identityCardShown) refuse('card-not-shown');
  return { id, name, letter, letterValidUntil: until, identityCardShown: true };
}

/** A document as the consumer shows it. Its number is used and forgotten. */
export interface DocumentInput {
  readonly type: string;
  readonly number: string;
}

/** Makes the keyed digest of a document, and knows whether it was seen before. */
export interface DocumentRegister {
  digest(type: string, number: string): string;
  /** Whether another consumer gave it. */
  seen(digest: string, consumerNumber: string): boolean;
}

/** HMAC-SHA-256 of kind and number under the utility's key. Different spellings give the same digest. */
export function documentDigest(key: Uint8Array, type: string, number: string): string {
  const text = `${type.trim().toLowerCase()}\0${normalNumber(number)}`;
  return toHex(hmac(sha256, key, new TextEncoder().encode(text))).toLowerCase();
}

function normalNumber(number: string): string {
  return number
    .normalize('NFKC')
    .replace(/[\u0966-\u096f]/g, (digit) => String(digit.charCodeAt(0) - 0x966))
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toUpperCase();
}

/**
 * The number of a document, in capitals and without blanks and dashes.
 * @param place the document's place, for the sentence.
 * @throws RefusedError when it does not have the form of its kind. The number is not repeated.
 */
export function documentNumberIn(number: string, kind: string, place: number): string {
  const normal = normalNumber(number);
  if (normal.length < 4) refuse('document-number', { number: place });
  const form = wrongFormOf(kind, normal);
  if (form !== undefined) refuse('document-form', { number: place, kind, form });
  return normal;
}

/** Step 3. */
export function checkDocuments(
  { order, policy }: Pick<VisitContext<object, WorkOrder>, 'order' | 'policy'>,
  inputs: readonly DocumentInput[],
  register: DocumentRegister,
): DocumentsEvidence {
  const { required, types, refuseSeen } = policy.documents;
  if (inputs.length < required) refuse('documents-too-few', { least: required, count: inputs.length });
  const documents = inputs.map(({ type, number }, i) => {
    const kind = documentKindIn(type);
    const known = types.length === 0 || types.map(documentKindIn).includes(kind);
    if (kind === '' || !known) refuse('document-type', { number: i + 1, types: types.join(', ') });
    const normal = documentNumberIn(number, kind, i + 1);
    const digest = register.digest(kind, normal);
    const seen = register.seen(digest, order.consumer.number);
    if (seen && refuseSeen) refuse('document-seen', { number: i + 1 });
    return { type: kind, last4: normal.slice(-4), digest, seen };
  });
  return { documents };
}

export interface OldMeterInput {
  /** `-` where it cannot be read. */
  readonly serial: string;
  /** kWh, as the register shows them: `12345.6`; `-` where they cannot be read. */
  readonly finalReading: string;
  readonly condition: string;
  /** The explanation where the serial number differs from that of the order, or something cannot be read. */
  readonly explanation?: string | undefined;
  readonly photos?: readonly PhotoInput[] | undefined;
}

/** Step 4. @param input null where there is no old meter. */
export function checkOldMeter(context: StepContext, input: OldMeterInput | null, store?: PhotoStore): OldMeterEvidence {
  const expected = context.order.oldMeter;
  if (expected === null) {
    if (input !== null) refuse('old-meter-unexpected');
    return { meter: null };
  }
  if (input === null || input.serial.trim() === '') return refuse('old-meter-missing', { serial: expected.serial });
  const serial = readableIn(input.serial, (text) => text.trim());
  const finalReading = readableIn(input.finalReading, finalReadingIn);
  if (input.explanation === undefined) {
    if (serial === null || finalReading === null) refuse('old-meter-unreadable', { expected: expected.serial });
    if (serial !== expected.serial) refuse('old-meter-differs', { serial, expected: expected.serial });
  }
  checkAgainstSurvey(context, serial, finalReading, input.explanation);
  const condition = input.condition.replace(/\s+/g, ' ').trim();
  if (condition === '') refuse('condition-missing');
  const explanation =
    serial === expected.serial && input.explanation === undefined
      ? {}
      : { explanation: writtenReason(input.explanation, context) };
  const photos = takePhotos(context, store, photoKindsAsked(context, ['old-meter']), input.photos);
  return { meter: { serial, finalReading, condition, ...explanation }, ...(photos.length === 0 ? {} : { photos }) };
}

/** A register counts up: less than the survey read is a mistake in one of them, or has a reason. @throws RefusedError without one. */
function checkAgainstSurvey(
  context: StepContext,
  serial: string | null,
  reading: string | null,
  explanation: string | undefined,
): void {
  const survey = surveyOf(context);
  const before = survey?.oldMeter;
  if (survey === undefined || before == null || before.serial !== serial || before.reading === null) return;
  if (
    explanation !== undefined ||
    reading === null ||
    Decimal.parse(reading).compare(Decimal.parse(before.reading)) >= 0
  )
    return;
  refuse('reading-below-survey', { reading, before: before.reading, at: survey.at });
}
