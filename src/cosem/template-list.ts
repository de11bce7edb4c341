/** Object lists (Association LN, attribute 2) of any version as a template holds them: nothing is lost, unknown modes are kept. */

import { DecodeError } from '../base/errors.js';
import { logicalNameFromBytes, logicalNameToBytes } from '../base/obis.js';
import { counted } from '../base/words.js';
import type { Data } from '../codec/data.js';
import { arrayOf, boolValue, enumValue, i8, nullValue, octets, structureOf, u8, u16 } from '../codec/make.js';
import {
  TEMPLATE_ATTRIBUTE_MODES,
  TEMPLATE_METHOD_MODES,
  type TemplateAttributeAccess,
  type TemplateEntry,
  type TemplateMethodAccess,
  type TemplateMode,
  templateModeNumber,
} from './template.js';

/** @throws DecodeError with the path to what does not fit. */
export function templateEntries(list: Data): TemplateEntry[] {
  return elementsOf(list, 'array').map((element, i) => at(i, () => entryOf(element)));
}

function entryOf(element: Data): TemplateEntry {
  const [classId, version, name, rights] = fields(element, 4);
  const [attributes, methods] = fields(rights, 2);
  return {
    class: numberOf(classId),
    version: numberOf(version),
    logicalName: logicalNameFromBytes(octetsOf(name)),
    attributes: elementsOf(attributes, 'array').map((access, i) => at(i, () => attributeAccess(access))),
    methods: elementsOf(methods, 'array').map((access, i) => at(i, () => methodAccess(access))),
  };
}

function attributeAccess(access: Data): TemplateAttributeAccess {
  const [id, mode, selectors] = fields(access, 3);
  const known: readonly [number, TemplateMode] = [numberOf(id), modeOf(mode, TEMPLATE_ATTRIBUTE_MODES)];
  if (selectors?.type === 'null-data') return known;
  return [...known, elementsOf(selectors, 'array').map(numberOf)];
}

function methodAccess(access: Data): TemplateMethodAccess {
  const [id, mode] = fields(access, 2);
  return [numberOf(id), mode?.type === 'boolean' ? mode.value : modeOf(mode, TEMPLATE_METHOD_MODES)];
}

function modeOf(mode: Data | undefined, names: readonly string[]): TemplateMode {
  const number = numberOf(mode);
  return names[number] ?? number;
}

/** The object list that a client reads. */
export function templateObjectList(entries: readonly TemplateEntry[]): Data {
  return arrayOf(
    entries.map(({ class: classId, version, logicalName, attributes, methods }) =>
      structureOf([
        u16(classId),
        u8(version),
        octets(logicalNameToBytes(logicalName)),
        structureOf([
          arrayOf(
            attributes.map(([id, mode, selectors]) =>
              structureOf([
                i8(id),
                modeValue(mode, TEMPLATE_ATTRIBUTE_MODES),
                selectors === undefined ? nullValue() : arrayOf(selectors.map(i8)),
              ]),
            ),
          ),
          arrayOf(methods.map(([id, mode]) => structureOf([i8(id), modeValue(mode, TEMPLATE_METHOD_MODES)]))),
        ]),
      ]),
    ),
  );
}

function modeValue(mode: TemplateMode, names: readonly string[]): Data {
  return typeof mode === 'boolean' ? boolValue(mode) : enumValue(templateModeNumber(mode, names) ?? 0);
}

function fields(data: Data | undefined, count: number): readonly Data[] {
  const found = elementsOf(data, 'structure');
  if (found.length === count) return found;
  throw new DecodeError('missing-field', `a structure of ${counted(found.length, 'element')} instead of ${count}`, -1);
}

function elementsOf(data: Data | undefined, type: 'array' | 'structure'): readonly Data[] {
  if (data?.type === type) return data.value;
  throw mismatch(type, data);
}

function numberOf(data: Data | undefined): number {
  if (typeof data?.value === 'number') return data.value;
  throw mismatch('a number', data);
}

function octetsOf(data: Data | undefined): Uint8Array {
  if (data?.type === 'octet-string') return data.value;
  throw mismatch('octet-string', data);
}

function mismatch(wanted: string, found: Data | undefined): DecodeError {
  return new DecodeError('bad-tag', `${wanted} expected, ${found?.type ?? 'nothing'} found`, -1);
}

function at<T>(index: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof DecodeError ? error.within(index) : error;
  }
}
