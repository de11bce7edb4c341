/** Logs: lines with times, levels, arrows and words around the octets. */

import { counted } from '../../base/words.js';
import { hexOctets, isHexText } from './hex.js';

/** A line that held octets. */
export interface LogPiece {
  readonly octets: Uint8Array;
  readonly direction: 'client' | 'server' | undefined;
}

/** What a log holds. */
export interface LogReading {
  readonly pieces: readonly LogPiece[];
  readonly remarks: readonly string[];
}

/** Octets one by one with something between, four at least: `7E A0 07 03`, `7E.A0.07.03`, `0x7E, 0xA0, 0x7, 0x3`. Blanks match in one way only: else a long line takes for ever. */
const APART =
  /(?<![0-9a-z])(?:(?:0x)?[0-9a-f]{1,2}(?:[ \t]+|[ \t]*[,;:.-][ \t]*)){3,}(?:0x)?[0-9a-f]{1,2}(?![0-9a-z])/gi;
/** Digits without anything between, or in groups; four octets at least. */
const TOGETHER = /(?<![0-9a-z])(?:0x)?(?:[0-9a-f]{8,}|(?:[0-9a-f]{4} ){2,}[0-9a-f]{2,4})(?![0-9a-z])/gi;
/** Times and dates before what matters, so that their digits are not taken for octets. */
const TIME =
  /\d{4}-\d{2}-\d{2}[T ]?|\d{1,2}\.\d{1,2}\.\d{4}|(?<![0-9a-f:])\d{1,2}:\d{2}:\d{2}(?:[.,:]\d+)?Z?(?![:0-9a-f])|^\s*\d+\.\d+\s*(?:s|ms)?(?=\s)/gi;
/** `[12:00:00][D][uart_debug:114]`. */
const BRACKETS = /\[[^\]]{0,64}\]:?/g;

const FROM_CLIENT = /(?:^|[\s\]>:])(?:->|=>|>>>?|>|tx|sent|send|sending|out|write|client|request)(?=$|[\s:>])/i;
const FROM_SERVER =
  /(?:^|[\s\]:])(?:<-|<=|<<<?|<|rx|received|receive|recv|in|read|server|meter|response|answer)(?=$|[\s:<])/i;

/** A frame in what `--trace` writes; the tree of it follows in lines that no frame begins. */
const TRACED = /^[ \t]*(?:\d+\.\d{3} s|left over)(?: (sent|received))? ((?:[0-9A-F]{2} )*[0-9A-F]{2})[ \t]*$/;
const SIGN_ON = /^[ \t]*\d+\.\d{3} s (?:sent|received) ".*", sign-on of mode E[ \t]*$/;

/** The frames in what `--trace` of our command wrote, each whole; undefined where there are none. */
export function ownTrace(text: string): LogReading | undefined {
  const pieces: LogPiece[] = [];
  let texts = 0;
  for (const line of text.split(/\r?\n/)) {
    const [, side, digits] = TRACED.exec(line) ?? [];
    if (digits !== undefined) {
      const direction = side === 'sent' ? 'client' : side === 'received' ? 'server' : undefined;
      pieces.push({ octets: hexOctets(digits).octets, direction });
    } else if (SIGN_ON.test(line)) texts++;
  }
  if (pieces.length === 0) return undefined;
  const remarks = ['read as a trace of cosem: what is masked there stands as *'];
  if (texts > 0) remarks.push(`${counted(texts, 'line')} of the sign-on left out`);
  return { pieces, remarks };
}

/** A time, perhaps with a date and in brackets, and what programs write behind it: so do the terminals of Arduino and others begin each line. */
const STAMP =
  /^[ \t]*\[?(?:\d{4}-\d{2}-\d{2}[T ])?(?:[01]?\d|2[0-3]):[0-5]\d:[0-5]\d(?:[.,]\d{1,9})?Z?\]?[ \t]*(?:->|<-|>|<|[:|-])?[ \t]+(?=\S)/;

/** Lines that a time begins, each with nothing but octets behind it; undefined where there are other lines. */
export function stampedLines(text: string): LogReading | undefined {
  const lines: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const stamp = STAMP.exec(line)?.[0];
    if (stamp === undefined) return undefined;
    const digits = line.slice(stamp.length).trim();
    if (!isHexText(digits)) return undefined;
    lines.push(digits);
  }
  if (lines.length === 0) return undefined;
  // An arrow before every line is an ornament; only where both are there do they tell who speaks.
  const arrows = text.includes('->') && text.includes('<-');
  if (arrows) return undefined;
  // An octet a line: one digit alone is known for an octet only beside the others.
  const texts = lines.some((line) => line.length === 1) ? [lines.join(' ')] : lines;
  const pieces = texts.map((digits): LogPiece => ({ octets: hexOctets(digits).octets, direction: undefined }));
  return { pieces, remarks: [`times before ${counted(lines.length, 'line')} left out`] };
}

/** Octets of the lines that hold any, with who sent them where an arrow or a word says so; undefined where no line does. */
export function logPieces(text: string): LogReading | undefined {
  const pieces: LogPiece[] = [];
  let without = 0;
  let several = 0;
  let direction: LogPiece['direction'];
  for (const raw of text.split(/\r?\n/)) {
    if (raw.trim() === '') continue;
    const line = raw
      .replace(/^\s*#.*|\s#.*/, '')
      .replace(BRACKETS, ' ')
      .replace(TIME, ' ');
    const runs = line.trimStart().startsWith('<?') || /^\s*<\/?[a-z!]/i.test(line) ? [] : runsOf(line);
    const longest = runs.reduce<HexRun | undefined>(
      (best, run) => (best === undefined || run.text.length > best.text.length ? run : best),
      undefined,
    );
    const before = longest === undefined ? line : line.slice(0, longest.at);
    const said = directionOf(before);
    if (longest === undefined) {
      // A head of its own: `0.012 s sent`, the octets follow.
      if (said !== undefined) direction = said;
      if (line.trim() !== '') without++;
      continue;
    }
    if (runs.length > 1) several++;
    direction = said ?? (before.trim() === '' ? direction : undefined);
    pieces.push({ octets: hexOctets(longest.text).octets, direction });
  }
  if (pieces.length === 0) return undefined;
  const remarks = [`${counted(pieces.length, 'line')} with octets read`];
  if (without > 0) remarks.push(`${counted(without, 'line')} without octets left out`);
  if (several > 0)
    remarks.push(`octets stand at more than one place of ${counted(several, 'line')}: the longest was taken`);
  return { pieces, remarks };
}

interface HexRun {
  readonly text: string;
  readonly at: number;
}

function runsOf(line: string): HexRun[] {
  const apart: HexRun[] = Array.from(line.matchAll(APART), ({ 0: text, index: at }) => ({ text, at }));
  const together: HexRun[] = [];
  let behind = 0;
  for (const { 0: text, index: at } of line.matchAll(TOGETHER)) {
    // A number alone, `20261130`, is no message; nor is a group that has half an octet too many.
    if (/^\d{8,10}$/.test(text) || text.replace(/^0x|\s/gi, '').length % 2 !== 0) continue;
    // Both stand in the order of the line: none is looked at twice.
    while (endOf(apart[behind]) <= at) behind++;
    const around = apart[behind];
    if (around === undefined || at < around.at) together.push({ text, at });
  }
  return [...apart, ...together];
}

function endOf(run: HexRun | undefined): number {
  return run === undefined ? Number.POSITIVE_INFINITY : run.at + run.text.length;
}

function directionOf(words: string): LogPiece['direction'] {
  if (FROM_CLIENT.test(words)) return 'client';
  return FROM_SERVER.test(words) ? 'server' : undefined;
}
