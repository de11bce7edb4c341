/** Logs: lines with times, levels, arrows and words around the octets. */

import { counted } from '../../base/words.js';
import { hexOctets, isHexText } from './hex.js';

/** The octets of a line. */
export interface LogPiece {
  readonly octets: Uint8Array;
  readonly direction: 'client' | 'server' | undefined;
}

/** The content of a log. */
export interface LogReading {
  readonly pieces: readonly LogPiece[];
  readonly remarks: readonly string[];
}

/**
 * At least four octets with separators: `7E A0 07 03`, `7E.A0.07.03`, `0x7E, 0xA0, 0x7, 0x3`. Blanks match in one way only: otherwise a long line
 * takes forever.
 */
const APART =
  /(?<![0-9a-z])(?:(?:0x)?[0-9a-f]{1,2}(?:[ \t]+|[ \t]*[,;:.-][ \t]*)){3,}(?:0x)?[0-9a-f]{1,2}(?![0-9a-z])/gi;
/** At least four octets without separators, or in groups of two octets. */
const TOGETHER = /(?<![0-9a-z])(?:0x)?(?:[0-9a-f]{8,}|(?:[0-9a-f]{4} ){2,}[0-9a-f]{2,4})(?![0-9a-z])/gi;
/** Times and dates, which are removed so that their digits are not taken for octets. */
const TIME =
  /\d{4}-\d{2}-\d{2}[T ]?|\d{1,2}\.\d{1,2}\.\d{4}|(?<![0-9a-f:])\d{1,2}:\d{2}:\d{2}(?:[.,:]\d+)?Z?(?![:0-9a-f])|^\s*\d+\.\d+\s*(?:s|ms)?(?=\s)/gi;
/** `[12:00:00][D][uart_debug:114]`. */
const BRACKETS = /\[[^\]]{0,64}\]:?/g;

const FROM_CLIENT = /(?:^|[\s\]>:])(?:->|=>|>>>?|>|tx|sent|send|sending|out|write|client|request)(?=$|[\s:>])/i;
const FROM_SERVER =
  /(?:^|[\s\]:])(?:<-|<=|<<<?|<|rx|received|receive|recv|in|read|server|meter|response|answer)(?=$|[\s:<])/i;

/** A frame in the output of `--trace`. The lines of its tree, which follow, do not match. */
const TRACED = /^[ \t]*(?:\d+\.\d{3} s|left over)(?: (sent|received))? ((?:[0-9A-F]{2} )*[0-9A-F]{2})[ \t]*$/;
const SIGN_ON = /^[ \t]*\d+\.\d{3} s (?:sent|received) ".*", sign-on of mode E[ \t]*$/;

/** The frames in the output of our own `--trace`, each complete; undefined when there are none. */
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
  const remarks = ['read as a trace of cosem: masked octets are *'];
  if (texts > 0) remarks.push(`${counted(texts, 'line')} of the sign-on left out`);
  return { pieces, remarks };
}

/** A time at the beginning of a line, perhaps with a date and in brackets, and an arrow or colon after it, as serial terminals write it. */
const STAMP =
  /^[ \t]*\[?(?:\d{4}-\d{2}-\d{2}[T ])?(?:[01]?\d|2[0-3]):[0-5]\d:[0-5]\d(?:[.,]\d{1,9})?Z?\]?[ \t]*(?:->|<-|>|<|[:|-])?[ \t]+(?=\S)/;

/** Lines that consist of a time and octets; undefined when there are other lines. */
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
  // Arrows tell who sent a line only when both kinds occur: such a log is read elsewhere. A single kind is ornament.
  const arrows = text.includes('->') && text.includes('<-');
  if (arrows) return undefined;
  // With one octet in each line, a single digit is recognised as an octet only together with the others.
  const texts = lines.some((line) => line.length === 1) ? [lines.join(' ')] : lines;
  const pieces = texts.map((digits): LogPiece => ({ octets: hexOctets(digits).octets, direction: undefined }));
  return { pieces, remarks: [`times before ${counted(lines.length, 'line')} left out`] };
}

/** The octets of the lines that contain any, with their sender where an arrow or a word tells; undefined when no line has octets. */
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
      // A line without octets such as `0.012 s sent` tells the direction of the lines that follow.
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
    remarks.push(`${counted(several, 'line')} with octets at more than one place: the longest run was taken`);
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
    // A single number such as `20261130` is not a message; nor is a group with an odd number of digits.
    if (/^\d{8,10}$/.test(text) || text.replace(/^0x|\s/gi, '').length % 2 !== 0) continue;
    // Both lists are in the order of the line: none is examined twice.
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
