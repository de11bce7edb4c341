/**
 * JSON that means one thing only. A signature covers values, people and programs read text: where the text could be read in two ways, what is
 * shown may differ from what was signed.
 */

import { LONE_SURROGATE } from './canonical.js';

/** Nothing of ours is nested as deep. */
const DEEPEST = 64;
/** Tokens of text that is JSON, of a string its first quote; what lies between them is white space. */
const TOKEN = /["{}[\],]|-?\d[\d.eE+-]*|true|false|null/g;

const TOO_DEEP = 'it is nested too deep';
const PROTOTYPE = 'a name in it is __proto__';
const HALF = 'a text in it has half a character';
const NUMBER = 'a number in it is not written in the one form that RFC 8785 has for it';

/** A value, and why its text is not to be trusted, if so. */
export interface StrictJson {
  readonly value: unknown;
  /** Half a sentence for people: `a name stands twice in it`. Nothing of the text is repeated. */
  readonly fault?: string;
}

/**
 * Reads JSON, and says what of it could be read in another way (RFC 7493, RFC 8785): a name that stands twice in an object or is `__proto__`,
 * a number in another form than the one that its value has (`1e400`, `-0`, `1.0`, more digits than a double holds), half a surrogate pair,
 * more than 64 levels.
 * @returns undefined for what is no JSON at all.
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

/** Of text that is JSON. Strings are not left to a regular expression: it overflows where they are long. */
function* tokensOf(text: string): Generator<string> {
  const next = new RegExp(TOKEN);
  for (let found = next.exec(text); found !== null; found = next.exec(text)) {
    if (found[0] === '"') {
      next.lastIndex = endOfString(text, found.index);
      yield text.slice(found.index, next.lastIndex);
    } else yield found[0];
  }
}

/** Where a string ends that begins at `start`: behind the quote that no backslash stands before. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/**
 * As {@link readStrictJson}, of text that is JSON.
 * @param options `numbers: false` lets people write numbers as they like.
 */
export function faultOfText(text: string, { numbers = true } = {}): string | undefined {
  /** The names of the objects around, undefined for arrays. */
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

/** As {@link readStrictJson}, of a value that was read already: what can still be seen in it. */
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
