import { StateError } from '../base/errors.js';
import { isRecord, jsonValue } from '../base/json.js';
import { parseLogicalName } from '../base/obis.js';
import { fitsWildcard } from '../base/wildcard.js';
import type { ScalerUnit } from '../client/readings.js';
import { type Unit, unitCode } from '../cosem/units.js';

/** How sure a sheet is: stated by the maker or the operator, seen in messages of such meters, or concluded from plausible values. */
export type Trust = 'documented' | 'recorded' | 'concluded';

/** What the pushes of one kind of meter mean where they do not tell it themselves. A sheet is plain data. */
export interface PushSheet {
  /** Its name: small letters, digits, dashes. */
  readonly id: string;
  /** Which meters it is for, in words. */
  readonly title: string;
  /** Where its knowledge comes from. */
  readonly source: string;
  /** How sure it is. */
  readonly trust: Trust;
  /** Which pushes it is for. */
  readonly match: PushMatch;
  /**
   * For pushes of values alone: the object of each element, in order, as `class:obis:attribute`, or `-` where it is not known. The list with as
   * many elements as the push is used.
   */
  readonly lists?: readonly (readonly string[])[];
  /** For pushes of pairs: the objects of the elements that have no name, in order, in the same form. */
  readonly unnamed?: readonly string[];
  /** Scaler and unit of objects, where the push does not tell them, by logical name with `*` for any group: `"1.*.32.7.0.255": "-1 V"`. */
  readonly scalers?: Readonly<Record<string, string>>;
  /** Names for people of objects that the standard leaves to the maker, by logical name with `*`. */
  readonly names?: Readonly<Record<string, string>>;
  /** True when it is used only if a person names it, because a push does not show that it fits. */
  readonly byHand?: boolean;
  /** What a person should know, one sentence each. */
  readonly notes?: readonly string[];
}

/** Which pushes a sheet is for. All fields that are given must fit. In texts `*` stands for any characters, and case does not matter. */
export interface PushMatch {
  /** The name of the list at the beginning of the push: `KFM_001`, `Kamstrup_V0001`. */
  readonly version?: string;
  /** Logical device name, serial number or type in the push: `LGZ*`. */
  readonly device?: string;
  /** System title of the sender in hexadecimal, of a ciphered push. */
  readonly systemTitle?: string;
  /** Objects that the push must contain, by logical name. */
  readonly holds?: readonly string[];
  /** How the push names its values. */
  readonly form?: PushForm;
  /** Types of all elements, in order, for lists that cannot be recognised by anything else. */
  readonly types?: readonly string[];
  /** A type that at least one element must have. */
  readonly anyType?: string;
}

/**
 * How a push names its values: by its own object list (`objects`), by a logical name before each value, with or without scaler and unit
 * (`pairs`), or not at all (`values`).
 */
export type PushForm = 'objects' | 'pairs' | 'values';

/** What is known of a push when a sheet is looked for. */
export interface PushTraits {
  readonly form: PushForm;
  readonly version: string | undefined;
  readonly devices: readonly string[];
  readonly systemTitle: string | undefined;
  readonly names: ReadonlySet<string>;
  readonly types: readonly string[];
}

/** Whether a sheet fits a push. */
export function fitsPush({ match, lists }: PushSheet, traits: PushTraits): boolean {
  const { version, device, systemTitle, holds = [], form, types, anyType } = match;
  if (form !== undefined && form !== traits.form) return false;
  if (version !== undefined && !fitsWildcard(traits.version ?? '', version)) return false;
  if (device !== undefined && !traits.devices.some((text) => fitsWildcard(text, device))) return false;
  if (systemTitle !== undefined && !fitsWildcard(traits.systemTitle ?? '', systemTitle)) return false;
  if (!holds.every((name) => traits.names.has(name))) return false;
  if (types !== undefined && types.join() !== traits.types.join()) return false;
  if (anyType !== undefined && !traits.types.includes(anyType)) return false;
  return traits.form !== 'values' || lists?.some(({ length }) => length === traits.types.length) === true;
}

/** The entry of a sheet's table for a logical name; exact names go before patterns. */
export function lookUp(table: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  if (table === undefined) return undefined;
  const exact = Object.hasOwn(table, name) ? table[name] : undefined;
  if (exact !== undefined) return exact;
  const groups = name.split('.');
  const pattern = Object.keys(table).find((key) => {
    const wanted = key.split('.');
    return wanted.length === groups.length && wanted.every((group, i) => group === '*' || group === groups[i]);
  });
  return pattern === undefined ? undefined : table[pattern];
}

/** Reads scaler and unit from text such as `-1 V` or `0`; undefined when it is neither. */
export function scalerUnitOf(text: string): ScalerUnit | undefined {
  const match = /^(-?\d{1,2})(?: (.+))?$/.exec(text);
  if (!match) return undefined;
  const unit = (match[2] ?? 'none') as Unit;
  try {
    unitCode(unit);
  } catch {
    return undefined;
  }
  return { scaler: Number(match[1]), unit };
}

/** Reads an object of a list, such as `3:1.0.1.7.0.255:2`; undefined when it is none. */
export function listedObject(
  text: string,
): { readonly classId: number; readonly logicalName: string; readonly attributeId: number } | undefined {
  const match = /^(\d{1,5}):([\d.]+):(-?\d{1,3})$/.exec(text);
  if (!match) return undefined;
  return { classId: Number(match[1]), logicalName: match[2] as string, attributeId: Number(match[3]) };
}

/**
 * Reads sheets from the text of a JSON file: one sheet, or a list of them.
 * @param source what messages call the file.
 * @throws StateError that names the file, the sheet and the field.
 */
export function parsePushSheets(text: string, source: string): readonly PushSheet[] {
  const hint = 'docs/customer-ports.md shows a sheet';
  const parsed = jsonValue(text, source, hint);
  const sheets: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  return sheets.map((sheet, i) => {
    const problem = pushSheetProblem(sheet);
    if (problem === undefined) return sheet as PushSheet;
    const id = isRecord(sheet) && typeof sheet.id === 'string' ? `'${sheet.id}'` : String(i + 1);
    throw new StateError(`${source}, sheet ${id}: ${problem}`, { hint });
  });
}

const FIELDS = ['id', 'title', 'source', 'trust', 'match', 'lists', 'unnamed', 'scalers', 'names', 'byHand', 'notes'];
const MATCHES = ['version', 'device', 'systemTitle', 'holds', 'form', 'types', 'anyType'];
const TRUSTS: readonly unknown[] = ['documented', 'recorded', 'concluded'];
const FORMS: readonly unknown[] = ['objects', 'pairs', 'values'];

/** What is wrong with a sheet, in words; undefined for one that is right. */
export function pushSheetProblem(sheet: unknown): string | undefined {
  if (!isRecord(sheet)) return 'it is not an object';
  const stray = Object.keys(sheet).find((key) => !FIELDS.includes(key));
  if (stray !== undefined) return `it has an unknown field '${stray}'; the fields are ${FIELDS.join(', ')}`;
  if (typeof sheet.id !== 'string' || !/^[a-z0-9-]+$/.test(sheet.id))
    return "'id' must consist of small letters, digits and dashes";
  for (const field of ['title', 'source'] as const) {
    if (typeof sheet[field] !== 'string' || sheet[field] === '') return `'${field}' must be text`;
  }
  if (!TRUSTS.includes(sheet.trust)) return `'trust' must be one of ${TRUSTS.join(', ')}`;
  const { match, lists = [], unnamed = [], byHand = false, scalers = {}, names = {}, notes = [] } = sheet;
  if (!isRecord(match)) return "'match' must be an object";
  const unknown = Object.keys(match).find((key) => !MATCHES.includes(key));
  if (unknown !== undefined) return `'match' has an unknown field '${unknown}'; the fields are ${MATCHES.join(', ')}`;
  if (match.form !== undefined && !FORMS.includes(match.form)) return `'match.form' must be one of ${FORMS.join(', ')}`;
  for (const field of ['version', 'device', 'systemTitle', 'anyType']) {
    if (match[field] !== undefined && (typeof match[field] !== 'string' || match[field] === '')) {
      return `'match.${field}' must be text`;
    }
  }
  for (const field of ['holds', 'types']) {
    if (match[field] !== undefined && !isTexts(match[field])) return `'match.${field}' must be a list of texts`;
  }
  if (!Array.isArray(lists) || !lists.every(isTexts)) return "'lists' must be a list of lists of objects";
  if (!isTexts(unnamed)) return "'unnamed' must be a list of objects";
  if (typeof byHand !== 'boolean') return "'byHand' must be true or false";
  const bad = [...lists.flat(), ...unnamed].find((text: string) => text !== '-' && !isObject(text));
  if (bad !== undefined) return `it lists '${bad}', which is not class:obis:attribute`;
  if (!isTable(scalers) || !isTable(names)) return "'scalers' and 'names' must be objects with texts";
  const wrong = Object.values(scalers).find((text) => scalerUnitOf(text) === undefined);
  if (wrong !== undefined) return `'scalers' has '${wrong}'; write a scaler and a unit, such as '-1 V'`;
  if (!isTexts(notes)) return "'notes' must be a list of texts";
  return undefined;
}

function isObject(text: string): boolean {
  const object = listedObject(text);
  if (object === undefined) return false;
  try {
    return parseLogicalName(object.logicalName) === object.logicalName;
  } catch {
    return false;
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function isTable(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every((text) => typeof text === 'string');
}
