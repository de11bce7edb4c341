/** Fields of xDLMS APDUs as nodes: what the octets of each field mean. The trace of the decoder tells which octets belong to a field. */

import { conformanceNames } from '../apdu/conformance.js';
import { VAA_LN, VAA_SN } from '../apdu/initiate.js';
import {
  actionResultName,
  confirmedServiceName,
  dataAccessResultName,
  exceptionServiceErrorName,
  serviceErrorCategoryName,
  serviceErrorName,
  stateErrorName,
} from '../apdu/results.js';
import type { ShortNameApdu } from '../apdu/short-names.js';
import { isPrintable, toHex, toLatin1 } from '../base/bytes.js';
import { Reader } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { given } from '../base/given.js';
import { counted } from '../base/words.js';
import { readData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import { readGeneralizedTime } from '../codec/generalized-time.js';
import { className } from '../cosem/registry.js';
import { cutDataNode } from './cut-node.js';
import { dataNode, dateTimeText } from './data-node.js';
import { type Draft, type NodeMeaning, node } from './node.js';
import type { InspectOptions } from './options.js';
import type { Field } from './trace.js';
import { attributeName, isSecret, methodName, objectText, type Target, targetText, typeOf } from './words.js';

/** What the meaning of a field depends on, beside its octets. */
export interface FieldScope {
  readonly bytes: Uint8Array;
  readonly options: InspectOptions;
  /** Name of the APDU's tag: `set-response`. */
  readonly service: string;
  /** The attribute or method to which the n-th value of the APDU belongs. */
  readonly targets: readonly (Target | undefined)[];
  /** Which element of a list this is; 0 outside of lists. */
  readonly index: number;
  /** Class of the attribute or method that this is part of. */
  readonly classId: number;
  /** True when values are left out because they might be secrets: the message is broken, or its request is not known. */
  readonly hidden?: boolean;
}

type Meaner = (r: Reader, scope: FieldScope) => NodeMeaning;

const u8: Meaner = (r) => ({ value: r.u8() });
const u16: Meaner = (r) => ({ value: r.u16() });
const u32: Meaner = (r) => ({ value: r.u32() });
const i8: Meaner = (r) => ({ value: r.i8() });
const flag: Meaner = (r) => ({ value: r.u8() !== 0 });
const named =
  (name: (value: number) => string | undefined): Meaner =>
  (r) => {
    const value = r.u8();
    return withText(value, name(value));
  };
const octets: Meaner = (r) => ({ value: toHex(r.take(r.length())) });
const piece: Meaner = (r, { options }) => {
  const raw = r.take(r.length());
  const text = `${counted(raw.length, 'octet')} of a longer message`;
  return options.mask ? { masked: true, text } : { value: toHex(raw), text };
};
const dateTime: Meaner = (r) => {
  const value = r.take(r.length());
  return value.length === 0 ? { value: null, text: 'not given' } : { value: toHex(value), text: dateTimeText(value) };
};
const conformance: Meaner = (r) => {
  const bits = lastThree(r);
  return { value: hexNumber(bits, 6), text: conformanceNames(bits).join(', ') };
};

/** Meanings by the name of the field, the last step of its path. */
const MEANERS: Readonly<Record<string, Meaner>> = {
  'invoke-id-and-priority': (r) => invokeId(r.u8()),
  'long-invoke-id-and-priority': (r) => longInvokeId(r.u32()),
  'class-id': (r) => {
    const value = r.u16();
    return { value, text: className(value) };
  },
  'instance-id': (r, { options }) => {
    const value = r.take(6);
    return { value: toHex(value), text: objectText(value, options.companion) };
  },
  'attribute-id': (r, { classId }) => {
    const value = r.i8();
    return withText(value, attributeName(classId, value));
  },
  'method-id': (r, { classId }) => {
    const value = r.i8();
    return withText(value, methodName(classId, value));
  },
  'access-selector': u8,
  'data-access-result': named(dataAccessResultName),
  'last-block': flag,
  echo: flag,
  'block-control': (r) => blockControl(r.u8()),
  'raw-data': piece,
  'block-data': piece,
  'date-time': dateTime,
  time: dateTime,
  'current-time': (r) => {
    const value = r.take(r.length());
    return given({ value: toHex(value), text: readGeneralizedTime(value)?.toText() });
  },
  'variable-name': (r, { targets, index }) => {
    const target = targets[index];
    return given({ value: hexNumber(r.u16(), 4), text: target && targetText(target) });
  },
  'state-error': named(stateErrorName),
  'invocation-counter': u32,
  service: named(confirmedServiceName),
  'dedicated-key': (r, scope) => (scope.options.mask ? { masked: true } : octets(r, scope)),
  'response-allowed': flag,
  'proposed-quality-of-service': i8,
  'negotiated-quality-of-service': i8,
  'proposed-dlms-version-number': u8,
  'negotiated-dlms-version-number': u8,
  'proposed-conformance': conformance,
  'negotiated-conformance': conformance,
  'client-max-receive-pdu-size': u16,
  'server-max-receive-pdu-size': u16,
  'network-id': u8,
  'physical-device-address': (r) => {
    const address = r.take(r.length());
    return withText(toHex(address), isPrintable(address) ? toLatin1(address) : undefined);
  },
  'vaa-name': (r) => {
    const value = r.u16();
    return { value: hexNumber(value, 4), text: value === VAA_LN ? 'LN referencing' : value === VAA_SN ? 'SN' : '' };
  },
};

/** Fields that hold Data. */
const DATA_FIELDS: ReadonlySet<string> = new Set([
  'data',
  'value',
  'parameters',
  'parameter',
  'body',
  'access-parameters',
]);
/** Lists whose elements are Data without a name. */
const DATA_LISTS: ReadonlySet<string> = new Set(['values', 'parameters', 'data']);
/** OPTIONAL fields, which are one octet 0 when absent. */
const OPTIONAL: ReadonlySet<string> = new Set([
  'access-selection',
  'parameters',
  'return-parameters',
  'time',
  'current-time',
  'dedicated-key',
  'response-allowed',
  'proposed-quality-of-service',
  'negotiated-quality-of-service',
]);

/** The node of a field, with its inner fields or elements. Octets that do not decode give a node without a meaning. */
export function fieldNode(field: Field, scope: FieldScope, list?: string): Draft {
  const { name, start, end } = field;
  if (field.parts.length > 0) return groupNode(field, scope, list);
  if (field.body === end && end > start) return node(name, start, end, { value: 0, text: 'none' });
  if (OPTIONAL.has(name) && field.body === start && end - start === 1 && scope.bytes[start] === 0) {
    return node(name, start, end, { value: null, text: name === 'response-allowed' ? 'true, the default' : 'absent' });
  }
  try {
    return leafNode(field, scope, list);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const cut = error.reason === 'truncated' && !scope.hidden && !scope.options.mask;
    if (cut && (DATA_FIELDS.has(name) || (list !== undefined && DATA_LISTS.has(list)))) {
      return cutDataNode(new Reader(scope.bytes, field.body, end), name, undefined, scope.options.companion);
    }
    return node(name, start, end, rawMeaning(scope.bytes.subarray(start, end), scope.options));
  }
}

/** Octets whose meaning is not known; where secrets are masked, only their number. */
export function rawMeaning(bytes: Uint8Array, options: InspectOptions): NodeMeaning {
  return options.mask ? { masked: true, text: counted(bytes.length, 'octet') } : { value: toHex(bytes) };
}

function leafNode(field: Field, scope: FieldScope, list: string | undefined): Draft {
  const { name, start, body, end } = field;
  const r = new Reader(scope.bytes, body, end);
  if (DATA_FIELDS.has(name) || (list !== undefined && DATA_LISTS.has(list))) {
    const draft = valueNode(r, name, scope);
    return { ...draft, offset: start, length: end - start };
  }
  const meaner = MEANERS[name] ?? serviceMeaner(list ?? name, scope);
  return node(name, start, end, meaner(r, scope));
}

/** Fields whose meaning depends on the service. */
function serviceMeaner(name: string, { service }: FieldScope): Meaner {
  switch (name) {
    case 'result':
      return named(service === 'action-response' ? actionResultName : dataAccessResultName);
    case 'service-error':
      return named(service === 'exception-response' ? exceptionServiceErrorName : serviceErrorCategoryName);
    case 'block-number':
    case 'block-number-ack':
      return service === 'general-block-transfer' || isShort(service) ? u16 : u32;
    case 'results':
      // An element of a write-response without a field: its CHOICE alone.
      return (r) => ({ value: r.u8(), text: 'success' });
    default:
      return (r, { options }) => rawMeaning(r.rest(), options);
  }
}

/** A value of an object, read by the declared type of its attribute or method, or masked. */
function valueNode(r: Reader, name: string, scope: FieldScope): Draft {
  const target = scope.targets[scope.index];
  if (scope.hidden) return node(name, r.offset, r.end, { masked: true });
  if (target === undefined && scope.options.mask && isShort(scope.service) && mayBeSecret(r, scope))
    return node(name, r.offset, r.end, { masked: true, text: 'of an object that is not known' });
  if (target === undefined || name === 'access-parameters' || (name === 'parameter' && target.kind === 'attribute')) {
    const draft = dataNode(r, name, undefined, scope.options.companion);
    return name === 'body' ? pushed(draft) : draft;
  }
  if (scope.options.mask && isSecret(target)) return node(name, r.offset, r.end, { masked: true });
  const value = readData(new Reader(r.bytes, r.offset, r.end));
  return dataNode(r, name, typeOf(target, value), scope.options.companion);
}

/** Services of SN referencing. */
const SHORT: ReadonlySet<string> = new Set<ShortNameApdu['type']>([
  'read-request',
  'read-response',
  'write-request',
  'write-response',
  'unconfirmed-write-request',
  'information-report-request',
]);

function isShort(service: string): boolean {
  return SHORT.has(service);
}

/** Whether a value behind an unknown short name may be a secret: all that is written, and of what is read everything that holds octets. */
function mayBeSecret(r: Reader, { service }: FieldScope): boolean {
  return service.includes('write') || holdsOctets(readData(new Reader(r.bytes, r.offset, r.end)));
}

function holdsOctets(data: Data): boolean {
  if (data.type === 'array' || data.type === 'structure') return data.value.some(holdsOctets);
  return typeof data.value === 'object' && data.value !== null;
}

/** The body of a push that begins with the list of its objects: each value gets the name of its object. */
function pushed(body: Draft): Draft {
  const [list, ...values] = body.children ?? [];
  const objects = list?.type === 'array' ? (list.children ?? []) : [];
  if (objects.length !== values.length + 1) return body;
  values.forEach((value, i) => {
    const object = objects[i + 1]?.text;
    if (object !== undefined) value.text = value.text === undefined ? object : `${value.text}  ${object}`;
  });
  return body;
}

function groupNode(field: Field, scope: FieldScope, list: string | undefined): Draft {
  const { name, start, end, parts } = field;
  const isList = parts[0]?.name === '[0]';
  const first = parts[0];
  const classId = classIdOf(first, scope);
  const children = parts.map((part, index) =>
    isList ? fieldNode(part, { ...scope, index }, name) : fieldNode(part, { ...scope, classId }),
  );
  const meaning = groupText(name, children, scope);
  const service = list === undefined ? undefined : accessService(scope, list, start);
  const text = [service, meaning.text ?? (service && children[0]?.text)].filter(Boolean).join(' ');
  return node(name, start, end, { ...meaning, ...(text === '' ? {} : { text }), children });
}

/** What an element of an ACCESS is about: the CHOICE that it begins with. */
function accessService({ service, bytes }: FieldScope, list: string, start: number): string | undefined {
  if (!service.startsWith('access-') || (list !== 'specifications' && list !== 'results')) return undefined;
  return ACCESS_SERVICES[bytes[start] as number];
}

const ACCESS_SERVICES = [undefined, 'get', 'set', 'action', 'get', 'set'];

/** Fields that name the attribute or method of their group. */
const NAMING: ReadonlySet<string> = new Set(['attribute', 'method', 'variable-name']);

/** The class of the attribute or method to which these fields belong; otherwise that of the surrounding scope. */
function classIdOf(first: Field | undefined, { bytes, classId }: FieldScope): number {
  if (first?.name !== 'class-id' || first.end - first.start !== 2) return classId;
  return new Reader(bytes, first.start, first.end).u16();
}

function groupText(name: string, children: readonly Draft[], { bytes }: FieldScope): NodeMeaning {
  if (name === 'attribute' || name === 'method') {
    const [cosem, object, member] = children;
    if (member === undefined) return {};
    return { text: `${cosem?.text} ${object?.text}: ${member.text ?? `${name} ${member.value}`}` };
  }
  if (name === 'service-error') {
    const at = children[0]?.offset as number;
    return { text: serviceErrorName(bytes[at - 1] as number, bytes[at] as number) };
  }
  if (children[0]?.name === '[0]') return { text: counted(children.length, 'element') };
  const inner = children.find(({ name: child }) => NAMING.has(child));
  return given({ text: inner?.text ?? (inner?.name === 'variable-name' ? String(inner.value) : undefined) });
}

function invokeId(octet: number): NodeMeaning {
  const confirmed = octet & 0x40 ? 'confirmed' : 'unconfirmed';
  return { value: octet, text: `id ${octet & 0x0f}, ${confirmed}, ${octet & 0x80 ? 'high' : 'normal'} priority` };
}

function longInvokeId(word: number): NodeMeaning {
  const words = [
    `id ${word & 0xffffff}`,
    ...(word & 0x10000000 ? ['self-descriptive'] : []),
    ...(word & 0x20000000 ? ['break on error'] : []),
    word & 0x40000000 ? 'confirmed' : 'unconfirmed',
    `${word & 0x80000000 ? 'high' : 'normal'} priority`,
  ];
  return { value: word, text: words.join(', ') };
}

function blockControl(octet: number): NodeMeaning {
  const words = [octet & 0x80 ? 'last block' : 'more follow', octet & 0x40 ? 'streaming' : 'not streaming'];
  return { value: octet, text: `${words.join(', ')}, window ${octet & 0x3f}` };
}

function lastThree(r: Reader): number {
  r.need(3);
  r.take(r.remaining - 3);
  return (r.u8() << 16) | r.u16();
}

function withText(value: number | string, text: string | undefined): NodeMeaning {
  return text === undefined ? { value } : { value, text };
}

function hexNumber(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}
