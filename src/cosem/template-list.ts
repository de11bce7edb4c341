/** Object lists (Association LN, attribute 2) of any version as a template holds them: nothing is lost, unknown modes are kept. */

import { DecodeError } from '../base/errors.js';
import { logicalNameFromBytes, logicalNameToBytes } from '../base/obis.js';
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

/**
 * The entries of a list. What of one is not right is left out: rights, or the whole of an entry that names no object.
 * @throws DecodeError when it is no list.
 */
export function templateEntries(list: Data): TemplateEntry[] {
  return kept(elementsOf(list, 'array'), entryOf);
}

function entryOf(element: Data): TemplateEntry {
  const [classId, version, name, rights] = elementsOf(element, 'structure');
  const [attributes, methods] = rights?.type === 'structure' ? rights.value : [];
  return {
    class: numberOf(classId),
    version: numberOf(version),
    logicalName: logicalNameFromBytes(octetsOf(name)),
    attributes: attributes?.type === 'array' ? kept(attributes.value, attributeAccess) : [],
    methods: methods?.type === 'array' ? kept(methods.value, methodAccess) : [],
  };
}

/** What of the elements can be read. */
function kept<T>(elements: readonly Data[], read: (element: Data) => T): T[] {
  return elements.flatMap((element) => {
    try {
      return [read(element)];
    } catch (error) {
      if (error instanceof DecodeError) return [];
      throw error;
    }
  });
}

function attributeAccess(access: Data): TemplateAttributeAccess {
  const [id, mode, selectors] = elementsOf(access, 'structure');
  const known: readonly [number, TemplateMode] = [numberOf(id), modeOf(mode, TEMPLATE_ATTRIBUTE_MODES)];
  return selectors?.type === 'array' ? [...known, kept(selectors.value, numberOf)] : known;
}

function methodAccess(access: Data): TemplateMethodAccess {
  const [id, mode] = elementsOf(access, 'structure');
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
