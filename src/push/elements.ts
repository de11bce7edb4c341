/** Reads the body of a notification: its values, with their names where it contains them. */

import { isPrintable, toLatin1 } from '../base/bytes.js';
import { given } from '../base/given.js';
import { type LogicalName, logicalNameFromBytes } from '../base/obis.js';
import type { ScalerUnit } from '../client/readings.js';
import { dateTimeOf } from '../client/readings.js';
import type { Data } from '../codec/data.js';
import { PushSetupV0 } from '../cosem/classes/push-setup.js';
import { unitOf } from '../cosem/units.js';
import type { PushForm } from './sheet.js';

/** A value of a push, with class and name where the push tells them. */
export interface PushElement {
  readonly data: Data;
  readonly logicalName?: LogicalName;
  /** Undefined where the push gives a name, but no class. */
  readonly classId?: number;
  readonly attributeId?: number;
  readonly scalerUnit?: ScalerUnit;
}

export interface PushBody {
  readonly form: PushForm;
  readonly elements: readonly PushElement[];
  /** The printable text at its beginning, usually the name of its list; undefined where it begins with something else. */
  readonly version: string | undefined;
  /** The push setup whose object list it contains; undefined where it contains none. */
  readonly setup: LogicalName | undefined;
}

/** Takes the body of a DataNotification apart. */
export function readPushBody(body: Data): PushBody {
  const values = body.type === 'structure' || body.type === 'array' ? body.value : [body];
  const listed = listedElements(values);
  if (listed !== undefined) return { form: 'objects', version: undefined, ...listed };
  const all = pairedElements(values);
  const paired = all.some(({ logicalName, classId }) => logicalName !== undefined && classId === undefined);
  // Single-phase meters send null-data in place of the names and values of the other phases.
  const elements = paired
    ? all.filter(({ logicalName, data }) => logicalName !== undefined || data.type !== 'null-data')
    : all;
  const [first] = elements;
  if (paired && first !== undefined && first.logicalName === undefined && dateTimeOf(first.data) !== undefined) {
    // A time before the first name is the time of the whole list.
    const named = [{ ...CLOCK, data: first.data }, ...elements.slice(1)];
    return { form: 'pairs', elements: named, version: undefined, setup: undefined };
  }
  const version = first?.logicalName === undefined && first !== undefined ? textOf(first.data) : undefined;
  return { form: paired ? 'pairs' : 'values', elements, version, setup: undefined };
}

const CLOCK = { logicalName: '0.0.1.0.0.255', classId: 8, attributeId: 2 } as const;

/** A push that contains its own object list (attribute 2 of its push setup): one value for each object, in order. */
function listedElements(values: readonly Data[]): Pick<PushBody, 'elements' | 'setup'> | undefined {
  const at = values.findIndex(
    (value) => value.type === 'array' && value.value.length > 0 && value.value.every(isObject),
  );
  if (at < 0) return undefined;
  const objects = ((values[at] as Data).value as readonly Data[]).map(objectOf);
  const own = objects.findIndex(
    ({ classId, attributeId }) =>
      classId === PushSetupV0.id && attributeId === PushSetupV0.attributes.pushObjectList.id,
  );
  // Usually the list is itself one of the objects; otherwise the values follow it.
  const first = own < 0 ? at + 1 : at - own;
  if (first < 0) return undefined;
  const elements: PushElement[] = [];
  values.forEach((data, i) => {
    if (i === at) return;
    const object = objects[i - first];
    if (object === undefined) elements.push(...pairedElements([data]));
    else elements.push({ data, ...object });
  });
  return { elements, setup: objects[own]?.logicalName };
}

/** Class, logical name, attribute, data index; newer versions of the push setup add more. */
function isObject(value: Data): boolean {
  if (value.type !== 'structure' || value.value.length < 4) return false;
  const [classId, name, attribute, index] = value.value;
  return (
    classId?.type === 'long-unsigned' &&
    name?.type === 'octet-string' &&
    name.value.length === 6 &&
    attribute?.type === 'integer' &&
    index?.type === 'long-unsigned'
  );
}

function objectOf(value: Data): { classId: number; logicalName: LogicalName; attributeId: number } {
  const [classId, name, attribute] = value.value as readonly Data[];
  return {
    classId: classId?.value as number,
    logicalName: logicalNameFromBytes(name?.value as Uint8Array),
    attributeId: attribute?.value as number,
  };
}

/** Values with a name before each, flat or each pair in a structure, with scaler and unit after the value where they are sent. */
function pairedElements(values: readonly Data[]): PushElement[] {
  const elements: PushElement[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as Data;
    const name = nameOf(value);
    const next = values[i + 1];
    if (name === undefined || next === undefined || isSetupName(name)) {
      if (value.type === 'structure' && value.value.length <= 4 && nameOf(value.value[0]) !== undefined) {
        elements.push(...pairedElements(value.value));
      } else if (name !== undefined && isSetupName(name)) {
        elements.push({ data: value, logicalName: name, classId: PushSetupV0.id, attributeId: 1 });
      } else elements.push({ data: value });
      continue;
    }
    const scalerUnit = scalerUnitIn(values[i + 2]);
    elements.push({ data: next, logicalName: name, ...given({ scalerUnit }) });
    i += scalerUnit === undefined ? 1 : 2;
  }
  return elements;
}

/** A logical name as an octet-string: six octets whose first is a medium. No printable text begins with an octet so low. */
function nameOf(data: Data | undefined): LogicalName | undefined {
  if (data?.type !== 'octet-string' || data.value.length !== 6 || (data.value[0] as number) > 15) return undefined;
  return logicalNameFromBytes(data.value);
}

/** The name of a push setup is a value of its own: it says which list the push is. */
function isSetupName(name: LogicalName): boolean {
  return /^0\.\d+\.25\.9\.\d+\.255$/.test(name);
}

function scalerUnitIn(data: Data | undefined): ScalerUnit | undefined {
  if (data?.type !== 'structure' || data.value.length !== 2) return undefined;
  const [scaler, unit] = data.value;
  return scaler?.type === 'integer' && unit?.type === 'enum'
    ? { scaler: scaler.value, unit: unitOf(unit.value) }
    : undefined;
}

/** The text in a string of any type; undefined when it is not text. */
export function textOf(data: Data): string | undefined {
  if (data.type === 'visible-string' || data.type === 'utf8-string') return data.value.trim();
  if (data.type !== 'octet-string' || data.value.length === 0) return undefined;
  const end = data.value.indexOf(0);
  const octets = end > 0 ? data.value.subarray(0, end) : data.value;
  return isPrintable(octets) && dateTimeOf(data) === undefined ? toLatin1(octets).trim() : undefined;
}
