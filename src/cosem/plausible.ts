/** What a value must look like to be that of an attribute: by its class, its logical name and what a specification says of it. */

import { isPrintable } from '../base/bytes.js';
import type { LogicalName } from '../base/obis.js';
import type { Data } from '../codec/data.js';
import { CosemDateTime } from '../codec/datetime.js';
import type { Shape, Type } from '../codec/type.js';
import { DataClass, ProfileGenericV1 } from './classes/storage.js';
import { type AttributeName, attributesOf, isScaled } from './members.js';
import { unitOf, unitQuantity, units } from './units.js';

/** What is known of a value beyond its class. A table holds the numbers that it may be. */
export type ValueKind = 'text' | 'date-time' | 'number' | Readonly<Record<number, unknown>>;

/**
 * Whether a value can be that of an attribute. Strict where the class or the name leaves no doubt: meters err, so that what does not fit is
 * to be asked for again and not to be refused. Nothing (null-data) may stand for any value.
 */
export function canBe(of: AttributeName, value: Data, kind?: ValueKind): boolean {
  if (value.type === 'null-data') return true;
  if (of.attributeId === 1) return namesItself(of.logicalName, value);
  if (kind !== undefined && !isOfKind(kind, value)) return false;
  const types = new Set(attributesOf(of).map(({ type }) => type));
  if (types.size === 0) return true;
  return [...types].some(({ shape }) => {
    if (shape.kind !== 'data') return fitsShape(shape, value, of);
    return kind !== undefined || fitsName(of, value);
  });
}

function namesItself(name: LogicalName, value: Data): boolean {
  return value.type === 'octet-string' && value.value.length === 6 && [...value.value].join('.') === name;
}

const NUMBERS: ReadonlySet<Data['type']> = new Set([
  'integer',
  'long',
  'double-long',
  'long64',
  'unsigned',
  'long-unsigned',
  'double-long-unsigned',
  'long64-unsigned',
  'float32',
  'float64',
  'bcd',
]);
const TEXTS: ReadonlySet<Data['type']> = new Set(['octet-string', 'visible-string', 'utf8-string']);

function isOfKind(kind: ValueKind, value: Data): boolean {
  if (kind === 'text') return isText(value);
  if (kind === 'date-time') return isDateTime(value);
  if (kind === 'number') return NUMBERS.has(value.type);
  return (NUMBERS.has(value.type) || value.type === 'enum') && Object.hasOwn(kind, Number(value.value));
}

/** Padding (NUL, FF) behind it does not matter. */
function isText(value: Data): boolean {
  if (value.type !== 'octet-string') return TEXTS.has(value.type);
  const octets = value.value;
  let end = octets.length;
  while (end > 0 && (octets[end - 1] === 0 || octets[end - 1] === 0xff)) end--;
  return isPrintable(octets.subarray(0, end));
}

function isDateTime(value: Data): boolean {
  if (value.type === 'date-time') return true;
  if (value.type !== 'octet-string' || value.value.length !== 12 || isPrintable(value.value)) return false;
  const { month, dayOfMonth, hour, minute, second } = CosemDateTime.fromBytes(value.value);
  const within = (field: number, most: number) => field <= most || field >= 0xf0;
  return within(month, 12) && within(dayOfMonth, 31) && within(hour, 23) && within(minute, 59) && within(second, 59);
}

// ---- by the logical name, where the class leaves the type open

function fitsName(of: AttributeName, value: Data): boolean {
  const { classId, attributeId } = of;
  if (classId === ProfileGenericV1.id) return value.type === 'array' || value.type === 'compact-array';
  if (isScaled(of)) return NUMBERS.has(value.type) && !isTooNarrow(of.logicalName, value);
  if (classId === DataClass.id && attributeId === DataClass.attributes.value.id) {
    const kind = DATA_KINDS.find(([pattern]) => pattern.test(of.logicalName))?.[1];
    return kind === undefined || isOfKind(kind, value);
  }
  return true;
}

/** Powers, energies, voltages in eight bits are rather a status; power factors and ratios are not. */
function isTooNarrow(name: LogicalName, value: Data): boolean {
  const narrow = value.type === 'unsigned' || value.type === 'integer' || value.type === 'bcd';
  return narrow && quantitiesOf(name).length > 0;
}

/** Data whose use the standard fixes (IEC 62056-6-1). */
const DATA_KINDS: readonly (readonly [RegExp, ValueKind])[] = [
  [/^0\.0\.42\.0\.0\.255$/, 'text'],
  [/^[01]\.\d+\.96\.1\.\d+\.255$/, 'text'],
  [/^1\.\d+\.0\.2\.0\.255$/, 'text'],
  [/^0\.\d+\.43\.1\.\d+\.255$/, 'number'],
];

// ---- by the declared type

function fitsShape(shape: Shape, value: Data, of: AttributeName): boolean {
  if (value.type === 'null-data') return true;
  switch (shape.kind) {
    case 'data':
      return true;
    case 'scalar':
      return fitsScalar(shape, value);
    case 'enum':
      // Some meters send units as unsigned.
      if (value.type !== 'enum' && value.type !== 'unsigned') return false;
      return Object.values(shape.values).includes(value.value) && (shape.values !== units || isUnitOf(value.value, of));
    case 'date-time':
      return isDateTime(value);
    case 'date':
      return value.type === 'date' || (value.type === 'octet-string' && value.value.length === 5);
    case 'time':
      return value.type === 'time' || (value.type === 'octet-string' && value.value.length === 4);
    case 'logical-name':
      return value.type === 'octet-string' && value.value.length === 6;
    case 'array':
      if (value.type === 'compact-array') return true;
      if (value.type !== 'array') return false;
      if (shape.length !== undefined && value.value.length !== shape.length) return false;
      return value.value.every((element) => fitsShape(shape.element.shape, element, of));
    case 'structure': {
      const fields = Object.values(shape.fields);
      if (value.type !== 'structure' || value.value.length !== fields.length) return false;
      return value.value.every((element, i) => fitsShape((fields[i] as Type<unknown>).shape, element, of));
    }
    case 'choice':
      return shape.options.some((option) => fitsShape(option.shape, value, of));
  }
}

function fitsScalar(shape: Extract<Shape, { kind: 'scalar' }>, value: Data): boolean {
  if (TEXTS.has(shape.type)) {
    if (!TEXTS.has(value.type)) return false;
    return shape.length === undefined || (value.value as { length: number }).length === shape.length;
  }
  return value.type === shape.type;
}

/** scaler_unit of a register: energies are not measured in volts. */
function isUnitOf(code: number, { logicalName }: AttributeName): boolean {
  const expected = quantitiesOf(logicalName);
  const quantity = unitQuantity(unitOf(code));
  return expected.length === 0 || quantity === '' || expected.includes(quantity);
}

const ACTIVE = ['active power', 'active energy'];
const REACTIVE = ['reactive power', 'reactive energy'];
const APPARENT = ['apparent power', 'apparent energy'];
/** Value group C of electricity, 1 to 20; 21 to 80 repeat it for the phases (IEC 62056-6-1, table of value group C). */
const QUANTITIES: readonly (readonly string[])[] = [
  ...[ACTIVE, ACTIVE],
  ...Array<readonly string[]>(6).fill(REACTIVE),
  ...[APPARENT, APPARENT, ['current'], ['voltage'], [], ['frequency']],
  ...Array<readonly string[]>(6).fill(ACTIVE),
];

/** What the unit of a register measures, by the unit table; empty where its name does not tell. */
function quantitiesOf(name: LogicalName): readonly string[] {
  const [a, , c = 0, d = 0] = name.split('.').map(Number);
  // Durations and times of maxima (D 32 and so on) keep other units.
  if (a !== 1 || d > 31) return [];
  if (c === 90 || c === 91) return ['current'];
  if (c === 92) return ['voltage'];
  return c >= 1 && c <= 80 ? (QUANTITIES[(c - 1) % 20] ?? []) : [];
}
