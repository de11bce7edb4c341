import { CONFORMANCE, type ConformanceName } from '../../apdu/conformance.js';
import { StateError } from '../../base/errors.js';
import { isRecord, isTooDeep, jsonValue } from '../../base/json.js';

/**
 * A quirk sheet: how meters of one kind deviate from the standard, and what to do about it. It is data, and is selected by what a meter
 * says about itself.
 */
export interface QuirkSheet {
  /** Unique name: small letters, digits and dashes. */
  readonly id: string;
  /** Which meters, in words for people. */
  readonly title: string;
  /** Where the deviation was seen. */
  readonly source: string;
  /** The traits by which meters are recognised; left out for every meter. */
  readonly match?: QuirkMatch;
  /** What is done differently with these meters. */
  readonly effects?: QuirkEffects;
  /** Deviations that no effect can correct and that a person should know, one sentence each. */
  readonly notes?: readonly string[];
}

/** Traits of a meter. All that are given must match. `*` stands for any number of characters; upper and lower case are equal. */
export interface QuirkMatch {
  /** Three letters of the manufacturer (FLAG association), from the logical device name, the system title or the sign-on. */
  readonly manufacturer?: string;
  /** Logical device name, of 0.0.42.0.0.255. */
  readonly logicalDeviceName?: string;
  /** System title, hexadecimal, 16 digits. */
  readonly systemTitle?: string;
  /** Firmware version, of 1.0.0.2.0.255. */
  readonly firmware?: string;
  /** Meter category of IS 15959, of 0.0.94.91.11.255: `D1`. */
  readonly category?: string;
}

/** What is done differently with a meter. Effects never change authentication or protection. */
export interface QuirkEffects {
  /** HDLC: longest information field to propose for both directions, in octets, 32 to 2030. */
  readonly maxInfo?: number;
  /** HDLC: window size to propose for both directions, 1 to 7. */
  readonly window?: number;
  /** HDLC: silence that the meter needs before the next frame, in milliseconds. */
  readonly pause?: number;
  /** How long the meter may stay silent, in milliseconds. */
  readonly responseTimeout?: number;
  /** HDLC: size of the server address in octets. */
  readonly addressSize?: 1 | 2 | 4;
  /** HDLC: lower part of the server address. */
  readonly lower?: number;
  /** Mode E: the speed at which HDLC continues, whatever the sign-on agreed. */
  readonly hdlcBaud?: number;
  /** Services that the meter negotiates but does not carry out; they are not proposed. */
  readonly without?: readonly ConformanceName[];
  /** Whether deviations in form are tolerated even if the caller is strict. */
  readonly lenient?: boolean;
  /** HDLC: whether an answer in sequence acknowledges the request, whatever its N(R). */
  readonly acknowledgeByAnswer?: boolean;
  /** The only invoke id under which the meter answers, 0 to 15. */
  readonly fixedInvokeId?: number;
  /** Whether the association is released by RLRQ; false for meters that do not know it. */
  readonly release?: boolean;
  /** A wrong deviation from UTC. Times from the meter are corrected by it, times for the meter are written with it. */
  readonly deviation?: {
    /** The deviation that the meter sends, in minutes: UTC = local + deviation. */
    readonly sends: number;
    /** The right deviation, in minutes. */
    readonly means: number;
  };
  /** The meter sends only the low octet of event codes; the high one follows from the log. */
  readonly eventCodes?: 'low-octet';
}

/** JSON Schema, as far as it is needed here. */
export type QuirkSchema = Readonly<Record<string, unknown>>;

/** One kind of effect: its meaning, and what it may contain. */
export interface EffectKind {
  /** What the effect does, in one sentence for people. */
  readonly what: string;
  /** JSON Schema of its value. */
  readonly schema: QuirkSchema;
  /** Whether a value is allowed. */
  readonly right: (value: unknown) => boolean;
}

function whole(what: string, minimum: number, maximum: number): EffectKind {
  const right = (value: unknown) =>
    Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum;
  return { what, schema: { type: 'integer', minimum, maximum }, right };
}

function oneOf(what: string, values: readonly unknown[]): EffectKind {
  return { what, schema: { enum: values }, right: (value) => values.includes(value) };
}

/** A sheet is selected by what an unauthenticated meter says about itself, so it must not remove what protects the association. */
const SERVICES = Object.keys(CONFORMANCE).filter((name) => name !== 'general-protection');

function flag(what: string): EffectKind {
  return { what, schema: { type: 'boolean' }, right: (value) => typeof value === 'boolean' };
}

const MINUTES: QuirkSchema = { type: 'integer', minimum: -840, maximum: 840 };

/** All effects, by name. The check of sheets, their schema and their page are made from this table. */
export const QUIRK_EFFECTS: Readonly<Record<keyof QuirkEffects, EffectKind>> = {
  maxInfo: whole('HDLC: the longest information field proposed, both ways, in octets.', 32, 2030),
  window: whole('HDLC: the window size proposed, both ways.', 1, 7),
  pause: whole('HDLC: the meter wants that much silence before it is spoken to again, in milliseconds.', 1, 10_000),
  responseTimeout: whole('How long the meter may stay silent, in milliseconds.', 100, 600_000),
  addressSize: oneOf('HDLC: octets of the server address.', [1, 2, 4]),
  lower: whole('HDLC: the lower part of the server address.', 0, 0x3fff),
  hdlcBaud: whole('Mode E: the speed at which HDLC goes on, whatever the sign-on agreed on.', 300, 4_000_000),
  without: {
    what: 'Services that the meter negotiates and does not do: they are not proposed to it.',
    schema: { type: 'array', items: { enum: SERVICES }, minItems: 1 },
    right: (value) => Array.isArray(value) && value.length > 0 && value.every((name) => SERVICES.includes(name)),
  },
  lenient: flag('Whether deviations of form are borne though the caller is strict with other meters.'),
  acknowledgeByAnswer: flag('HDLC: an answer in sequence acknowledges the request, whatever its N(R) says.'),
  fixedInvokeId: whole('The one invoke id that the meter answers under.', 0, 15),
  release: flag('Whether the association is released by RLRQ; false for meters that do not know it.'),
  deviation: {
    what:
      'The deviation from UTC that the meter sends and the one that is meant, in minutes, UTC = local + deviation. Times that it sends are ' +
      'understood so, times that it gets bear what it sends.',
    schema: {
      type: 'object',
      properties: { sends: MINUTES, means: MINUTES },
      required: ['sends', 'means'],
      additionalProperties: false,
    },
    right: (value) =>
      isRecord(value) &&
      Object.keys(value).sort().join() === 'means,sends' &&
      Object.values(value).every((minutes) => Number.isInteger(minutes) && Math.abs(minutes as number) <= 840),
  },
  eventCodes: oneOf('Event codes come as one octet, the low one: the high one follows from the log.', ['low-octet']),
};

const MATCHES: Readonly<Record<keyof QuirkMatch, string>> = {
  manufacturer: 'three letters of the flag association, from logical device name, system title or sign-on',
  logicalDeviceName: 'the object 0.0.42.0.0.255',
  systemTitle: 'hexadecimal, as the meter tells it in ciphered associations',
  firmware: 'the object 1.0.0.2.0.255',
  category: 'the object 0.0.94.91.11.255: D1, D2 …',
};

const OWN_WORD =
  'a sheet goes by what an unproven meter says of itself, so it changes neither mechanism nor protection nor the check of challenges. ';

/** Options that a sheet cannot set, and who can. */
const UNTOUCHED: Readonly<Record<string, string>> = {
  authentication: `${OWN_WORD}Give the connection its own: 'auth' in the configuration, --auth, the option authentication`,
  security: `${OWN_WORD}Give the connection its own: 'security' in the configuration, --security, the option security`,
  allowEchoedChallenge: `${OWN_WORD}Only who opens the connection may allow it: --allow-echoed-challenge, the option allowEchoedChallenge`,
  allowOddChallenge: `${OWN_WORD}Only who opens the connection may allow it: --allow-odd-challenge, the option allowOddChallenge`,
  allowCounterReset: `${OWN_WORD}Only who opens the connection may allow it: --allow-counter-reset, the option allowCounterReset`,
  acceptUnprovenMeter: `${OWN_WORD}Only who opens the connection may allow it: --accept-unproven, the option acceptUnprovenMeter`,
};

/**
 * Reads the quirk sheets of a JSON file: one sheet, or a list.
 * ```ts
 * const quirks = [...knownQuirks, ...parseQuirks(await readFile('quirks.json', 'utf8'), 'quirks.json')];
 * ```
 * @param source what messages call the file.
 * @throws StateError that names the file, the sheet and the field.
 */
export function parseQuirks(text: string, source: string): readonly QuirkSheet[] {
  const parsed = jsonValue(text, source, 'docs/quirks.md shows a sheet of quirks');
  const sheets: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  return sheets.map((sheet, i) => {
    const problem = problemOf(sheet);
    if (problem === undefined) return sheet as QuirkSheet;
    const id = isRecord(sheet) && typeof sheet.id === 'string' ? `'${sheet.id}'` : String(i + 1);
    throw new StateError(`${source}, sheet ${id}: ${problem}`, { hint: 'docs/quirks.md lists what a sheet may hold' });
  });
}

/** @throws StateError for an invalid sheet from the caller. */
export function checkSheets(sheets: readonly QuirkSheet[]): void {
  for (const sheet of sheets) {
    const problem = problemOf(sheet);
    if (problem === undefined) continue;
    throw new StateError(`the sheet of quirks '${String(sheet.id)}': ${problem}`, {
      hint: 'docs/quirks.md lists what a sheet may hold',
    });
  }
}

/** What is wrong with a sheet, in words; undefined for a valid one. */
export function problemOf(sheet: unknown): string | undefined {
  if (!isRecord(sheet)) return 'it is no object';
  if (isTooDeep(sheet)) return 'it is nested too deep';
  const known = ['id', 'title', 'source', 'match', 'effects', 'notes', '$schema'];
  const stray = Object.keys(sheet).find((key) => !known.includes(key));
  if (stray !== undefined) return `it holds '${stray}', which means nothing; known are ${known.join(', ')}`;
  if (typeof sheet.id !== 'string' || !/^[a-z0-9-]+$/.test(sheet.id)) return "'id' is small letters, digits and dashes";
  for (const field of ['title', 'source'] as const) {
    if (typeof sheet[field] !== 'string' || sheet[field] === '') return `'${field}' is text`;
  }
  const { match = {}, effects = {}, notes = [] } = sheet;
  if (!isRecord(match)) return "'match' is an object";
  for (const [key, value] of Object.entries(match)) {
    if (!Object.hasOwn(MATCHES, key)) return `'match' holds '${key}'; it may hold ${Object.keys(MATCHES).join(', ')}`;
    if (typeof value !== 'string' || value === '') return `'match.${key}' is text`;
  }
  if (!isRecord(effects)) return "'effects' is an object";
  for (const [key, value] of Object.entries(effects)) {
    if (Object.hasOwn(UNTOUCHED, key)) return `there is no effect '${key}': ${UNTOUCHED[key]}`;
    if (!Object.hasOwn(QUIRK_EFFECTS, key)) {
      return `there is no effect '${key}'; there are ${Object.keys(QUIRK_EFFECTS).join(', ')}`;
    }
    const { right, schema } = QUIRK_EFFECTS[key as keyof QuirkEffects];
    if (!right(value)) return `the effect '${key}' is ${JSON.stringify(value)}, which is not ${JSON.stringify(schema)}`;
  }
  if (!Array.isArray(notes) || !notes.every((note) => typeof note === 'string')) return "'notes' is a list of texts";
  return undefined;
}

/** The schema of a file of sheets (JSON Schema 2020-12): docs/quirks.schema.json. */
export function quirksSchema(): object {
  const text = { type: 'string', minLength: 1 };
  const properties = <K extends string>(table: Readonly<Record<K, string>>) =>
    Object.fromEntries(Object.entries<string>(table).map(([name, description]) => [name, { ...text, description }]));
  const sheet = {
    type: 'object',
    properties: {
      $schema: { type: 'string' },
      id: { type: 'string', pattern: '^[a-z0-9-]+$' },
      ...properties({ title: 'which meters, for people', source: 'where it was seen' }),
      match: {
        type: 'object',
        description: 'all must hold; * stands for any characters; every meter where left out',
        properties: properties(MATCHES),
        additionalProperties: false,
      },
      effects: {
        type: 'object',
        properties: Object.fromEntries(
          Object.entries(QUIRK_EFFECTS).map(([name, { what, schema }]) => [name, { ...schema, description: what }]),
        ),
        additionalProperties: false,
      },
      notes: { type: 'array', items: text },
    },
    required: ['id', 'title', 'source'],
    additionalProperties: false,
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Quirks of meters',
    anyOf: [{ $ref: '#/$defs/sheet' }, { type: 'array', items: { $ref: '#/$defs/sheet' } }],
    $defs: { sheet },
  };
}
