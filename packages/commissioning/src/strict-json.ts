/**
 * JSON with only one meaning. A signature covers values, but people and programs read text. If the text could be read in two ways, what is
 * shown might differ from what was signed.
 */

import { LONE_SURROGATE } from './canonical.js';

/** Deepest nesting; our own files need far less. */
const DEEPEST = 64;
/** The tokens of JSON text; of a string only its first quote. Only white space lies between them. */
const TOKEN = /["{}[\],]|-?\d[\d.eE+-]*|true|false|null/g;

const TOO_DEEP = 'it is nested too deep';
const PROTOTYPE = 'a name in it is __proto__';
const HALF = 'a text in it has half a character';
const NUMBER = 'a number in it is not written in the one form that RFC 8785 has for it';

/** A value, and why its text cannot be trusted, if so. */
export interface StrictJson {
  readonly value: unknown;
  /** Half a sentence for people: `a name stands twice in it`. Nothing of the text is repeated. */
  readonly fault?: string;
}

/**
 * Reads JSON, and reports what could be read in another way (RFC 7493, RFC 8785): a name that appears twice in an object or is `__proto__`,
 * a number that is not in the canonical form of its value (`1e400`, `-0`, `1.0`, more digits than a double holds), half a surrogate pair,
 * more than 64 levels.
 * @returns undefined for text that is not JSON.
 */
export function readStrictJson(text: string): StrictJson | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const fault = faultOfText(text);
  return fault === undefined ? { value } : { value, fault };
}

/** The tokens of JSON text. Strings are not matched by a regular expression, which overflows for long ones. */
function* tokensOf(text: string): Generator<string> {
  const next = new RegExp(TOKEN);
  for (let found = next.exec(text); found !== null; found = next.exec(text)) {
    if (found[0] === '"') {
      next.lastIndex = endOfString(text, found.index);
      yield text.slice(found.index, next.lastIndex);
    } else yield found[0];
  }
}

/** The end of the string that begins at `start`: after the first quote without a backslash before it. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/**
 * The fault that {@link readStrictJson} would report, for text that is known to be JSON.
 * @param options `numbers: false` allows any form of numbers.
 */
export function faultOfText(text: string, { numbers = true } = {}): string | undefined {
  /** The names in the enclosing objects; undefined for arrays. */
  const around: (Set<string> | undefined)[] = [];
  let isName = false;
  for (const token of tokensOf(text)) {
    const names = around.at(-1);
    switch (token[0]) {
      case '{':
      case '[':
        around.push(token === '{' ? new Set() : undefined);
        if (around.length > DEEPEST) return TOO_DEEP;
        isName = token === '{';
        break;
      case '}':
      case ']':
        around.pop();
        isName = false;
        break;
      case ',':
        isName = names !== undefined;
        break;
      case '"': {
        const said = JSON.parse(token) as string;
        if (LONE_SURROGATE.test(said)) return HALF;
        if (isName && names !== undefined) {
          if (said === '__proto__') return PROTOTYPE;
          if (names.has(said)) return 'a name stands twice in it';
          names.add(said);
        }
        isName = false;
        break;
      }
      case 't':
      case 'f':
      case 'n':
        break;
      default:
        if (numbers && JSON.stringify(Number(token)) !== token) return NUMBER;
    }
  }
  return undefined;
}

/** The faults of {@link readStrictJson} that can still be seen in a value that was already parsed. */
export function faultOfValue(value: unknown): string | undefined {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value: here, depth } = next;
    if (typeof here === 'number' && (!Number.isFinite(here) || Object.is(here, -0))) return NUMBER;
    if (typeof here === 'string' && LONE_SURROGATE.test(here)) return HALF;
    if (typeof here !== 'object' || here === null) continue;
    if (depth >= DEEPEST) return TOO_DEEP;
    if (Object.hasOwn(here, '__proto__')) return PROTOTYPE;
    for (const [name, member] of Object.entries(here)) {
      if (LONE_SURROGATE.test(name)) return HALF;
      open.push({ value: member, depth: depth + 1 });
    }
  }
  return undefined;
}
