import type { ConsumerIndex } from '../index/consumer-index.js';
import { checkPosition } from '../index/installation.js';
import type { Refusal } from '../messages.js';
import { type PhotoInput, type PhotoStore, recordedPhotos } from '../photo/photo.js';
import { type GivenPosition, originNear } from '../position/near.js';
import type { RecordContent } from '../record/chain.js';
import type { Disclosure } from '../record/record-base.js';
import type { SurveyRecord } from '../record/survey-record.js';
import { refuse } from '../refused.js';
import { verifyConsumer } from '../step/consumer.js';
import { intend, isoTime, type VisitContext, writtenReason } from '../step/context.js';
import {
  checkDocuments,
  checkInstaller,
  type DocumentInput,
  finalReadingIn,
  type InstallerInput,
  readableIn,
} from '../step/papers.js';
import { takePhotos } from '../step/photos.js';
import { disclosureOf, recordHead, type Signing, signAndWrite } from '../step/sign.js';
import { STEPS_OF, stepName } from '../steps.js';
import type { ConsumerVerifier, OneTimeCode } from '../verification.js';
import { type CodeSent, Visit, type VisitParts, type VisitResult } from '../visit.js';
import { CODE, type Network, SERIAL, type SurveyOrder } from '../work-order.js';
import type { SurveyEvidence } from './evidence.js';
import type { MeterState, SealState, SurveyedMeter } from './meter.js';

/** A step of a survey. */
export type SurveyStep = keyof SurveyEvidence;
/** The result of a step of a survey. */
export type SurveyResult<S extends SurveyStep = SurveyStep> = VisitResult<SurveyEvidence, S>;
type SurveyContext = VisitContext<SurveyEvidence, SurveyOrder>;

/** What a survey works with. */
export interface SurveyParts extends Omit<VisitParts<SurveyOrder>, 'random'> {
  readonly verifier: ConsumerVerifier;
  /** Keeps the digests of documents, and knows those of others. */
  readonly index: ConsumerIndex;
  readonly signing: Omit<Signing, 'write'>;
  readonly photos?: PhotoStore | undefined;
  /** Owner of the signing key: nobody else is accepted as the surveyor. Left out, any name is accepted. */
  readonly keyOwner?: string | undefined;
}

/** The old meter as it is found. */
export interface SurveyedMeterInput {
  /** `-` where it cannot be read. */
  readonly serial: string;
  readonly make?: string | undefined;
  /** kWh, as the register shows them; left out where it cannot be read, which a working meter can. */
  readonly reading?: string | undefined;
  readonly state: MeterState;
  readonly seals: SealState;
  readonly remark?: string | undefined;
}

export interface OldMeterFound {
  /** Null where there is none. */
  readonly meter: SurveyedMeterInput | null;
  /** Why it is another than the order expects. */
  readonly explanation?: string | undefined;
  readonly photos?: readonly PhotoInput[] | undefined;
}

/** The position, by default that of the order. */
export interface PlaceInput extends GivenPosition {
  readonly photos?: readonly PhotoInput[] | undefined;
}

/**
 * The survey of one consumer before the meter comes: letter and card, OTP, documents, network, old meter, position, and a signed record. There is
 * no meter and no key. Like every visit it may end at any point, and another one continues there.
 */
export class SurveySession extends Visit<SurveyEvidence, SurveyOrder> {
  readonly #parts: SurveyParts;

  /** @throws StorageError when the journal cannot be read or written; RefusedError when the order was changed since work on it began. */
  constructor(parts: SurveyParts) {
    super({ ...parts, random: parts.signing.random }, STEPS_OF.survey);
    this.#parts = parts;
  }

  /** Step 1. */
  installer(input: InstallerInput): Promise<SurveyResult<'installer'>> {
    return this.run('installer', (context) => checkInstaller(context, input, this.#parts.keyOwner));
  }

  /** Requests an OTP, as for an installation. */
  requestCode(attempt = 0): Promise<CodeSent> {
    return this.codeRequested(this.#parts.verifier, attempt);
  }

  /** Step 2. The code is used and forgotten. */
  consumer(code: OneTimeCode): Promise<SurveyResult<'consumer'>> {
    return this.run('consumer', (context) => verifyConsumer(context, this.#parts.verifier, code));
  }

  /** Step 3. The numbers are used and forgotten. */
  documents(inputs: readonly DocumentInput[]): Promise<SurveyResult<'documents'>> {
    return this.run('documents', (context) => checkDocuments(context, inputs, this.#parts.index));
  }

  /** Step 4. */
  network(input: Network): Promise<SurveyResult<'network'>> {
    return this.run('network', () => ({
      feeder: networkCodeIn(input.feeder, 'feeder'),
      transformer: networkCodeIn(input.transformer, 'transformer'),
      pole: networkCodeIn(input.pole, 'pole'),
    }));
  }

  /** Step 5. */
  oldMeter(input: OldMeterFound): Promise<SurveyResult<'old-meter'>> {
    return this.run('old-meter', (context) => {
      const meter = checkFound(context, input);
      const kinds = meter === null ? [] : (['old-meter'] as const);
      return { meter, ...takenPhotos(takePhotos(context, this.#parts.photos, kinds, input.photos)) };
    });
  }

  /** Step 6. @param input the position by default that of the order. */
  position(input: PlaceInput): Promise<SurveyResult<'position'>> {
    return this.run('position', (context) => {
      const position = input.position ?? context.order.position;
      checkPosition(position, context.policy);
      const expected = context.order.position;
      const origin = originNear(context, input, expected && { position: expected, by: 'order' });
      const photos = takePhotos(context, this.#parts.photos, ['site'], input.photos);
      return { ...definedOnly({ position, origin }), ...takenPhotos(photos) };
    });
  }

  /** Step 7. @param write writes the certificate; it may be called again after a power cut. */
  certificate(write: Signing<SurveyRecord>['write']): Promise<SurveyResult<'certificate'>> {
    return this.run('certificate', (context) => {
      const { journal, order } = context;
      const documents = journal.evidence('documents')?.documents;
      const begun = journal.pending('certificate', 'sign');
      const person: Disclosure = {
        ...disclosureOf(order, begun?.salt, this.#parts.signing),
        ...definedOnly({ position: journal.evidence('position')?.position, documents }),
      };
      if (begun === undefined) intend(context, 'certificate', { action: 'sign', salt: person.salt });
      this.#parts.index.addDocuments(order.consumer.number, documents ?? []);
      return signAndWrite<SurveyRecord>(contentOf(context, person), person, { ...this.#parts.signing, write });
    });
  }

  /** Skips the documents, where the policy allows it. @returns the reason for refusing; undefined when they were skipped. */
  async skip(step: SurveyStep, reason: string): Promise<Refusal | undefined> {
    return this.skipped(step, reason, () => {
      const isFree = step === 'documents' && this.context.policy.skippable.includes(step);
      if (!isFree) refuse('step-not-skippable', { step: stepName('survey', step) });
    });
  }
}

/** A code of the network, trimmed. @throws RefusedError when it is none. */
export function networkCodeIn(text: string, what: keyof Network): string {
  const code = text.trim();
  return CODE.test(code) ? code : refuse('network-code', { what: `label-${what}` });
}

/** The serial number of a name plate, trimmed. @throws RefusedError when it is none. */
export function serialIn(text: string): string {
  const serial = text.trim();
  return SERIAL.test(serial) ? serial : refuse('serial-form');
}

/** Where the order expects a meter or none, another finding needs an explanation. */
function checkFound(context: SurveyContext, { meter, explanation }: OldMeterFound): SurveyedMeter | null {
  const { oldMeter: expected } = context.order;
  const serial = meter === null ? undefined : readableIn(meter.serial, serialIn);
  const differs = expected !== undefined && expected?.serial !== serial;
  if (differs && explanation === undefined) {
    refuse('survey-meter-differs', {
      expected: expected === null ? 'label-no-meter' : 'label-order-meter',
      found: meter === null ? 'label-no-meter' : 'label-other-meter',
    });
  }
  const why = differs ? { explanation: writtenReason(explanation, context) } : {};
  if (meter === null || serial === undefined) return null;
  const { state, seals } = meter;
  const text = meter.reading?.trim() ?? '';
  const reading = text === '' && state !== 'working' ? null : finalReadingIn(text);
  const plain = (words: string | undefined) => words?.replace(/\s+/g, ' ').trim() || undefined;
  return {
    serial,
    ...definedOnly({ make: plain(meter.make), remark: plain(meter.remark) }),
    reading,
    state,
    seals,
    ...why,
  };
}

function contentOf(context: SurveyContext, person: Disclosure): RecordContent<SurveyRecord> {
  const { journal, order } = context;
  const required = <S extends SurveyStep>(step: S) => journal.evidence(step) as SurveyEvidence[S];
  const { method, reference, verifiedAt } = required('consumer');
  const oldMeter = required('old-meter');
  const photos = recordedPhotos([...(oldMeter.photos ?? []), ...(required('position').photos ?? [])]);
  const left = journal.steps.find(({ step }) => step === 'documents');
  return {
    format: 'cosem-survey-record-1',
    ...recordHead(context, person),
    network: required('network'),
    sanctionedLoad: order.sanctionedLoad,
    installer: required('installer'),
    verification: { method, reference, at: isoTime(context, verifiedAt) },
    ...definedOnly({ documents: journal.evidence('documents')?.documents.map(({ type }) => type) }),
    oldMeter: oldMeter.meter,
    ...definedOnly({ position: required('position').origin }),
    ...(left?.outcome === 'skipped' ? { skipped: { documents: left.reason } } : {}),
    ...(photos.length === 0 ? {} : { photos }),
  };
}

function takenPhotos<P>(photos: readonly P[]): { readonly photos?: readonly P[] } {
  return photos.length === 0 ? {} : { photos };
}

/** Without the members that are undefined. */
function definedOnly<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}
