import { type CaptureColumn, companionWords, objectTitle, unitSymbol } from '../src/classes.js';
import { type Companion, CosemDateTime, Decimal, type Reading, type Unit } from '../src/index.js';
import { attributeName, type Language } from '../src/inspect.js';

/** Units that people know in thousands. */
const KILO: ReadonlySet<Unit> = new Set<Unit>(['Wh', 'VAh', 'varh', 'W', 'VA', 'var']);

/** A number and its unit in two cells of a table. */
export interface Quantity {
  /** Decimal text: `12345.678`. */
  readonly value: string;
  /** `kWh`; empty for a count. */
  readonly unit: string;
}

/** How people write a unit: energy and power in kilo. */
export function unitText(unit: Unit | undefined): string {
  if (unit === undefined) return '';
  return KILO.has(unit) ? `k${unitSymbol(unit)}` : unitSymbol(unit);
}

/** A reading as people want it: exact, energy and power in kilo; words where it is no number. */
export function quantityOf(reading: Reading, language?: Language): Quantity {
  const { value, unit, data } = reading;
  if (data.type === 'boolean') return { value: companionWords(data.value ? 'yes' : 'no', language ?? 'en'), unit: '' };
  // A count is shown by its words, which may be those of a code.
  if (value === undefined || unit === undefined || unit === 'none')
    return {
      value: language === undefined ? readingText(reading) : companionWords(dayFirst(reading), language),
      unit: '',
    };
  // Ten digits of a float32 would pretend to know what it does not.
  const shown = KILO.has(unit) ? value.shift(-3) : value;
  return { value: String(data.type === 'float32' ? plain(shown) : shown), unit: reading.currency ?? unitText(unit) };
}

/** Without the zeros that shifting a float leaves behind the point. */
function plain(value: Decimal): Decimal {
  let { coefficient, exponent } = value;
  while (exponent < 0 && coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent += 1;
  }
  return new Decimal(coefficient, exponent);
}

/** A time with its day first, as people in India write it; other words stay. */
function dayFirst(reading: Reading): string {
  return looksLikeTime(reading)
    ? readingText(reading).replace(/^(\d{4})-(\d\d)-(\d\d)/, '$3-$2-$1')
    : readingText(reading);
}

/** The words of a reading, with what the clock status says. */
export function readingText(reading: Reading): string {
  const { data } = reading;
  const octets = data.value instanceof Uint8Array && data.value.length === 12 ? data.value : undefined;
  const status = octets !== undefined && looksLikeTime(reading) ? CosemDateTime.fromBytes(octets).statusNames() : [];
  return status.length === 0 ? reading.text : `${reading.text} (${status.join(', ')})`;
}

function looksLikeTime(reading: Reading): boolean {
  return /^[\d*]{4}-[\d*]{2}-/.test(reading.text);
}

/** `3:1.0.1.8.0.255:2` */
export function targetText(target: { classId: number; logicalName: string; attributeId: number }): string {
  return `${target.classId}:${target.logicalName}:${target.attributeId}`;
}

/** What a captured or pushed attribute is called: the object's name, and the attribute's where it is not the value. */
export function columnTitle(column: CaptureColumn, companion: Companion): string {
  const { classId, logicalName, attributeIndex } = column;
  const title = objectTitle(companion, logicalName) ?? logicalName;
  if (attributeIndex === 2) return title;
  return `${title}, ${inWords(attributeName(classId, attributeIndex)) ?? `attribute ${attributeIndex}`}`;
}

/** `scalerUnit` as `scaler unit`. */
export function inWords(name: string | undefined): string | undefined {
  return name?.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

const NUMBER = /^(-?\d+)(\.\d+)?$/;

/** Whether a cell is a decimal number alone. */
export function isNumber(cell: string): boolean {
  return NUMBER.test(cell);
}

/** Numbers one below the other by their decimal point; words stay as they are. */
export function alignNumbers(cells: readonly string[]): string[] {
  const numbers = cells.map((cell) => NUMBER.exec(cell));
  const whole = Math.max(0, ...numbers.map((number) => number?.[1]?.length ?? 0));
  const fraction = Math.max(0, ...numbers.map((number) => number?.[2]?.length ?? 0));
  return cells.map((cell, i) => {
    const number = numbers[i];
    return number ? `${(number[1] as string).padStart(whole)}${(number[2] ?? '').padEnd(fraction)}` : cell;
  });
}

/** How many columns of a terminal a text takes, as wcwidth counts: marks above, below and within letters take none, Indian vowel signs beside them one. */
export function columnsOf(text: string): number {
  return Array.from(text).filter((character) => !/[\p{Mn}\p{Me}\p{Cf}]/u.test(character)).length;
}

/** What people see as one letter, in Devanagari a syllable with its vowel signs. */
const LETTERS = new Intl.Segmenter('hi', { granularity: 'grapheme' });

/** A word that is longer than a line, in pieces that are not: it is never split within a letter. Names of files, commands and codes stay whole, to be copied. */
function piecesOf(word: string, width: number): string[] {
  if (columnsOf(word) <= width || !/\p{Script=Devanagari}/u.test(word)) return [word];
  const pieces = [''];
  for (const { segment } of LETTERS.segment(word)) {
    const longer = (pieces.at(-1) as string) + segment;
    if (columnsOf(longer) > width && pieces.at(-1) !== '') pieces.push(segment);
    else pieces[pieces.length - 1] = longer;
  }
  return pieces;
}

/** A text with blanks behind it up to so many columns. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}

/**
 * Text in lines of about this width, broken between words.
 * @param first the width of the first of them.
 */
export function wrapWords(text: string, width: number, first = width): string {
  const lines: string[] = [];
  for (const word of text.split(' ').flatMap((one) => piecesOf(one, width))) {
    const line = lines.at(-1);
    const room = lines.length === 1 ? first : width;
    if (line === undefined || columnsOf(line) + 1 + columnsOf(word) > room) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join('\n');
}
