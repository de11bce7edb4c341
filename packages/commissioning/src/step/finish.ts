/** Steps 10 and 11: consumer index and certificate. */

import { Decimal, type Millis } from 'cosem';
import type { CertificateEvidence, Evidence, IndexEvidence } from '../evidence.js';
import type { ConsumerIndex } from '../index/consumer-index.js';
import { checkPosition, type Installation, type ReadingSet } from '../index/installation.js';
import { type PhotoInput, type PhotoStore, recordedPhotos } from '../photo/photo.js';
import { type GivenPosition, originNear } from '../position/near.js';
import type { PositionOrigin } from '../position/origin.js';
import type { RecordContent } from '../record/chain.js';
import type { CommissioningRecord, RecordedStep } from '../record/commissioning-record.js';
import type { Disclosure } from '../record/record-base.js';
import { type StepId, stepNumber } from '../steps.js';
import type { Network, Position } from '../work-order.js';
import { intend, isoTime, photoKindsAsked, type StepContext, surveyOf } from './context.js';
import { takePhotos } from './photos.js';
import { disclosureOf, recordHead, type Signing, signAndWrite } from './sign.js';

/** The position of the meter, by default that of the survey or the order. */
export interface IndexInput extends GivenPosition {
  /** Of the site. */
  readonly photos?: readonly PhotoInput[] | undefined;
}

/** Step 10. */
export function indexInstallation(
  context: StepContext,
  index: ConsumerIndex,
  input: IndexInput,
  store?: PhotoStore,
): IndexEvidence {
  const { order, policy, journal } = context;
  const survey = surveyOf(context);
  const position = input.position ?? survey?.position ?? order.position;
  checkPosition(position, policy);
  const origin = originFor(context, input);
  // Before the row: what is refused leaves none.
  const photos = takePhotos(context, store, photoKindsAsked(context, ['site']), input.photos);
  const installation = installationOf(context, position);
  const row = alreadyIn(index, installation) ?? index.add(installation, finalReadings(context));
  index.addDocuments(order.consumer.number, journal.evidence('documents')?.documents ?? []);
  return { row, ...(origin === undefined ? {} : { position: origin }), ...(photos.length === 0 ? {} : { photos }) };
}

/** Where the position came from, beside that of the survey or the order. */
function originFor(context: StepContext, input: IndexInput): PositionOrigin | undefined {
  const surveyed = surveyOf(context)?.position;
  const position = surveyed ?? context.order.position;
  return originNear(context, input, position && { position, by: surveyed === undefined ? 'order' : 'survey' });
}

/** The row that an interrupted run has already written. The position may since have been typed again, and differently. */
function alreadyIn(index: ConsumerIndex, { workOrder, meter, consumer }: Installation): number | undefined {
  const row = index.ofOrder(workOrder);
  return row?.meter === meter && row.consumer?.number === consumer.number ? row.row : undefined;
}

function installationOf(context: StepContext, position: Position | undefined): Installation {
  const { order } = context;
  const { namePlate, seals } = required(context, 'new-meter');
  const { manufacturer, category } = namePlate;
  const { number, name, address, mobileLast4 } = order.consumer;
  return {
    workOrder: order.id,
    consumer: { number, name, address, mobileLast4, ...(position === undefined ? {} : { position }) },
    meter: namePlate.serial,
    ...(manufacturer === undefined ? {} : { make: manufacturer }),
    ...(category === undefined ? {} : { category }),
    ...(order.oldMeter === null ? {} : { oldMeter: order.oldMeter.serial }),
    ...networkOf(context),
    seals,
    sanctionedLoad: order.sanctionedLoad,
    installedAt: doneAt(context, 'readings'),
    startReadings: readingSet(required(context, 'readings')),
  };
}

function readingSet({ time, energies }: Evidence['readings']): ReadingSet {
  const values = energies.map(({ logicalName: register, value, unit }) => ({ register, value, unit }));
  return { time, values };
}

/** The final reading of the removed meter: kWh on paper, stored in Wh like the registers of new meters. */
function finalReadings(context: StepContext): ReadingSet | undefined {
  const meter = context.journal.evidence('old-meter')?.meter;
  if (meter?.finalReading == null) return undefined;
  const value = Decimal.parse(meter.finalReading).shift(3).toString();
  const time = isoTime(context, doneAt(context, 'old-meter'));
  return { time, values: [{ register: '1.0.1.8.0.255', value, unit: 'Wh' }] };
}

/** Step 11. Each part may be repeated and then has the same result. */
export async function certify(
  context: StepContext,
  signing: Signing<CommissioningRecord>,
): Promise<CertificateEvidence> {
  const { order, journal } = context;
  const begun = journal.pending('certificate', 'sign');
  const person = disclosureOf(order, begun?.salt, signing);
  if (begun === undefined) intend(context, 'certificate', { action: 'sign', salt: person.salt });
  return signAndWrite<CommissioningRecord>(contentOf(context, person), person, signing);
}

/** What was surveyed, by whom and when. */
function surveyed(context: StepContext): Pick<CommissioningRecord, 'survey'> {
  const survey = surveyOf(context);
  if (survey === undefined) return {};
  const { workOrder, at, by, hash } = survey;
  return { survey: { workOrder, at, by, hash } };
}

/** The network as the survey found it, else as the order says. */
function networkOf(context: StepContext): Network {
  return surveyOf(context)?.network ?? context.order.network;
}

/** The photos of all steps, in their order. */
function photosOf({ journal }: StepContext) {
  const steps = ['old-meter', 'new-meter', 'index'] as const;
  const photos = recordedPhotos(steps.flatMap((step) => journal.evidence(step)?.photos ?? []));
  return photos.length === 0 ? {} : { photos };
}

function contentOf(context: StepContext, person: Disclosure): RecordContent<CommissioningRecord> {
  const { order, journal } = context;
  const { evidence } = { evidence: <S extends StepId>(step: S) => journal.evidence(step) };
  const consumer = evidence('consumer');
  const oldMeter = evidence('old-meter');
  const { namePlate, seals } = required(context, 'new-meter');
  return {
    format: 'cosem-commissioning-record-1',
    ...recordHead(context, person),
    network: networkOf(context),
    sanctionedLoad: order.sanctionedLoad,
    steps: recordedSteps(context),
    installer: required(context, 'installer'),
    ...surveyed(context),
    verification: consumer && { method: consumer.method, reference: consumer.reference },
    documents: evidence('documents')?.documents.map(({ type }) => type),
    oldMeter: oldMeter?.meter,
    meter: { namePlate, seals },
    clock: evidence('clock'),
    relay: evidence('relay'),
    readings: required(context, 'readings'),
    events: evidence('events'),
    indexRow: required(context, 'index').row,
    position: required(context, 'index').position,
    ...photosOf(context),
  };
}

/** All steps but the certificate, because they are written on it. */
function recordedSteps(context: StepContext): readonly RecordedStep[] {
  return context.journal.steps.flatMap((state): RecordedStep[] => {
    if (state.outcome !== 'done' && state.outcome !== 'skipped') return [];
    const { step, outcome } = state;
    const common = { number: stepNumber(step), step, at: isoTime(context, state.at), outcome };
    return [outcome === 'skipped' ? { ...common, reason: state.reason } : common];
  });
}

function doneAt({ journal }: StepContext, step: StepId): Millis {
  const state = journal.steps.find((candidate) => candidate.step === step);
  return state === undefined || state.outcome === 'open' ? 0 : state.at;
}

/** The evidence of an earlier step that cannot be skipped. */
function required<S extends StepId>({ journal }: StepContext, step: S): Evidence[S] {
  return journal.evidence(step) as Evidence[S];
}
