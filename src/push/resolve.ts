import { toHex } from '../base/bytes.js';
import { given } from '../base/given.js';
import { checkOptions } from '../base/known-options.js';
import { Reading, type ScalerUnit } from '../client/readings.js';
import type { Data } from '../codec/data.js';
import { CosemDateTime } from '../codec/datetime.js';
import { Decimal } from '../codec/decimal.js';
import { readGeneralizedTime } from '../codec/generalized-time.js';
import { wireValue } from '../codec/wire-value.js';
import { type CaptureColumn, type Companion, type PushSpec, valueTitle } from '../companion/companion.js';
import { companions } from '../companion/companions.js';
import { generic } from '../companion/generic.js';
import type { DataNotification, EventNotification, InformationReport } from '../contracts/services.js';
import { isScaled } from '../cosem/members.js';
import { describeLogicalName } from '../cosem/names.js';
import { type PushBody, type PushElement, readPushBody, textOf } from './elements.js';
import { knownPushSheets, PUSHED_NAMES } from './known-sheets.js';
import { fitsPush, listedObject, lookUp, type PushSheet, scalerUnitOf, type Trust } from './sheet.js';

/** What gives a meaning to values of a push that does not tell it itself. */
export interface ResolveOptions {
  /** Sheets to try in this order; the first that fits is used. Default {@link knownPushSheets}, without those that are `byHand`. */
  readonly sheets?: readonly PushSheet[];
  /** The companion whose push setups and names are used. By default the push setups of all known companions are tried. */
  readonly companion?: Companion;
  /** System title of the sender (8 octets), when the push was ciphered. */
  readonly systemTitle?: Uint8Array;
}

/** A push with the meaning of its values. */
export interface ResolvedPush {
  /** The readings, in the order of the push. */
  readonly readings: readonly Reading[];
  /** Values without a name, in the order of the push. */
  readonly unnamed: readonly Data[];
  /** When it was made, as the meter says: the time of the message, else that of the clock in it. */
  readonly time: CosemDateTime | undefined;
  /** What the meter calls itself in it: logical device name, serial or meter number. It is not authenticated. */
  readonly device: string | undefined;
  /** The list that fits: a sheet, or a push setup of the companion. Undefined where the push tells all itself, or no list fits. */
  readonly list:
    | {
        /** Id of the sheet, or logical name of the push setup. */
        readonly id: string;
        /** Name for people. */
        readonly title: string;
        /** How sure the list is. */
        readonly trust: Trust;
      }
    | undefined;
}

/** Values with what they are of, in order. What cannot be known stays unnamed. @throws StateError for an option that there is not. */
export function resolvePush(
  apdu: DataNotification | EventNotification | InformationReport,
  options: ResolveOptions = {},
): ResolvedPush {
  checkOptions(options, { sheets: true, companion: true, systemTitle: true }, 'resolvePush');
  if (apdu.type === 'event-notification-request') {
    const { classId, instanceId, attributeId } = apdu.attribute;
    const element = { data: apdu.value, classId, logicalName: instanceId.join('.'), attributeId };
    return made([element], undefined, { companion: options.companion ?? generic, time: apdu.time, list: undefined });
  }
  if (apdu.type === 'information-report-request') {
    // What the short names mean only the object list of that meter tells.
    const time = apdu.currentTime && readGeneralizedTime(apdu.currentTime);
    const elements = apdu.values.map((data) => ({ data }));
    return made(elements, undefined, { companion: options.companion ?? generic, time, list: undefined });
  }
  const body = readPushBody(apdu.body);
  const sheet = sheetFor(body, options);
  // A sheet that fits by the type of each element is more certain than a push setup that fits by number.
  const known = options.companion === undefined ? companions : [options.companion];
  const candidates = sheet?.match.types === undefined ? known : [];
  for (const companion of candidates) {
    const setup = setupOf(body, companion);
    if (setup === undefined) continue;
    const elements = body.elements.map(({ data }, i) => ({ data, ...objectIn(setup.objects[i]) }));
    const list = { id: setup.logicalName, title: setup.title, trust: 'documented' } as const;
    return made(elements, undefined, { companion, time: apdu.dateTime, list });
  }
  const { companion = generic } = options;
  const list = sheet && { id: sheet.id, title: sheet.title, trust: sheet.trust };
  return made(namedBy(body, sheet), sheet, { companion, time: apdu.dateTime, list });
}

function objectIn(column: CaptureColumn | undefined): Omit<PushElement, 'data'> {
  if (column === undefined) return {};
  return { classId: column.classId, logicalName: column.logicalName, attributeId: column.attributeIndex };
}

/** The push setup whose list has as many elements, and whose own name is at the same place as in the message. */
function setupOf({ form, elements }: PushBody, companion: Companion): PushSpec | undefined {
  if (form === 'objects') return undefined;
  return companion.categories
    .flatMap(({ pushSetups }) => pushSetups)
    .find(({ logicalName, objects }) => {
      if (objects.length !== elements.length) return false;
      const own = objects.findIndex((object) => object.logicalName === logicalName && object.attributeIndex === 1);
      return own >= 0 && elements[own]?.logicalName === logicalName;
    });
}

function sheetFor({ form, elements, version, setup }: PushBody, options: ResolveOptions): PushSheet | undefined {
  const { sheets = knownPushSheets.filter(({ byHand }) => byHand !== true), systemTitle } = options;
  const traits = {
    form,
    version,
    devices: elements.flatMap(({ data }) => textOf(data) ?? []),
    systemTitle: systemTitle === undefined ? undefined : toHex(systemTitle),
    names: new Set([setup ?? [], elements.flatMap(({ logicalName }) => logicalName ?? [])].flat()),
    types: elements.map(({ data }) => data.type as string),
  };
  return sheets.find((sheet) => fitsPush(sheet, traits));
}

/** Gives names from a sheet to elements without one. */
function namedBy({ form, elements }: PushBody, sheet: PushSheet | undefined): readonly PushElement[] {
  if (sheet === undefined) return elements;
  const list = form === 'values' ? sheet.lists?.find(({ length }) => length === elements.length) : undefined;
  if (list !== undefined) {
    return elements.map((element, i) => ({ ...listedObject(list[i] as string), ...element }));
  }
  const names = [...(sheet.unnamed ?? [])];
  return elements.map((element) => {
    const name = element.logicalName === undefined ? names.shift() : undefined;
    return name === undefined ? element : { ...listedObject(name), ...element };
  });
}

interface Context {
  readonly companion: Companion;
  readonly time: CosemDateTime | undefined;
  readonly list: ResolvedPush['list'];
}

function made(elements: readonly PushElement[], sheet: PushSheet | undefined, context: Context): ResolvedPush {
  const time = context.time ?? clockIn(elements);
  const readings: Reading[] = [];
  const unnamed: Data[] = [];
  for (const element of elements) {
    const { logicalName, data } = element;
    if (logicalName === undefined) unnamed.push(data);
    else readings.push(readingOf({ ...element, logicalName }, sheet, { ...context, time }));
  }
  return { readings, unnamed, time, device: deviceIn(elements), list: context.list };
}

const DATE_TIME_LENGTH = 12;
const CLOCK = /^0\.\d+\.1\.0\.0\.255$/;
/** Objects that hold the name or number of a meter, the most telling first. */
const DEVICE_NAMES = ['0.0.42.0.0.255', '0.0.96.1.0.255', '1.1.0.0.5.255', '1.1.0.0.1.255', '0.0.96.1.1.255'];

function clockIn(elements: readonly PushElement[]): CosemDateTime | undefined {
  const clock = elements.find(({ logicalName }) => logicalName !== undefined && CLOCK.test(logicalName));
  return clock && clockTime(clock.data);
}

/** The octets of a clock object are always a time, even if the day of week in them is wrong. */
function clockTime(data: Data): CosemDateTime | undefined {
  const isTime = (data.type === 'octet-string' || data.type === 'date-time') && data.value.length === DATE_TIME_LENGTH;
  return isTime ? CosemDateTime.fromBytes(data.value) : undefined;
}

function deviceIn(elements: readonly PushElement[]): string | undefined {
  for (const name of DEVICE_NAMES) {
    const element = elements.find(({ logicalName }) => logicalName === name);
    if (element === undefined) continue;
    const text = textOf(element.data) ?? Decimal.of(element.data)?.toString();
    if (text !== undefined) return text;
  }
  return undefined;
}

const DATA = 1;
const REGISTER = 3;
const CLOCK_CLASS = 8;

function readingOf(
  element: PushElement & { readonly logicalName: string },
  sheet: PushSheet | undefined,
  { companion, time }: Context,
): Reading {
  const { data, logicalName } = element;
  const classId = element.classId ?? classFor(logicalName, data);
  const attributeId = element.attributeId ?? 2;
  const valued = isScaled({ classId, attributeId });
  const scalerUnit = scalerFor(element, sheet) ?? (valued && Decimal.of(data) !== undefined ? 'unknown' : undefined);
  const clock = CLOCK.test(logicalName) ? clockTime(data) : undefined;
  return new Reading({
    classId,
    logicalName,
    attributeId,
    name: nameOf({ logicalName, attributeId }, sheet, companion),
    data: clock === undefined ? data : wireValue('date-time', clock.toBytes()),
    ...given({ scalerUnit, time }),
  });
}

/** The class of an object where the push gives none: a Register for numbers of electricity, otherwise Data. */
function classFor(name: string, data: Data): number {
  if (CLOCK.test(name)) return CLOCK_CLASS;
  const [medium, , c] = name.split('.').map(Number);
  return medium === 1 && c !== 0 && c !== 96 && Decimal.of(data) !== undefined ? REGISTER : DATA;
}

function scalerFor(
  { scalerUnit, logicalName, data }: PushElement,
  sheet: PushSheet | undefined,
): ScalerUnit | undefined {
  if (scalerUnit !== undefined) return scalerUnit;
  const told = lookUp(sheet?.scalers, logicalName ?? '');
  return told === undefined || Decimal.of(data) === undefined ? undefined : scalerUnitOf(told);
}

function nameOf(
  value: { readonly logicalName: string; readonly attributeId: number },
  sheet: PushSheet | undefined,
  companion: Companion,
): string {
  return (
    lookUp(sheet?.names, value.logicalName) ??
    valueTitle(companion, value) ??
    lookUp(PUSHED_NAMES, value.logicalName) ??
    describeLogicalName(value.logicalName) ??
    value.logicalName
  );
}
