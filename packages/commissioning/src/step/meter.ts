/** Steps 5, 8 and 9: what the new meter says of itself. */

import { Decimal } from 'cosem';
import type { EventsEvidence, NamePlate, NewMeterEvidence, ReadingsEvidence, TamperFinding } from '../evidence.js';
import type { MeterPort, TamperReport } from '../meter-port.js';
import type { PhotoInput, PhotoStore } from '../photo/photo.js';
import { type Policy, TAMPERS, type Tamper } from '../policy.js';
import { refuse } from '../refused.js';
import { type StepContext, writtenReason } from './context.js';
import { takePhotos } from './photos.js';

const ACTIVE_IMPORT = '1.0.1.8.0.255';
/** Active energy, imported and exported. */
const TOTALS = [ACTIVE_IMPORT, '1.0.2.8.0.255'];

/** What is known about meters beyond this order. */
export interface MeterRegister {
  /** The work order under which a meter now serves another consumer. */
  servedElsewhere(serial: string, consumerNumber: string): string | undefined;
  /** The other open work order that expects a meter. */
  expectedBy(serial: string): string | undefined;
  /** Whether a seal is on another meter. */
  sealUsed(seal: string, serial: string): boolean;
}

export interface NewMeterInput {
  readonly seals: readonly string[];
  /** Of the meter and of its seals. */
  readonly photos?: readonly PhotoInput[] | undefined;
}

/** Step 5. */
export async function checkNewMeter(
  context: StepContext,
  port: MeterPort,
  { seals: given, photos: inputs }: NewMeterInput,
  register: MeterRegister,
  store?: PhotoStore,
): Promise<NewMeterEvidence> {
  const namePlate = await port.namePlate();
  const serial = checkSerial(context, namePlate, register);
  const [, category] = context.order.newMeter.profile.split('/') as [string, string];
  // Some firmware gives no category; then the object list must show it.
  if (namePlate.category !== undefined && namePlate.category !== category) {
    refuse('wrong-category', { category: namePlate.category, expected: category });
  }
  const { firmware } = context.policy.meter;
  if (firmware.length > 0 && !firmware.includes(namePlate.firmware ?? '')) {
    refuse('wrong-firmware', { firmware: namePlate.firmware ?? '?', expected: firmware.join(', ') });
  }
  const seals = checkSeals(context, given, serial, register);
  const photos = takePhotos(context, store, ['new-meter', 'seal'], inputs);
  return { namePlate: { ...namePlate, serial }, seals, ...(photos.length === 0 ? {} : { photos }) };
}

function checkSerial({ order }: StepContext, { serial }: NamePlate, register: MeterRegister): string {
  if (serial === undefined || serial === '') return refuse('serial-unreadable');
  if (serial === order.oldMeter?.serial) refuse('old-is-new', { serial });
  const other = register.expectedBy(serial);
  if (other !== undefined) refuse('meter-of-other-order', { serial, order: other });
  const expected = order.newMeter.serial;
  if (expected !== 'any' && expected !== serial) refuse('wrong-meter', { serial, expected });
  const serving = register.servedElsewhere(serial, order.consumer.number);
  if (serving !== undefined) refuse('duplicate-meter', { serial, order: serving });
  return serial;
}

function checkSeals(
  { policy }: StepContext,
  given: readonly string[],
  serial: string,
  register: MeterRegister,
): readonly string[] {
  const seals = given.map((seal) => seal.trim()).filter((seal) => seal !== '');
  const least = policy.meter.seals;
  if (seals.length < least) refuse('seals-too-few', { least, count: seals.length });
  const twice = seals.find((seal, i) => seals.indexOf(seal) !== i || register.sealUsed(seal, serial));
  if (twice !== undefined) refuse('seal-twice', { seal: twice });
  return seals;
}

/** Step 8. */
export async function takeReadings({ policy }: StepContext, port: MeterPort): Promise<ReadingsEvidence> {
  const energies = await port.energies();
  const time = await port.time();
  const clockStatus = await port.clockStatus();
  const payment = await port.payment();
  const total = energies.find(({ logicalName }) => logicalName === ACTIVE_IMPORT);
  if (total === undefined || total.scaler === null) return refuse('energy-unreadable', { register: ACTIVE_IMPORT });
  for (const { logicalName, value } of energies) checkStart(policy, logicalName, value);
  return { time: time.toText(), clockStatus, energies, payment };
}

/** A new meter has counted what its maker's tests took, in whichever direction. */
function checkStart({ meter: { highestStartReading: limit } }: Policy, logicalName: string, value: string): void {
  if (limit === null || !TOTALS.includes(logicalName)) return;
  const kilo = Decimal.parse(value).shift(-3);
  if (kilo.compare(new Decimal(BigInt(limit))) > 0) refuse('start-reading-high', { reading: kilo.toString(), limit });
}

/** Written explanations, by tamper event. */
export type TamperExplanations = Readonly<Partial<Record<Tamper, string>>>;

/** Step 9. */
export async function checkEvents(
  context: StepContext,
  port: MeterPort,
  explanations: TamperExplanations = {},
): Promise<EventsEvidence> {
  const { watched, explainable } = context.policy.events;
  const report = await port.tampers(watched);
  const { statusWord, unread } = report;
  if (statusWord === null && unread.length > 1) refuse('events-unreadable');
  const findings = watched.flatMap((tamper) => {
    const found = findingOf(tamper, report);
    if (found === undefined) return [];
    const given = explanations[tamper];
    if (given === undefined || !explainable.includes(tamper)) {
      return refuse(tamper, { when: found.times.at(-1) ?? (found.standing ? 'now' : '?') });
    }
    return [{ ...found, explanation: writtenReason(given, context) }];
  });
  return { statusWord, findings, unread };
}

function findingOf(tamper: Tamper, { standing, logged }: TamperReport): Omit<TamperFinding, 'explanation'> | undefined {
  const times = logged.filter(({ code }) => code === TAMPERS[tamper].code).map(({ time }) => time);
  const stands = standing.includes(tamper);
  return stands || times.length > 0 ? { tamper, times, standing: stands } : undefined;
}
