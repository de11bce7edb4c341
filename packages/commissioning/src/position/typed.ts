import type { Position } from '../work-order.js';

/** What may stand in a typed position: digits, letters of directions, and the marks of degrees, minutes and seconds. */
const ALLOWED = /^[\dNSEW+\-.,;°º'’′"”″\s]*$/;
const SIXTY = 60;

/**
 * A position as people type it: `26.8467, 80.9462`, `26.8467 N 80.9462 E`, `26°50.802'N 80°56.772'E`, `26 50 48.1 N, 80 56 46.3 E`. Without
 * letters latitude comes first. Digits may be Devanagari ones. It is rounded to six decimals, eleven centimetres.
 * @returns undefined where it is no position.
 */
export function typedPosition(text: string): Position | undefined {
  const plain = text
    .trim()
    .toUpperCase()
    .replace(/[\u0966-\u096f]/g, (digit) => String(digit.charCodeAt(0) - 0x966));
  if (plain.length > 80 || !ALLOWED.test(plain)) return undefined;
  const parts = halves(plain);
  if (parts === undefined) return undefined;
  const [first, second] = parts.map(degreesIn);
  if (first === undefined || second === undefined) return undefined;
  // Either both have a letter, or neither.
  if ((first.letter === '') !== (second.letter === '')) return undefined;
  const isSwapped = 'EW'.includes(first.letter) && first.letter !== '';
  const [north, east] = isSwapped ? [second, first] : [first, second];
  if (!'NS'.includes(north.letter) || !'EW'.includes(east.letter)) return undefined;
  const [latitude, longitude] = [north.degrees, east.degrees];
  return Math.abs(latitude) > 90 || Math.abs(longitude) > 180 ? undefined : { latitude, longitude };
}

/** The texts of the two coordinates. */
function halves(text: string): readonly [string, string] | undefined {
  const letters = [...text.matchAll(/[NSEW]/g)];
  if (letters.length === 2) {
    const [first, second] = letters as [RegExpMatchArray, RegExpMatchArray];
    const at = /^[NSEW]/.test(text) ? second.index : (first.index ?? 0) + 1;
    return [text.slice(0, at), text.slice(at).replace(/^\s*[,;]/, '')].map(trimmed) as [string, string];
  }
  if (letters.length > 0) return undefined;
  const split = text.split(/[,;]/);
  if (split.length === 2) return [trimmed(split[0] ?? ''), trimmed(split[1] ?? '')];
  if (split.length > 2) return undefined;
  const numbers = text.match(/[+-]?[\d.]+[°º'’′"”″]*/g) ?? [];
  const half = numbers.length / 2;
  if (!Number.isInteger(half)) return undefined;
  return [numbers.slice(0, half).join(' '), numbers.slice(half).join(' ')];
}

function trimmed(text: string): string {
  return text.replace(/^[\s,;]+|[\s,;]+$/g, '');
}

/** One coordinate: degrees, or degrees and minutes, or these and seconds; only the last may have decimals. */
function degreesIn(text: string): { readonly degrees: number; readonly letter: string } | undefined {
  const [, before = '', body = '', after = ''] = /^([NSEW]?)([^NSEW]*)([NSEW]?)$/.exec(text) ?? [];
  if (before !== '' && after !== '') return undefined;
  const [, sign = '', degrees, minutes, seconds] =
    /^\s*([+-]?)(\d{1,3}(?:\.\d+)?)\s*[°º]?(?:\s*(\d{1,2}(?:\.\d+)?)\s*['’′]?(?:\s*(\d{1,2}(?:\.\d+)?)\s*(?:["”″]|['’′]{2})?)?)?\s*$/.exec(
      body,
    ) ?? [];
  if (degrees === undefined) return undefined;
  const numbers = [degrees, minutes, seconds].filter((one) => one !== undefined);
  if (numbers.slice(0, -1).some((one) => one.includes('.')) || numbers.slice(1).some((one) => Number(one) >= SIXTY)) {
    return undefined;
  }
  // A number that runs on into the next one was one number: 26.8467 has no minutes.
  if (minutes !== undefined && !/\d\s*[°º\s]\s*\d/.test(body)) return undefined;
  const letter = before + after;
  if (sign === '-' && letter !== '') return undefined;
  const value = numbers.reduce((sum, one, i) => sum + Number(one) / SIXTY ** i, 0);
  const rounded = Math.round(value * 1_000_000) / 1_000_000;
  return { degrees: (sign === '-' || letter === 'S' || letter === 'W') && rounded !== 0 ? -rounded : rounded, letter };
}
