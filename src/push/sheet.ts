import { StateError } from '../base/errors.js';
import { jsonValue } from '../base/json.js';
import { parseLogicalName } from '../base/obis.js';
import { fitsWildcard } from '../base/wildcard.js';
import type { ScalerUnit } from '../client/readings.js';
import { type Unit, unitCode } from '../cosem/units.js';

/** How sure a sheet is: stated by the maker or the operator, seen in messages of such meters, or concluded from what values can be. */
export type Trust = 'documented' | 'recorded' | 'concluded';

/** What pushes of one kind of meter mean where they do not say it themselves: data, found by what a push holds. */
export interface PushSheet {
  /** Small letters, digits, dashes. */
  readonly id: string;
  /** For people: which meters. */
  readonly title: string;
  /** Where it is known from. */
  readonly source: string;
  readonly trust: Trust;
  readonly match: PushMatch;
  /**
   * Lists that name no objects: of each element, in order, `class:obis:attribute`, or `-` for one whose meaning is not known. Found by the
   * number of elements.
   */
  readonly lists?: readonly (readonly string[])[];
  /** The same of the elements, in order, that stand without a name in a list of pairs. */
  readonly unnamed?: readonly string[];
  /** Scaler and unit of objects whose message does not tell them, by logical name with `*` for any group: `"1.*.32.7.0.255": "-1 V"`. */
  readonly scalers?: Readonly<Record<string, string>>;
  /** Names of objects that the standard leaves to the maker, by logical name with `*`. */
  readonly names?: Readonly<Record<string, string>>;
  /** Whether it holds only where a person names it: nothing in a push tells that it is meant. */
  readonly byHand?: boolean;
  /** What a person should know, one sentence each. */
  readonly notes?: readonly string[];
}

/** All that are given must hold; texts are compared with `*` for any characters, capitals do not matter. */
export interface PushMatch {
  /** The name of its list that a push begins with: `KFM_001`, `Kamstrup_V0001`. */
  readonly version?: string;
  /** Logical device name, serial number or type that the push holds: `LGZ*`. */
  readonly device?: string;
  /** Hexadecimal; of the sender, where the push is ciphered. */
  readonly systemTitle?: string;
  /** Objects that the push must hold, by logical name. */
  readonly holds?: readonly string[];
  /** Whether it holds a list of its own objects, pairs of name and value, or values alone. */
  readonly form?: PushForm;
  /** Types of the elements, in order, for lists that have nothing else to be known by. */
  readonly types?: readonly string[];
  /** A type that some element has. */
  readonly anyType?: string;
}

/**
 * How a push says what its values are: by a list of objects in it, by a logical name before each value (with or without scaler and
 * unit), or not at all.
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

/** Whether a sheet is for such a push. */
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

/** What a table of a sheet says of a logical name. */
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

/** `-1 V`, `0` as scaler and unit. */
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

/** An object of a list: `3:1.0.1.7.0.255:2`. */
export function listedObject(
  text: string,
): { readonly classId: number; readonly logicalName: string; readonly attributeId: number } | undefined {
  const match = /^(\d{1,5}):([\d.]+):(-?\d{1,3})$/.exec(text);
  if (!match) return undefined;
  return { classId: Number(match[1]), logicalName: match[2] as string, attributeId: Number(match[3]) };
}

/**
 * Sheets as a file holds them: one, or a list.
 * @param source how the file is called in messages.
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
  if (!isRecord(sheet)) return 'it is no object';
  const stray = Object.keys(sheet).find((key) => !FIELDS.includes(key));
  if (stray !== undefined) return `it holds '${stray}', which means nothing; known are ${FIELDS.join(', ')}`;
  if (typeof sheet.id !== 'string' || !/^[a-z0-9-]+$/.test(sheet.id)) return "'id' is small letters, digits and dashes";
  for (const field of ['title', 'source'] as const) {
    if (typeof sheet[field] !== 'string' || sheet[field] === '') return `'${field}' is text`;
  }
  if (!TRUSTS.includes(sheet.trust)) return `'trust' is one of ${TRUSTS.join(', ')}`;
  const { match, lists = [], unnamed = [], byHand = false, scalers = {}, names = {}, notes = [] } = sheet;
  if (!isRecord(match)) return "'match' is an object";
  const unknown = Object.keys(match).find((key) => !MATCHES.includes(key));
  if (unknown !== undefined) return `'match' holds '${unknown}'; it may hold ${MATCHES.join(', ')}`;
  if (match.form !== undefined && !FORMS.includes(match.form)) return `'match.form' is one of ${FORMS.join(', ')}`;
  for (const field of ['version', 'device', 'systemTitle', 'anyType']) {
    if (match[field] !== undefined && (typeof match[field] !== 'string' || match[field] === '')) {
      return `'match.${field}' is text`;
    }
  }
  for (const field of ['holds', 'types']) {
    if (match[field] !== undefined && !isTexts(match[field])) return `'match.${field}' is a list of texts`;
  }
  if (!Array.isArray(lists) || !lists.every(isTexts)) return "'lists' is a list of lists of objects";
  if (!isTexts(unnamed)) return "'unnamed' is a list of objects";
  if (typeof byHand !== 'boolean') return "'byHand' is true or false";
  const bad = [...lists.flat(), ...unnamed].find((text: string) => text !== '-' && !isObject(text));
  if (bad !== undefined) return `it lists '${bad}', which is not class:obis:attribute`;
  if (!isTable(scalers) || !isTable(names)) return "'scalers' and 'names' are objects with texts";
  const wrong = Object.values(scalers).find((text) => scalerUnitOf(text) === undefined);
  if (wrong !== undefined) return `'scalers' holds '${wrong}'; write a scaler and a unit, such as '-1 V'`;
  if (!isTexts(notes)) return "'notes' is a list of texts";
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

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
