/**
 * A meter as a file: what one or more associations show of it, recorded by a client, served again by the virtual meter. The file is JSON;
 * docs/templates.md describes it for people. No key, password or secret is ever part of it.
 */

import { StateError } from '../base/errors.js';
import { checkDepth, jsonValue } from '../base/json.js';
import { type LogicalName, parseLogicalName } from '../base/obis.js';
import { PROTECTIONS } from '../base/protections.js';
import { visibleJson } from '../base/words.js';
import type { Data } from '../codec/data.js';
import { type DataJson, dataFromJson } from '../codec/json.js';

/** What the `format` of a template says. */
export const TEMPLATE_FORMAT = 'cosem-template';
/** The version of the format that this library writes and reads. */
export const TEMPLATE_VERSION = 1;

/** A recorded meter. */
export interface Template {
  /** Always `cosem-template`. */
  readonly format: typeof TEMPLATE_FORMAT;
  /** Version of the format. */
  readonly version: typeof TEMPLATE_VERSION;
  /** Whether serial numbers, titles and hardware addresses were replaced. */
  readonly masked: boolean;
  /** Sixteen hexadecimal digits; left out where no association told it. */
  readonly systemTitle?: string;
  /** Logical devices, by their SAPs. */
  readonly devices: readonly TemplateDevice[];
}

/** A logical device: the associations it offers and the values of its objects. */
export interface TemplateDevice {
  /** Server SAP. */
  readonly server: number;
  /** The associations that were recorded. */
  readonly associations: readonly TemplateAssociation[];
  /** Objects with at least one recorded value, in the order in which they were met. */
  readonly objects: readonly TemplateObject[];
}

/** How a client can prove itself. */
export const TEMPLATE_AUTHENTICATIONS = ['none', 'lls', 'hls2', 'md5', 'sha1', 'gmac', 'sha256'] as const;

/** One association: how a client gets in, and what it may do. */
export interface TemplateAssociation {
  /** What the connection was called. */
  readonly name: string;
  /** Client SAP. */
  readonly client: number;
  /** Whether the application context is one with ciphering. */
  readonly ciphered: boolean;
  /** How the client proved itself. */
  readonly authentication: (typeof TEMPLATE_AUTHENTICATIONS)[number];
  /** How requests and answers were protected. */
  readonly policy: (typeof PROTECTIONS)[number];
  /** No AARQ was exchanged. */
  readonly preEstablished: boolean;
  /** Negotiated conformance, 24 bits. */
  readonly conformance: number;
  /** Longest APDU that the meter takes, in octets; 0 is no limit. */
  readonly maxReceivePduSize: number;
  /** Longest APDU that the meter sends, in octets; 0 is no limit. */
  readonly maxSendPduSize: number;
  /** Values of the current association, 0.0.40.0.0.255: they differ from client to client. */
  readonly current: TemplateValues;
  /** The object list with the access rights of this client, in the meter's order. */
  readonly objectList: readonly TemplateEntry[];
}

/** Access mode by its name in the Blue Book, by number where it has none, or, for methods of version 0, as a boolean. */
export type TemplateMode = string | number | boolean;
/** Access to an attribute, with its selectors where the list names some. */
export type TemplateAttributeAccess =
  | readonly [id: number, mode: TemplateMode]
  | readonly [id: number, mode: TemplateMode, selectors: readonly number[]];
/** Access to a method. */
export type TemplateMethodAccess = readonly [id: number, mode: TemplateMode];

/** Which object is meant. */
export interface TemplateName {
  /** class_id. */
  readonly class: number;
  /** Version of the class. */
  readonly version: number;
  /** Logical name of the object: `1.0.1.8.0.255`. */
  readonly logicalName: LogicalName;
}

/** An element of an object list. */
export interface TemplateEntry extends TemplateName {
  /** Rights on attributes, in the meter's order. */
  readonly attributes: readonly TemplateAttributeAccess[];
  /** Rights on methods, in the meter's order. */
  readonly methods: readonly TemplateMethodAccess[];
}

/** An object with its values. Attribute 1 is the logical name itself. */
export interface TemplateObject extends TemplateName {
  /** What was recorded, by attribute id. */
  readonly values: TemplateValues;
}

/** Values by attribute id. */
export type TemplateValues = Readonly<Record<string, TemplateValue>>;

/** What reading an attribute gave: a value as typed JSON, or something that is not the same at each reading. */
export type TemplateValue = DataJson | TemplateLive;

/** What stands in place of a value that was refused or that changes from reading to reading. */
export type TemplateLive =
  | {
      /** The meter said no, by the name of a data-access-result. */
      readonly refused: string;
    }
  | {
      /** A clock's time: it goes on. */
      readonly clock: TemplateClock;
    }
  | {
      /** The lowest invocation counter that the meter takes; it counts along. */
      readonly 'invocation-counter': 'double-long-unsigned' | 'long64-unsigned';
    }
  | {
      /** The object list of an association of this device, by its client SAP. */
      readonly 'object-list-of': number;
    };

/** How a clock stands to true time, and how it writes its date-time. */
export interface TemplateClock {
  /** How it writes its time. */
  readonly type: 'octet-string' | 'date-time';
  /** How far the clock is ahead of UTC in seconds, rounded to tens: 19800 for India. */
  readonly ahead: number;
  /** Minutes; -32768 where not specified. */
  readonly deviation: number;
  /** Clock status octet; 255 where not specified. */
  readonly status: number;
  /** Whether it gives the day of the week. */
  readonly weekday: boolean;
  /** Whether it gives hundredths of a second; they are 0 then. */
  readonly hundredths: boolean;
}

/** access_mode of attributes by number. */
export const TEMPLATE_ATTRIBUTE_MODES = [
  'no-access',
  'read-only',
  'write-only',
  'read-and-write',
  'authenticated-read-only',
  'authenticated-write-only',
  'authenticated-read-and-write',
] as const;
/** access_mode of methods by number. */
export const TEMPLATE_METHOD_MODES = ['no-access', 'access', 'authenticated-access'] as const;

/** The number of an access mode; a boolean is 0 or 1. Undefined for a word that is none. */
export function templateModeNumber(mode: TemplateMode, names: readonly string[]): number | undefined {
  if (typeof mode === 'string') return names.includes(mode) ? names.indexOf(mode) : undefined;
  return Number(mode);
}

/** The Data of a recorded value; undefined for one that changes. @throws StateError when the JSON is no Data. */
export function templateData(value: TemplateValue): Data | undefined {
  const live = 'refused' in value || 'clock' in value || 'invocation-counter' in value || 'object-list-of' in value;
  return live ? undefined : dataFromJson(value);
}

const WRITTEN = 'cosem dump --output FILE writes one';

/**
 * A template of its text.
 * @throws StateError that names the place in the file, what stands there and what belongs there.
 */
export function parseTemplate(text: string): Template {
  return templateOf(jsonValue(text, 'the template', WRITTEN));
}

/**
 * A template that came as a JSON value.
 * @throws StateError that names the place, what stands there and what belongs there.
 */
export function checkTemplate(json: unknown): Template {
  checkDepth(json, 'the template', WRITTEN);
  return templateOf(json);
}

function templateOf(json: unknown): Template {
  const file = record(json, '');
  if (file.format !== TEMPLATE_FORMAT) {
    throw new StateError(`this is no template: its format is ${shown(file.format)}, not '${TEMPLATE_FORMAT}'`, {
      hint: 'cosem dump --output FILE writes one',
    });
  }
  if (file.version !== TEMPLATE_VERSION) {
    throw new StateError(`the template has version ${shown(file.version)}; ${TEMPLATE_VERSION} is known here`, {
      hint: 'record it again, or use the cosem that wrote it',
    });
  }
  boolean(file.masked, 'masked');
  const { systemTitle } = file;
  if (systemTitle !== undefined && !(typeof systemTitle === 'string' && /^[0-9A-F]{16}$/i.test(systemTitle))) {
    wrong('systemTitle', systemTitle, 'sixteen hexadecimal digits');
  }
  const saps = list(file.devices, 'devices').map((device, i) => checkDevice(device, `devices[${i}]`));
  unique(saps, 'devices', 'server SAP');
  if (saps.length === 0) wrong('devices', file.devices, 'a list of one device or more');
  return json as Template;
}

function checkDevice(json: unknown, at: string): number {
  const device = record(json, at);
  const server = whole(device.server, `${at}.server`, 0, 0xffff);
  const clients = list(device.associations, `${at}.associations`).map((association, i) =>
    checkAssociation(association, `${at}.associations[${i}]`),
  );
  unique(clients, `${at}.associations`, 'client SAP');
  list(device.objects, `${at}.objects`).forEach((object, i) => {
    const place = `${at}.objects[${i}]`;
    checkValues(checkName(object, place).values, `${place}.values`, clients);
  });
  list(device.associations, '').forEach((association, i) => {
    checkValues(record(association, '').current, `${at}.associations[${i}].current`, clients);
  });
  return server;
}

function checkAssociation(json: unknown, at: string): number {
  const association = record(json, at);
  text(association.name, `${at}.name`);
  boolean(association.ciphered, `${at}.ciphered`);
  boolean(association.preEstablished, `${at}.preEstablished`);
  word(association.authentication, `${at}.authentication`, TEMPLATE_AUTHENTICATIONS);
  word(association.policy, `${at}.policy`, PROTECTIONS);
  whole(association.conformance, `${at}.conformance`, 0, 0xffffff);
  whole(association.maxReceivePduSize, `${at}.maxReceivePduSize`, 0, 0xffff);
  whole(association.maxSendPduSize, `${at}.maxSendPduSize`, 0, 0xffff);
  list(association.objectList, `${at}.objectList`).forEach((entry, i) => {
    const place = `${at}.objectList[${i}]`;
    const { attributes, methods } = checkName(entry, place);
    checkModes(attributes, `${place}.attributes`, TEMPLATE_ATTRIBUTE_MODES);
    checkModes(methods, `${place}.methods`, TEMPLATE_METHOD_MODES);
  });
  return whole(association.client, `${at}.client`, 0, 0xffff);
}

function checkName(json: unknown, at: string): Readonly<Record<string, unknown>> {
  const named = record(json, at);
  whole(named.class, `${at}.class`, 0, 0xffff);
  whole(named.version, `${at}.version`, 0, 0xff);
  const name = text(named.logicalName, `${at}.logicalName`);
  let canonical: string | undefined;
  try {
    canonical = parseLogicalName(name);
  } catch {
    // Told below, with the place.
  }
  if (canonical !== name) wrong(`${at}.logicalName`, name, 'six numbers with points, such as 1.0.1.8.0.255');
  return named;
}

function checkModes(json: unknown, at: string, names: readonly string[]): void {
  list(json, at).forEach((access, i) => {
    const place = `${at}[${i}]`;
    const [id, mode, selectors] = list(access, place);
    whole(id, `${place}[0]`, -128, 127);
    const known = typeof mode === 'string' ? names.includes(mode) : typeof mode === 'boolean' || isWhole(mode, 0, 255);
    if (!known) wrong(`${place}[1]`, mode, `one of ${names.join(', ')}, or a number`);
    if (selectors === undefined) return;
    list(selectors, `${place}[2]`).forEach((selector, j) => void whole(selector, `${place}[2][${j}]`, -128, 127));
  });
}

function checkValues(json: unknown, at: string, clients: readonly number[]): void {
  for (const [id, value] of Object.entries(record(json, at))) {
    const place = `${at}.${id}`;
    if (!isWhole(Number(id), -128, 127)) wrong(place, id, 'an attribute id');
    checkValue(record(value, place), place, clients);
  }
}

function checkValue(value: Readonly<Record<string, unknown>>, at: string, clients: readonly number[]): void {
  if ('refused' in value) text(value.refused, `${at}.refused`);
  else if ('clock' in value) checkClock(value.clock, `${at}.clock`);
  else if ('invocation-counter' in value) {
    word(value['invocation-counter'], `${at}.invocation-counter`, ['double-long-unsigned', 'long64-unsigned']);
  } else if ('object-list-of' in value) {
    const client = whole(value['object-list-of'], `${at}.object-list-of`, 0, 0xffff);
    if (!clients.includes(client)) wrong(`${at}.object-list-of`, client, `one of the clients ${clients.join(', ')}`);
  } else {
    try {
      dataFromJson(value);
    } catch (error) {
      throw error instanceof StateError ? error.within(at) : error;
    }
  }
}

function checkClock(json: unknown, at: string): void {
  const clock = record(json, at);
  word(clock.type, `${at}.type`, ['octet-string', 'date-time']);
  whole(clock.ahead, `${at}.ahead`, -1e12, 1e12);
  whole(clock.deviation, `${at}.deviation`, -32_768, 32_767);
  whole(clock.status, `${at}.status`, 0, 255);
  boolean(clock.weekday, `${at}.weekday`);
  boolean(clock.hundredths, `${at}.hundredths`);
}

function record(json: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  return wrong(at === '' ? 'the template' : at, json, 'an object');
}

function list(json: unknown, at: string): readonly unknown[] {
  return Array.isArray(json) ? json : wrong(at, json, 'a list');
}

function text(json: unknown, at: string): string {
  return typeof json === 'string' ? json : wrong(at, json, 'text');
}

function boolean(json: unknown, at: string): void {
  if (typeof json !== 'boolean') wrong(at, json, 'true or false');
}

function word(json: unknown, at: string, words: readonly string[]): void {
  if (!words.includes(json as string)) wrong(at, json, `one of ${words.join(', ')}`);
}

function isWhole(json: unknown, least: number, most: number): boolean {
  return Number.isInteger(json) && (json as number) >= least && (json as number) <= most;
}

function whole(json: unknown, at: string, least: number, most: number): number {
  return isWhole(json, least, most) ? (json as number) : wrong(at, json, `a whole number from ${least} to ${most}`);
}

function unique(numbers: readonly number[], at: string, what: string): void {
  const twice = numbers.find((number, i) => numbers.indexOf(number) < i);
  if (twice !== undefined) throw new StateError(`template: ${at}: ${what} ${twice} is there twice`);
}

function wrong(at: string, found: unknown, wanted: string): never {
  throw new StateError(`template: ${at} is ${shown(found)}`, { hint: `${wanted} belongs there` });
}

/** What stands there, as far as a sentence can hold it. */
function shown(json: unknown): string {
  if (json === undefined) return 'missing';
  const text = JSON.stringify(json) ?? String(json);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** Lines up to this length hold a whole value. */
const LINE = 120;

/** The text of a template: JSON, one object or value a line, the same for the same template. */
export function templateText(template: Template): string {
  return `${visibleJson(layOut(template, ''))}\n`;
}

function layOut(value: unknown, indent: string): string {
  const inline = JSON.stringify(value);
  if (typeof value !== 'object' || value === null || inline.length + indent.length <= LINE) return inline;
  const deeper = `${indent} `;
  const parts = Array.isArray(value)
    ? value.map((item) => deeper + layOut(item, deeper))
    : Object.entries(value).map(([key, item]) => `${deeper}${JSON.stringify(key)}: ${layOut(item, deeper)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return `${open}\n${parts.join(',\n')}\n${indent}${close}`;
}
