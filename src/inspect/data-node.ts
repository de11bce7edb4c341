/** Data as nodes: every value with its wire type, and a meaning where its declared type or its octets suggest one. */

import { isPrintable, toHex, toLatin1, unfilled } from '../base/bytes.js';
import { Reader } from '../base/cursor.js';
import { given } from '../base/given.js';
import { counted } from '../base/words.js';
import { readData } from '../codec/axdr.js';
import { compactArrayElements } from '../codec/compact.js';
import type { Data } from '../codec/data.js';
import { CosemDate, CosemDateTime, CosemTime, likelyDateTime, momentDeviation } from '../codec/datetime.js';
import { TAG } from '../codec/tags.js';
import type { Shape, Type } from '../codec/type.js';
import { hasForm } from '../codec/types.js';
import { bitStringToText, floatToJson } from '../codec/wire-value.js';
import type { Companion } from '../companion/companion.js';
import { className } from '../cosem/registry.js';
import { unitOf } from '../cosem/units.js';
import { type Draft, type NodeMeaning, node } from './node.js';
import { attributeName, objectText } from './words.js';

/**
 * The node of the Data at the reader; afterwards the reader is at its end. The caller knows that it decodes.
 * @param type the declared type, when the value fits it.
 */
export function dataNode(r: Reader, name: string, type?: Type<unknown>, companion?: Companion): Draft {
  const start = r.offset;
  const tag = r.peek();
  if (tag !== TAG.array && tag !== TAG.structure) {
    const data = readData(r);
    return node(name, start, r.offset, meaningOf(data, type, companion));
  }
  const kind = tag === TAG.array ? 'array' : 'structure';
  const shape = chosen(type, r)?.shape;
  r.u8();
  const count = r.length();
  const children: Draft[] = [];
  const names = shape?.kind === 'structure' ? Object.keys(shape.fields) : [];
  for (let i = 0; i < count; i++) {
    children.push(dataNode(r, names[i] ?? `[${i}]`, elementType(shape, names[i]), companion));
  }
  const text = kind === 'structure' ? structureText(children, companion) : undefined;
  const elements = counted(count, 'element');
  return node(name, start, r.offset, { type: kind, text: text ?? elements, children });
}

/** For a CHOICE, the alternative of the value at the reader; otherwise the type itself. */
function chosen(type: Type<unknown> | undefined, r: Reader): Type<unknown> | undefined {
  if (type?.shape.kind !== 'choice') return type;
  return alternative(type.shape, readData(new Reader(r.bytes, r.offset, r.end)));
}

function alternative(shape: Extract<Shape, { kind: 'choice' }>, value: Data): Type<unknown> | undefined {
  const option = shape.options.find((candidate) => hasForm(candidate.shape, value));
  return option?.shape.kind === 'choice' ? alternative(option.shape, value) : option;
}

function elementType(shape: Shape | undefined, field: string | undefined): Type<unknown> | undefined {
  if (shape?.kind === 'array') return shape.element;
  return shape?.kind === 'structure' && field !== undefined ? shape.fields[field] : undefined;
}

/** Type, value and text of a value without elements of its own in the octets. */
function meaningOf(data: Data, type: Type<unknown> | undefined, companion: Companion | undefined): NodeMeaning {
  const shape = type?.shape.kind === 'choice' ? alternative(type.shape, data)?.shape : type?.shape;
  switch (data.type) {
    case 'octet-string':
    case 'date-time':
    case 'date':
    case 'time':
      return { type: data.type, value: toHex(data.value), ...octetsText(data, shape, companion) };
    case 'long64':
    case 'long64-unsigned':
      return { type: data.type, value: data.value.toString() };
    case 'bit-string':
      return { type: data.type, value: bitStringToText(data.value) };
    case 'float32':
    case 'float64':
      return { type: data.type, value: floatToJson(data.value) };
    case 'enum':
      return { type: data.type, value: data.value, ...enumText(data.value, shape) };
    case 'compact-array': {
      const elements = compactArrayElements(data.value);
      const children = elements.map((element, i) => heldNode(element, `[${i}]`, companion));
      return { type: data.type, text: counted(elements.length, 'element'), children };
    }
    case 'array':
    case 'structure':
      return { type: data.type, children: data.value.map((element, i) => heldNode(element, `[${i}]`, companion)) };
    default:
      return { type: data.type, value: data.value };
  }
}

/** An element of a compact-array. Its octets have no tags, so it has no offset of its own. */
function heldNode(data: Data, name: string, companion: Companion | undefined): Draft {
  return node(name, 0, 0, meaningOf(data, undefined, companion));
}

function enumText(value: number, shape: Shape | undefined): { text?: string } {
  if (shape?.kind !== 'enum') return {};
  const name = Object.keys(shape.values).find((key) => shape.values[key] === value);
  return given({ text: name });
}

type Octets = Extract<Data, { readonly value: Uint8Array }>;

function octetsText(
  { type, value }: Octets,
  shape: Shape | undefined,
  companion?: Companion,
): Pick<NodeMeaning, 'text' | 'remarks'> {
  const kind = shape?.kind;
  if (kind === 'date-time' || type === 'date-time') return dateTimeMeaning(value);
  if (kind === 'date' || type === 'date') return { text: CosemDate.fromBytes(value).toText() };
  if (kind === 'time' || type === 'time') return { text: CosemTime.fromBytes(value).toText() };
  if (kind === 'logical-name') return { text: objectText(value, companion) };
  return kind === 'scalar' ? printable(value) : { ...guess(value, companion) };
}

/** A date-time as text: `2026-11-23 14:05:00 +05:30`, and its clock status in words. */
export function dateTimeText(octets: Uint8Array): string {
  const dateTime = CosemDateTime.fromBytes(octets);
  const status = dateTime.statusNames();
  return status.length === 0 ? dateTime.toText() : `${dateTime.toText()} (${status.join(', ')})`;
}

/** What an octet-string without a declared type looks like: text, a date-time, a logical name. */
function guess(octets: Uint8Array, companion?: Companion): Pick<NodeMeaning, 'text' | 'remarks'> {
  if (likelyDateTime(octets) !== undefined) return dateTimeMeaning(octets);
  if (octets.length === 6 && octets[5] === 0xff) return { text: objectText(octets, companion) };
  return printable(octets);
}

/** The text of a date-time, and what is wrong with it. */
function dateTimeMeaning(octets: Uint8Array): Pick<NodeMeaning, 'text' | 'remarks'> {
  const problem = CosemDateTime.fromBytes(octets).problem();
  const text = dateTimeText(octets);
  if (problem === undefined) return { text };
  const deviation = momentDeviation(problem);
  return { text, remarks: [`${deviation.code}: ${deviation.text}`] };
}

function printable(octets: Uint8Array): { text?: string } {
  const text = unfilled(octets);
  if (text.length === 0 || !isPrintable(text)) return {};
  const filled = octets.length - text.length;
  return {
    text: filled === 0 ? `"${toLatin1(text)}"` : `"${toLatin1(text)}", filled with ${counted(filled, 'octet')}`,
  };
}

/** Text of structures that are common in the standard: scaler and unit, a column of a profile. */
function structureText(elements: readonly Draft[], companion: Companion | undefined): string | undefined {
  const types = elements.map(({ type }) => type).join(' ');
  if (types === 'integer enum') {
    const [scaler, unit] = elements;
    return `scaler ${scaler?.value}, unit ${unitOf(unit?.value as number)}`;
  }
  if (types !== 'long-unsigned octet-string integer long-unsigned' || elements[1]?.length !== 8) return undefined;
  const [classId, name, attributeId, index] = elements.map(({ value }) => value) as [number, string, number, number];
  const attribute = attributeName(classId, attributeId) ?? `attribute ${attributeId}`;
  const object = objectText(
    Uint8Array.from(name.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16)),
    companion,
  );
  return `${className(classId)} ${object}: ${attribute}${index === 0 ? '' : ` [${index}]`}`;
}
